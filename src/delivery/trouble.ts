// The one place where a failure becomes next host, defer or fail, with an RFC 3463 code and words. Everything else in
// delivery reports facts (a Trouble) and asks here. Pure and table-driven. 4xx defers, 5xx fails, the unknown defers
// (delivery.md); what concerns a host and not the message goes on to the next host first.
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import type { EnhancedStatus } from '#mail/enhanced-status.ts';
import { describeSmtpReply, type SmtpReply } from '#mail/smtp-reply.ts';
import { statusOfReply } from './reply-status.ts';

/** How far a session was when something happened to it. */
export type Phase =
  | 'connect'
  | 'greeting'
  | 'ehlo'
  | 'starttls'
  | 'handshake'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'content'
  /** The final dot was sent, and no answer came: the message may have been taken. */
  | 'final';

export type Trouble =
  /** `smart-host`: the name of a smart host; `domain`: the recipient's; `exchanger`: a host that an MX names. */
  | {
      readonly kind: 'dns';
      readonly of: 'domain' | 'exchanger' | 'smart-host';
      readonly outcome: 'failed' | 'no-domain' | 'no-host' | 'null-mx';
      readonly detail: string;
    }
  | { readonly kind: 'own-listener'; readonly detail: string }
  | {
      readonly kind: 'connect';
      readonly outcome: 'timeout' | 'refused' | 'unreachable';
      readonly detail: string;
    }
  | { readonly kind: 'dropped'; readonly phase: Phase; readonly detail: string }
  | { readonly kind: 'timeout'; readonly phase: Phase; readonly detail: string }
  /** What the server said is no SMTP reply, or none that can be there. */
  | { readonly kind: 'protocol'; readonly phase: Phase; readonly detail: string }
  | { readonly kind: 'reply'; readonly phase: Phase; readonly reply: SmtpReply }
  | { readonly kind: 'tls-not-offered'; readonly detail: string }
  | { readonly kind: 'handshake'; readonly detail: string }
  /** judge() said no. `reason` is Exchange's word, such as SubjectMismatch. */
  | { readonly kind: 'certificate'; readonly reason: string; readonly detail: string }
  /** DANE or MTA-STS keeps this host from being used at all. */
  | { readonly kind: 'policy'; readonly status: EnhancedStatus; readonly detail: string }
  | { readonly kind: 'auth-not-offered'; readonly detail: string }
  | { readonly kind: 'no-credential'; readonly detail: string }
  | { readonly kind: 'too-large'; readonly detail: string }
  | { readonly kind: 'no-8bitmime'; readonly detail: string }
  | { readonly kind: 'no-smtputf8'; readonly detail: string }
  | { readonly kind: 'no-requiretls'; readonly detail: string }
  | { readonly kind: 'content-unreadable'; readonly detail: string }
  | { readonly kind: 'internal'; readonly detail: string };

export interface Verdict {
  /**
   * `next-host`: another host may do better; when none is left, `status` is what the recipients get.
   * `final`: `status` stands, whatever other hosts there are.
   */
  readonly end: 'next-host' | 'final';
  readonly action: 'deferred' | 'failed';
  readonly status: EnhancedStatus;
  readonly diagnostic: string;
  readonly diagnosticType: DeliveryStatus['diagnosticType'];
  /** The host didn't answer as a mail server would: it is to be left alone for a while. */
  readonly hostIsDown: boolean;
}

/** Which server gave the trouble; empty names where none was reached. */
export interface RemoteEnd {
  readonly remoteMta: string | null;
  readonly remoteAddress: string | null;
}

export const NO_REMOTE: RemoteEnd = { remoteMta: null, remoteAddress: null };

