import { quietEngine } from '../executor/quiet-engine.ts';

quietEngine();
// Loaded after that, so that all of it is compiled as it says.
void import('../executor/executor-main.ts').then(({ executorMain }) => executorMain(process.argv.slice(2)));
