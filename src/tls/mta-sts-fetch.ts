// Fetches one domain's MTA-STS policy: RFC 8461 §3.3. HTTPS to mta-sts.<domain> only, with a certificate for that name
// that verifies; no redirects; text/plain; bounded in size and time. Never rejects.
import type { GuardedFetch } from './guarded-fetch.ts';
import { parseMtaStsPolicy, type MtaStsPolicy } from './mta-sts-policy.ts';

/** RFC 8460 §4.3.2. */
export type MtaStsFault = 'sts-policy-fetch-error' | 'sts-policy-invalid' | 'sts-webpki-invalid';

export type FetchedPolicy =
  | { readonly ok: true; readonly policy: MtaStsPolicy; readonly text: string }
  | { readonly ok: false; readonly fault: MtaStsFault; readonly detail: string };

export type PolicyFetch = (domain: string) => Promise<FetchedPolicy>;

const MAX_BYTES = 64 * 1024;
/** RFC 8461 §3.3 suggests a minute; mail waits meanwhile (Postern). */
const TIMEOUT = 10_000;

/** `roots`: PEM, as of the trust store at that moment. `port`: 443 but in tests. */
export function createPolicyFetch(
  fetch: GuardedFetch,
  roots: () => readonly string[],
  port = 443,
): PolicyFetch {
  return async (domain) => {
    const place = port === 443 ? '' : `:${port}`;
    const url = `https://mta-sts.${domain}${place}/.well-known/mta-sts.txt`;
    const answer = await fetch(url, {
      maxBytes: MAX_BYTES,
      timeout: TIMEOUT,
      maxRedirects: 0,
      tls: { ca: roots() },
    });
    if (!answer.ok) {
      const fault = answer.reason === 'certificate' ? 'sts-webpki-invalid' : 'sts-policy-fetch-error';
      return { ok: false, fault, detail: answer.detail };
    }
    // RFC 8461 §3.3: 3xx isn't followed, and only 200 is an answer.
    if (answer.status !== 200) return fetchError(`${url} answered with HTTP status ${answer.status}`);
    if (!/^text\/plain(?:[ \t]*;|[ \t]*$)/i.test(answer.contentType))
      return fetchError(`${url} isn't text/plain`);
    const text = answer.body.toString('utf8');
    const parsed = parseMtaStsPolicy(text);
    return parsed.ok
      ? { ok: true, policy: parsed.value, text }
      : {
          ok: false,
          fault: 'sts-policy-invalid',
          detail: `The policy at ${url} can't be used: ${parsed.why}`,
        };
  };
}

function fetchError(detail: string): FetchedPolicy {
  return { ok: false, fault: 'sts-policy-fetch-error', detail };
}
