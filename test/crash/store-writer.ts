// A process made to be killed: enqueues and settles messages as fast as it can, and says on its standard output what was
// acknowledged, each line written before it goes on (to a file: a pipe would be full at times), on a disk that may be slow.
// Run by store-crash.test.ts.
import { writeSync } from 'node:fs';
import { createMessageIds } from '#mail/message-id.ts';
import { openStore } from '#store/open-store.ts';
import { createStoreSeams } from '#store/store-seams.ts';
import { finished, newMessage, settlement, testMessage, waiting } from '../support/stored-mail.ts';

const [directory = '', seed = '0', delay = '0'] = process.argv.slice(2);
const seams = createStoreSeams();
seams.delayCommits(Number(delay));
const onFailure = (error: Error): never => {
  throw error;
};
const { store } = await openStore({ directory, onFailure }, seams);
const nextId = createMessageIds(Number(seed) % 16, Date.now);
const say = (line: string): void => void writeSync(1, `${line}\n`);

async function carryMail(lane: number): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    const id = nextId();
    const large = turn % 10 === 9;
    const bytes = Buffer.alloc(large ? 150_000 : 2000 + ((turn * 997) % 30_000), id % 251);
    const message = testMessage({ id, size: bytes.length });
    say(`try ${id}`);
    await store.enqueue(newMessage(message, { content: { kind: 'memory', bytes } }));
    say(`${large ? 'large' : 'kept'} ${id}`);
    const fate = (turn + lane) % 3;
    if (fate === 0) continue;
    say(`settling ${id}`);
    const ends = fate === 1 ? { finished: [finished(0)] } : { waiting: [waiting(0, { due: 1 })] };
    await store.settle(settlement(id, ends));
    say(`${fate === 1 ? 'ended' : 'waits'} ${id}`);
  }
}

process.send?.('ready');
await Promise.all(Array.from({ length: 12 }, (_each, lane) => carryMail(lane)));
