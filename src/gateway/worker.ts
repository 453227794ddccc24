// A thread that carries mail. A bug that ends it ends the daemon: nothing it held is lost.
import { parentPort, workerData } from 'node:worker_threads';
import { startCarrier } from './carrier.ts';

if (parentPort === null) throw new Error('worker.ts runs as a thread of the gateway only.');
parentPort.once('close', () => process.exit(0));
startCarrier(workerData, parentPort);
