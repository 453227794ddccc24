// What a request must be before anybody looks into it: on TLS or from this very machine, meant for this host (against DNS
// rebinding), and not sent by another site's page (against cross-site requests). Pure.
import { isIP } from 'node:net';
import { refusal } from './odata-error.ts';
import type { WireAnswer } from './odata-error.ts';

export interface RequestFacts {
  readonly method: string;
  readonly encrypted: boolean;
  readonly remoteAddress: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly contentType: string | undefined;
}

const LOOPBACK = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|::ffff:127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/;

/** null: fine. `isOwnName` says whether a host name in lower case is one of the gateway's. */
export function guardRequest(facts: RequestFacts, isOwnName: (name: string) => boolean): WireAnswer | null {
  if (!facts.encrypted && !LOOPBACK.test(facts.remoteAddress)) {
    return refusal(
      403,
      'The administrative interface is served over TLS, or without it to this machine alone.',
    );
  }
  const name = hostName(facts.host);
  if (name === null || !(isIP(name) > 0 || name === 'localhost' || isOwnName(name))) {
    return refusal(421, "The Host of the request is none of this gateway's names.");
  }
  const isForeign = facts.origin !== undefined && !isSameHost(facts.origin, facts.host ?? '');
  if (isForeign || facts.fetchSite === 'cross-site' || facts.fetchSite === 'same-site') {
    return refusal(403, 'Pages of other sites may not use the administrative interface.');
  }
  if (facts.method === 'POST' && !/^application\/json\s*(?:;|$)/i.test(facts.contentType ?? '')) {
    return refusal(415, 'The body must be JSON: send Content-Type: application/json.');
  }
  return null;
}

/** Without the port and an IPv6 literal's brackets, in lower case. */
function hostName(host: string | undefined): string | null {
  const match = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9_.-]{1,255}))(?::\d{1,5})?$/i.exec(host ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase().replace(/\.$/, '') ?? null;
}

function isSameHost(origin: string, host: string): boolean {
  return (
    /^https?:\/\//.test(origin) && origin.replace(/^https?:\/\//, '').toLowerCase() === host.toLowerCase()
  );
}
