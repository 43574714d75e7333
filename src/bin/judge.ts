import { parentPort, workerData } from 'node:worker_threads';
import { judgeSource } from '../judge-source.ts';

void judgeSource(workerData).then((judgement) => parentPort?.postMessage(judgement));
