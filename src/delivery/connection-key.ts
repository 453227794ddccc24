// Which connections a message may share: those to the same next hop, with the same hosts, protection and credential.
// A changed connector has another key, so that nothing travels over what its old settings opened. Pure; keys are made
// once for a Route, as routing gives the same object for the same way until something changes.
import { nextHopKey, type Route } from '#routing/route.ts';

interface Keys {
  readonly plain: string;
  /** For messages with REQUIRETLS: their connections show more. */
  readonly requireTls: string;
}

const keysOf = new WeakMap<Route, Keys>();

export function connectionKey(route: Route, requireTls: boolean): string {
  let keys = keysOf.get(route);
  if (keys === undefined) {
    const plain = makeKey(route);
    keys = { plain, requireTls: `${plain} REQUIRETLS` };
    keysOf.set(route, keys);
  }
  return requireTls ? keys.requireTls : keys.plain;
}

function makeKey(route: Route): string {
  const { nextHop, tlsLevel, tlsDomain, ruleRequiresTls, hasCredential, mtaStsMode, smtpDaneMode } = route;
  const place = nextHop.kind === 'mx' ? [mtaStsMode, smtpDaneMode] : nextHop.hosts;
  return JSON.stringify([nextHopKey(route), tlsLevel, tlsDomain, ruleRequiresTls, hasCredential, place]);
}
