import { executorMain } from '../executor/executor-main.ts';

void executorMain(process.argv.slice(2));
