// What carries mail: listens, takes messages in, routes and delivers them. Told by the main thread what changes
// (worker-messages.ts), built from its parts in build-carrier.ts. Runs in a thread of its own, or in the main thread
// (carrier-place.ts).
import { flushCompileCache } from 'node:module';
import type { MessagePort } from 'node:worker_threads';
import type { Claim } from '#store/store.ts';
import { type Carrier, buildCarrier, type Tell } from './build-carrier.ts';
import type { ToWorker, WorkerStart } from './worker-messages.ts';

const REPORT_MILLISECONDS = 1_000;

/** Closes the port when it has stopped, as it was told to. */
export function startCarrier(start: WorkerStart, main: MessagePort): void {
  const tell: Tell = (message) => main.postMessage(message);
  const carrier = buildCarrier(start, tell);
  const reporting = setInterval(() => report(carrier, tell), REPORT_MILLISECONDS);
  const stop = async (milliseconds: number): Promise<void> => {
    try {
      await finish(carrier, milliseconds);
      clearInterval(reporting);
      report(carrier, tell);
      await carrier.store.close();
    } finally {
      main.close();
    }
  };
  main.on('message', (message: ToWorker) => {
    if (message.kind === 'stop') void stop(message.milliseconds);
    else obey(carrier, message, tell);
  });
  carrier.listen().then(
    (endpoints) => {
      tell({ kind: 'listening', endpoints });
      flushCompileCache();
    },
    (error: unknown) =>
      tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
}

/** What was counted since the last time. */
function report({ counters, outward }: Carrier, tell: Tell): void {
  const deltas = counters.drain();
  if (deltas.length > 0) tell({ kind: 'counted', deltas });
  const reports = outward.takeTlsReports();
  if (reports.length > 0) tell({ kind: 'tls-counted', reports });
}

function obey(carrier: Carrier, message: Exclude<ToWorker, { kind: 'stop' }>, tell: Tell): void {
  const { live, dispatcher, inward, outward, feed } = carrier;
  switch (message.kind) {
    case 'configuration':
      live.change(message.change);
      dispatcher.reconfigure();
      inward.reconfigure();
      return;
    case 'claims':
      for (const claim of message.claims)
        dispatcher.take(claim).catch((error: unknown) => claimFailed(carrier, claim, error));
      return;
    case 'next-hop':
      dispatcher.learned(message.state);
      if (message.answer !== undefined) tell({ kind: 'heard', answer: message.answer });
      return;
    case 'pressure':
      return inward.setPressure(message.reason);
    case 'watch':
      return feed.watch(message.on);
    case 'reload-certificates':
      inward.reloadCertificates();
      return outward.reloadCertificates();
  }
}

/** Takes nothing new and lets what runs end; what hasn't ended at the deadline waits for the next start. */
async function finish({ inward, dispatcher, outward }: Carrier, milliseconds: number): Promise<void> {
  const deadline = Date.now() + milliseconds;
  const left = (): number => Math.max(0, deadline - Date.now());
  await inward.stop(milliseconds / 2);
  await dispatcher.stop(left());
  // A host that is silent keeps its delivery open.
  await Promise.race([outward.close(), new Promise((resolve) => setTimeout(resolve, left()))]);
}

/** The store didn't give it out: it stays in hand until the next start unless it is given back. */
function claimFailed({ store, settled, log }: Carrier, claim: Claim, error: unknown): void {
  log('a claimed message could not be read; it waits again', error);
  void store
    .settle({
      messageId: claim.messageId,
      finished: [],
      waiting: claim.recipients,
      events: [],
      newMessages: [],
    })
    .catch((second: unknown) => log('a claim could not be given back', second));
  settled(claim.recipients[0]?.queue ?? '', Math.max(1, claim.recipients.length));
}
