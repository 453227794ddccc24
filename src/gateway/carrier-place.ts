// Where mail is carried: in a thread of its own, or in the main thread where memory is dearer than what cmdlets and mail
// cost each other. Either way the carrier and the main thread talk over a port, in data only.
import { MessageChannel, Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts';

export interface CarrierPlace {
  tell(message: ToWorker): void;
  onMessage(listener: (message: FromWorker) => void): void;
  /** Why it ended; after an order to stop it doesn't matter. */
  readonly ended: Promise<string>;
}

/** What a message leaves behind is short-lived: three times as much room for it doubles the memory and wins nothing (measured). */
const LIMITS = { maxYoungGenerationSizeMb: 16 };

export function openThread(start: WorkerStart): CarrierPlace {
  const { storePorts, network } = start;
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: start,
    // As top -H shows it.
    name: `carrier ${start.index}`,
    resourceLimits: LIMITS,
    transferList: [storePorts.writer, storePorts.reader, network.crls, network.mtaSts],
  });
  let reason = 'it ended without a word';
  worker.on('error', (error) => {
    reason = describe(error);
  });
  return {
    tell: (message) => worker.postMessage(message),
    onMessage: (listener) => void worker.on('message', listener),
    ended: new Promise((resolve) => worker.once('exit', () => resolve(reason))),
  };
}

/** A bug in it, once it has started, is one of the main thread, and ends the daemon in Node.js' own words. */
export function openHere(start: WorkerStart): CarrierPlace {
  const { port1: here, port2: carrier } = new MessageChannel();
  let reason = 'it has stopped';
  import('./carrier.ts')
    .then(({ startCarrier }) => startCarrier(start, carrier))
    .catch((error: unknown) => {
      reason = describe(error);
      carrier.close();
    });
  return {
    tell: (message) => here.postMessage(message),
    onMessage: (listener) => void here.on('message', listener),
    // What the carrier said before it closed its end has been heard by then.
    ended: new Promise((resolve) => here.once('close', () => resolve(reason))),
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
