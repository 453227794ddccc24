// Which connections a message may share: those to the same next hop, with the same hosts, protection and credential.
// A changed connector has another key, so that nothing travels over what its old settings opened. Pure.
import { nextHopKey, type Route } from '#routing/route.ts';
import type { SmartHost } from '#mail/smart-host.ts';

const hostTexts = new WeakMap<readonly SmartHost[], string>();

export function connectionKey(route: Route, requireTls: boolean): string {
  const { nextHop, tlsDomain } = route;
  const domain =
    tlsDomain === null ? '' : tlsDomain.kind === 'any' ? '*' : `${tlsDomain.kind} ${tlsDomain.domain}`;
  const wishes = `${requireTls ? 'R' : ''}${route.ruleRequiresTls ? 'T' : ''}${route.hasCredential ? 'C' : ''}`;
  const hosts =
    nextHop.kind === 'smart-hosts' ? hostsText(nextHop.hosts) : `${route.mtaStsMode} ${route.smtpDaneMode}`;
  return `${nextHopKey(route)}|${route.tlsLevel}|${domain}|${wishes}|${hosts}`;
}

/** The hosts of a connector are one array for as long as it isn't changed. */
function hostsText(hosts: readonly SmartHost[]): string {
  let text = hostTexts.get(hosts);
  if (text === undefined) {
    text = JSON.stringify(hosts);
    hostTexts.set(hosts, text);
  }
  return text;
}
