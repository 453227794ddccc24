// Gives memory back when a thread has done something and then rests: V8 by itself keeps what starting, or a burst of mail,
// has left behind. A collection takes some 50 ms of the thread, so it comes once after each piece of work, never while the
// thread has any.
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const LOOK_MILLISECONDS = 1_000;
/** One quiet second may be a wait in the middle of something. */
const QUIET_LOOKS = 2;
/** Shares of the time between two looks in which the thread ran. */
const WORKS = 0.1;
const RESTS = 0.02;
/** Two collections are at least so far apart, or steady little bursts would each be followed by one. */
const APART_MILLISECONDS = 20_000;

/** More than the default: several rounds, and pages go back to the system. */
const ALL: NodeJS.GCOptions = { type: 'major', execution: 'sync', flavor: 'last-resort' };

export function giveBackWhenIdle(): void {
  let last = performance.eventLoopUtilization();
  let worked = true;
  let quiet = 0;
  let notBefore = 0;
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    if (utilization > WORKS) worked = true;
    quiet = utilization > RESTS ? 0 : quiet + 1;
    if (!worked || quiet < QUIET_LOOKS || performance.now() < notBefore) return;
    worked = !collect();
    notBefore = worked ? 0 : performance.now() + APART_MILLISECONDS;
  }, LOOK_MILLISECONDS).unref();
}

/**
 * V8's flag is on for that instant only: code that was compiled under other flags is compiled again, Node.js' own and
 * ours, so that --expose-gc on the command line costs 0.1 s at each start. The flag is all threads': another may have
 * taken it away again, then false, and nothing was done.
 */
function collect(): boolean {
  setFlagsFromString('--expose-gc');
  const collector: NodeJS.GCFunction | undefined = runInNewContext('globalThis.gc');
  setFlagsFromString('--no-expose-gc');
  collector?.(ALL);
  return collector !== undefined;
}