/** @param requireTls the message travels with REQUIRETLS */
export function judgeTrouble(trouble: Trouble, requireTls = false): Verdict {
  if (requireTls && leavesUnprotected(trouble)) return { ...judgeTrouble(trouble), ...UNPROTECTED };
  switch (trouble.kind) {
    case 'dns':
      return judgeDns(trouble);
    case 'reply':
      return judgeReply(trouble.phase, trouble.reply);
    case 'connect':
      return nextHost(trouble.outcome === 'timeout' ? '4.4.315' : '4.4.316', trouble.detail, true);
    case 'dropped':
      // After the final dot another host would only make a second copy more likely.
      return trouble.phase === 'final'
        ? final('deferred', '4.4.318', trouble.detail)
        : nextHost(
            trouble.phase === 'starttls' ? '4.4.317' : '4.4.318',
            trouble.detail,
            isBeforeSession(trouble.phase),
          );
    case 'timeout':
      return trouble.phase === 'final'
        ? final('deferred', '4.4.318', trouble.detail)
        : nextHost(
            isBeforeSession(trouble.phase) || trouble.phase === 'starttls' ? '4.4.317' : '4.4.318',
            trouble.detail,
            isBeforeSession(trouble.phase),
          );
    case 'protocol':
      return trouble.phase === 'final'
        ? final('deferred', '4.5.0', trouble.detail)
        : nextHost('4.4.317', trouble.detail, false);
    case 'own-listener':
      return { ...nextHost('5.4.6', trouble.detail, false), action: 'failed' };
    case 'certificate':
      // Exchange's form: the word for programs, then the sentence for people.
      return nextHost(
        '4.7.320',
        `Certificate validation failed [Message=${trouble.reason}]: ${trouble.detail}`,
        false,
      );
    case 'policy':
      return nextHost(trouble.status, trouble.detail, false);
    default:
      return fromTable(trouble.kind, trouble.detail);
  }
}

/** RFC 8689 §4.2.1: no host to be had under TLS ends the message: 5.7.10, encryption needed. */
const UNPROTECTED = { action: 'failed', status: '5.7.10', hostIsDown: false } as const;

/** What may pass by itself (a DNS server, a revocation list out of reach) is waited for all the same. */
function leavesUnprotected(trouble: Trouble): boolean {
  switch (trouble.kind) {
    case 'tls-not-offered':
    case 'handshake':
      return true;
    case 'certificate':
      return trouble.reason !== 'RevocationStatusUnknown';
    case 'policy':
      return trouble.status !== '4.7.324';
    default:
      return 'phase' in trouble && trouble.phase === 'starttls';
  }
}

interface Row {
  readonly end: Verdict['end'];
  readonly action: Verdict['action'];
  readonly status: EnhancedStatus;
}

const TABLE: Readonly<Record<PlainKind, Row>> = {
  // Exchange: 4.4.317, "cannot establish session with remote server": TLS is a must and can't be had.
  'tls-not-offered': { end: 'next-host', action: 'deferred', status: '4.4.317' },
  handshake: { end: 'next-host', action: 'deferred', status: '4.4.317' },
  // RFC 4954 §6: 5.7.8 and its kin; the administrator can mend it, so the mail waits.
  'auth-not-offered': { end: 'next-host', action: 'deferred', status: '4.7.0' },
  'no-credential': { end: 'final', action: 'deferred', status: '4.7.0' },
  // RFC 1870 §6.3
  'too-large': { end: 'next-host', action: 'failed', status: '5.3.4' },
  // RFC 6152 §3: convert or reject; Postern doesn't rewrite content, which would break its signatures.
  'no-8bitmime': { end: 'next-host', action: 'failed', status: '5.6.3' },
  // RFC 6531 §3.5 and §4.2
  'no-smtputf8': { end: 'next-host', action: 'failed', status: '5.6.7' },
  // RFC 8689 §4.2.1 and §6
  'no-requiretls': { end: 'next-host', action: 'failed', status: '5.7.30' },
  'content-unreadable': { end: 'final', action: 'deferred', status: '4.3.0' },
  internal: { end: 'final', action: 'deferred', status: '4.3.0' },
};

type PlainKind =
  | 'tls-not-offered'
  | 'handshake'
  | 'auth-not-offered'
  | 'no-credential'
  | 'too-large'
  | 'no-8bitmime'
  | 'no-smtputf8'
  | 'no-requiretls'
  | 'content-unreadable'
  | 'internal';

function fromTable(kind: PlainKind, detail: string): Verdict {
  return { ...TABLE[kind], diagnostic: detail, diagnosticType: 'x-postern', hostIsDown: false };
}

