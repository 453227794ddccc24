// SIGTERM: sessions are told, deliveries end or wait for the next start, and the daemon is gone in time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway, temporaryDirectory } from '../support/gateway.ts';
import { fakeMx, newConnector, queueIsEmpty, submit, subjectsOf } from '../support/mail-flow.ts';
import { openDialogue } from '../support/smtp-dialogue.ts';

test('stopping with a session open, a delivery that ends in time and one that does not', async (t) => {
  const quick = await fakeMx(t);
  const hole = await fakeMx(t, { behaviour: { content: 'silence' } });
  const data = await temporaryDirectory(t);
  const gateway = await startGateway(t, { data, workers: 2 });
  await newConnector(gateway, 'Quick', ['quick.test'], [quick]);
  await newConnector(gateway, 'Hole', ['hole.test'], [hole]);
  const idle = openDialogue(gateway.smtp.port);
  await idle.hear();
  await idle.ask('EHLO client.test');

  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  quick.behaviour.content = () => held.then(() => null);
  await submit(gateway, { to: ['<ben@quick.test>'], subject: 'Ends in time' });
  await submit(gateway, { to: ['<ben@hole.test>'], subject: 'In the hole' });
  await quick.until(() => quick.commands.some((line) => line.endsWith(' DATA')));
  await hole.until(() => hole.commands.some((line) => line.endsWith(' DATA')));

  const begun = performance.now();
  const stopped = gateway.stop();
  assert.match((await idle.hear()) ?? '', /^421 /);
  letGo();
  assert.equal(await stopped, 0);
  const seconds = (performance.now() - begun) / 1000;
  t.diagnostic(`stopped after ${seconds.toFixed(1)} s`);
  assert.ok(seconds < 10);
  assert.deepEqual(subjectsOf(quick), ['Ends in time']);

  delete hole.behaviour.content;
  const again = await startGateway(t, { data });
  await hole.until(() => subjectsOf(hole).includes('In the hole'));
  await queueIsEmpty(again);
  assert.deepEqual(subjectsOf(quick), ['Ends in time']);
});

test('stopping with nothing to do takes no time', async (t) => {
  const gateway = await startGateway(t);
  const begun = performance.now();
  assert.equal(await gateway.stop(), 0);
  const seconds = (performance.now() - begun) / 1000;
  t.diagnostic(`stopped after ${seconds.toFixed(2)} s`);
  assert.ok(seconds < 5);
});