function judgeDns(trouble: Extract<Trouble, { kind: 'dns' }>): Verdict {
  const { of, outcome, detail } = trouble;
  if (outcome === 'failed') {
    return of === 'domain' ? final('deferred', '4.4.312', detail) : nextHost('4.4.312', detail, false);
  }
  // Postern: a smart host's name that can't be found is the administrator's mistake; the mail waits until it is mended.
  if (of === 'smart-host') return nextHost('4.4.312', detail, false);
  if (of === 'exchanger') return { ...nextHost('5.4.4', detail, false), action: 'failed' };
  switch (outcome) {
    case 'null-mx':
      return final('failed', '5.1.10', detail); // RFC 7505 §4.1
    case 'no-domain':
      return final('failed', '5.1.2', detail);
    default:
      return final('failed', '5.4.4', detail);
  }
}

/** RFC 5321 §4.2.1 and §4.3.2. */
function judgeReply(phase: Phase, reply: SmtpReply): Verdict {
  const diagnostic = describeSmtpReply(reply);
  const permanent = reply.code >= 500 && reply.code < 600;
  if (isBeforeSession(phase)) {
    // A server that greets with 4xx or 5xx takes no mail from anyone just now: others may (RFC 5321 §3.1, 554).
    return { ...nextHost('4.4.317', diagnostic, true), diagnosticType: 'smtp' };
  }
  if (phase === 'starttls') return { ...nextHost('4.4.317', diagnostic, false), diagnosticType: 'smtp' };
  // The administrator can mend a wrong password; the mail waits.
  if (phase === 'auth') return { ...nextHost('4.7.8', diagnostic, false), diagnosticType: 'smtp' };
  const status = statusOfReply(reply, phase === 'rcpt');
  // RFC 5321 §3.8: 421 closes the session, whatever command it answers; before the content another host may take it.
  const end = reply.code === 421 && phase !== 'final' ? 'next-host' : 'final';
  const action = permanent ? 'failed' : 'deferred';
  return { end, action, status, diagnostic, diagnosticType: 'smtp', hostIsDown: false };
}

function isBeforeSession(phase: Phase): boolean {
  return phase === 'connect' || phase === 'greeting' || phase === 'ehlo';
}

function nextHost(status: EnhancedStatus, detail: string, hostIsDown: boolean): Verdict {
  return {
    end: 'next-host',
    action: 'deferred',
    status,
    diagnostic: detail,
    diagnosticType: 'x-postern',
    hostIsDown,
  };
}

function final(action: Verdict['action'], status: EnhancedStatus, detail: string): Verdict {
  return {
    end: 'final',
    action,
    status,
    diagnostic: detail,
    diagnosticType: 'x-postern',
    hostIsDown: false,
  };
}

/** What a recipient gets for this verdict. */
export function toDeliveryStatus(verdict: Verdict, remote: RemoteEnd): DeliveryStatus {
  return {
    action: verdict.action,
    status: verdict.status,
    diagnostic: verdict.diagnostic,
    diagnosticType: verdict.diagnosticType,
    remoteMta: remote.remoteMta,
    remoteAddress: remote.remoteAddress,
  };
}

/**
 * Which of two verdicts tells more when every host has been tried: what may pass comes before what can't (another host
 * may take the mail later), and the later one among equals.
 */
export function worthierVerdict(earlier: Verdict, later: Verdict): Verdict {
  return earlier.action === 'deferred' && later.action === 'failed' ? earlier : later;
}

/** Node's connect error as a Trouble. */
export function toConnectTrouble(code: string | undefined, where: string): Trouble {
  switch (code) {
    case 'ETIMEDOUT':
      return { kind: 'connect', outcome: 'timeout', detail: `Connecting to ${where} timed out` };
    case 'ECONNREFUSED':
      return { kind: 'connect', outcome: 'refused', detail: `${where} refused the connection` };
    case 'ECONNRESET':
      return { kind: 'dropped', phase: 'connect', detail: `${where} closed the connection at once` };
    default:
      return {
        kind: 'connect',
        outcome: 'unreachable',
        detail: `${where} could not be reached (${code ?? 'unknown error'})`,
      };
  }
}
