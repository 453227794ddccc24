// One connection to one mail server, from the dial to the point where MAIL may be said: greeting, EHLO, STARTTLS as the
// requirement demands, the verdict on what was seen, AUTH. Owns that order; promises that no message content and no
// password is ever sent before the requirement is met. Never chooses a host.
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Route } from '#routing/route.ts';
import type { ClientAnswer, ClientPhase } from '#smtp/client-answer.ts';
import { SmtpClient } from '#smtp/client.ts';
import type { Credentials } from '#smtp/sasl.ts';
import type { Watch } from '#smtp/watch.ts';
import type { ClientTls } from '#tls/client-tls.ts';
import { gatherEvidence, watchStapledOcsp } from '#tls/evidence.ts';
import type { PeerVerifier } from '#tls/peer-verifier.ts';
import type { RevocationFailureAction, TlsRequirement } from '#tls/requirement.ts';
import type { TrustStore } from '#tls/trust-store.ts';
import type { Pooled } from './connection-pool.ts';
import type { TriedHost } from './delivery.ts';
import type { Dial } from './dialler.ts';
import type { TargetHost } from './target-hosts.ts';
import { allowsClearText } from './tls-requirement.ts';
import { summarizeTls, type TlsSummary } from './tls-summary.ts';
import { toConnectTrouble, type Trouble } from './trouble.ts';

export interface TlsServices {
  readonly trust: TrustStore;
  readonly clientTls: ClientTls;
  readonly verifier: PeerVerifier;
  /** RevocationFailureAction as it is at the moment. */
  readonly revocationFailureAction: () => RevocationFailureAction;
}

export interface ConnectionParts {
  readonly dial: Dial;
  /** Our own name, for EHLO. */
  readonly hostname: string;
  /** The thread's one watch over time limits. */
  readonly watch: Watch;
  readonly tls: TlsServices;
  /** User and password of the connector with this GUID; null: there are none, or they can't be opened. */
  readonly credentials: (connectorGuid: string) => Promise<Credentials | null>;
  /** Other time limits than RFC 5321's, in seconds. */
  readonly seconds?: Partial<Record<ClientPhase, number>>;
  /** Milliseconds for a handshake; default 60,000. */
  readonly handshakeTimeout?: number;
}

export interface ConnectionTarget {
  readonly host: TargetHost;
  readonly address: string;
  readonly route: Route;
  readonly requirement: TlsRequirement;
}

export type OpenResult =
  | { readonly kind: 'open'; readonly connection: Connection }
  | { readonly kind: 'trouble'; readonly trouble: Trouble; readonly host: TriedHost };

/** Never rejects for what a network or a server does. */
export async function openConnection(parts: ConnectionParts, target: ConnectionTarget): Promise<OpenResult> {
  const opened = await new Connection(parts, target).open(true);
  // delivery.md: where nothing forbids it, a failed handshake is tried again in clear text on a new connection.
  if (opened.kind === 'open' || opened.trouble.kind !== 'handshake' || !allowsClearText(target.requirement)) {
    return opened;
  }
  return new Connection(parts, target).open(false);
}

export class Connection implements Pooled {
  transactions = 0;
  whenEnded: (() => void) | null = null;
  readonly #parts: ConnectionParts;
  readonly #target: ConnectionTarget;
  readonly #remoteMta: string | null;
  readonly #remoteAddress: string;
  #client: SmtpClient | null = null;
  #tls: TlsSummary | null = null;

  constructor(parts: ConnectionParts, target: ConnectionTarget) {
    this.#parts = parts;
    this.#target = target;
    const { host, address } = target;
    this.#remoteMta = host.name === address ? null : host.name;
    this.#remoteAddress = address.includes(':') ? `[${address}]:${host.port}` : `${address}:${host.port}`;
  }

  /** The client of an open connection. */
  get client(): SmtpClient {
    if (this.#client === null) throw new TypeError('The connection is not open.');
    return this.#client;
  }

  get usable(): boolean {
    return this.#client?.usable ?? false;
  }

  get offersDsn(): boolean {
    return this.client.capabilities.dsn;
  }

  /** For people: `mx.fabrikam.test (192.0.2.1:25)`. */
  get name(): string {
    return this.#remoteMta === null ? this.#remoteAddress : `${this.#remoteMta} (${this.#remoteAddress})`;
  }

  toTriedHost(): TriedHost {
    return {
      remoteMta: this.#remoteMta,
      remoteAddress: this.#remoteAddress,
      tls: this.#tls,
      earlierMessages: this.transactions,
    };
  }

  quit(): Promise<void> {
    return this.#client?.quit() ?? Promise.resolve();
  }

  /** @param mayUseTls false: STARTTLS isn't said, though it be offered */
  async open(mayUseTls: boolean): Promise<OpenResult> {
    const trouble = await this.#open(mayUseTls);
    if (trouble === null) return { kind: 'open', connection: this };
    // A server that is still there deserves a QUIT, but nobody waits for its answer.
    void this.quit();
    return { kind: 'trouble', trouble, host: this.toTriedHost() };
  }

  async #open(mayUseTls: boolean): Promise<Trouble | null> {
    const client = await this.#dial();
    if (!(client instanceof SmtpClient)) return client;
    const trouble =
      this.#unlessPositive(await client.greeting()) ?? this.#unlessPositive(await client.hello());
    if (trouble !== null) return trouble;
    return (await this.#secure(client, mayUseTls)) ?? (await this.#authenticate(client));
  }

  async #dial(): Promise<SmtpClient | Trouble> {
    const { dial, hostname, watch, seconds } = this.#parts;
    const { address, host } = this.#target;
    try {
      const socket = await dial(address, host.port);
      const client = new SmtpClient(socket, {
        hostname,
        watch,
        ...(seconds === undefined ? {} : { seconds }),
        onClosed: () => this.whenEnded?.(),
      });
      this.#client = client;
      return client;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
      return toConnectTrouble(code, this.name);
    }
  }

  async #secure(client: SmtpClient, mayUseTls: boolean): Promise<Trouble | null> {
    const clearTextIsEnough = allowsClearText(this.#target.requirement);
    if (!mayUseTls && clearTextIsEnough) return null;
    if (!client.capabilities.startTls) {
      if (clearTextIsEnough) return null;
      return {
        kind: 'tls-not-offered',
        detail: `${this.name} does not offer STARTTLS, which this route requires`,
      };
    }
    const answer = await client.startTls();
    const refusal = this.#unlessPositive(answer);
    if (refusal !== null)
      return refusal.kind === 'reply' && clearTextIsEnough && client.usable ? null : refusal;
    const socket = await this.#shakeHands(client);
    if (typeof socket === 'string') {
      client.destroy();
      return { kind: 'handshake', detail: `The TLS handshake with ${this.name} failed: ${socket}` };
    }
    const verdict = await this.#judge(socket.secure, socket.stapled());
    if (verdict !== null) return verdict;
    client.upgrade(socket.secure);
    // RFC 3207 §4.2: what was offered in clear text counts for nothing now.
    return this.#unlessPositive(await client.hello());
  }

  /** The secure socket, or why there is none. */
  #shakeHands(client: SmtpClient): Promise<SecureSocket | string> {
    const { tls, handshakeTimeout = 60_000 } = this.#parts;
    const { requirement, host } = this.#target;
    return new Promise((resolve) => {
      const secure = connectTls({
        ...tls.clientTls.optionsFor(requirement, host.name),
        socket: client.socket,
      });
      const stapled = watchStapledOcsp(secure);
      let error = 'the server closed the connection';
      const finish = (result: SecureSocket | string) => {
        clearTimeout(timer);
        secure.off('close', closed);
        if (typeof result === 'string') secure.destroy();
        resolve(result);
      };
      const closed = () => finish(error);
      const timer = setTimeout(() => finish(`no end within ${handshakeTimeout} ms`), handshakeTimeout);
      secure.on('error', (cause) => {
        error = cause.message;
      });
      secure.once('close', closed);
      secure.once('secureConnect', () => finish({ secure, stapled }));
    });
  }

  /** delivery.md: judged before the first MAIL, and before anything else is said over it. */
  async #judge(secure: TLSSocket, stapled: Uint8Array | null): Promise<Trouble | null> {
    const { trust, verifier, revocationFailureAction } = this.#parts.tls;
    const { requirement, host } = this.#target;
    const evidence = gatherEvidence(secure, requirement, host.name, trust, stapled);
    const answer = verifier.verify(requirement, evidence, revocationFailureAction());
    const verdict = answer instanceof Promise ? await answer : answer;
    this.#tls = summarizeTls(requirement, evidence, verdict);
    return verdict.ok ? null : { kind: 'certificate', reason: verdict.reason, detail: verdict.detail };
  }

  async #authenticate(client: SmtpClient): Promise<Trouble | null> {
    const { route } = this.#target;
    if (!route.hasCredential) return null;
    const credentials = route.connector === null ? null : await this.#parts.credentials(route.connector.guid);
    if (credentials === null) {
      const name = route.connector?.name ?? '';
      return {
        kind: 'no-credential',
        detail: `The credential of connector '${name}' can't be read; set SmartHostCredential again`,
      };
    }
    if (
      this.#tls === null ||
      !client.capabilities.auth.some((word) => word === 'PLAIN' || word === 'LOGIN')
    ) {
      return {
        kind: 'auth-not-offered',
        detail: `${this.name} offers neither AUTH PLAIN nor AUTH LOGIN under TLS, but the connector has a SmartHostCredential`,
      };
    }
    return this.#unlessPositive(await client.authenticate(credentials));
  }

  /** null for a 2xx reply. */
  #unlessPositive(answer: ClientAnswer): Trouble | null {
    if (answer.kind === 'reply' && answer.reply.code >= 200 && answer.reply.code < 300) return null;
    return toTrouble(answer, this.name);
  }
}

interface SecureSocket {
  readonly secure: TLSSocket;
  readonly stapled: () => Uint8Array | null;
}

/** What the client saw as what trouble.ts judges; a reply stays a reply, whatever its code. */
export function toTrouble(answer: ClientAnswer, name: string): Trouble {
  const { phase } = answer;
  const where = phase === 'hello' ? 'ehlo' : phase === 'reset' || phase === 'quit' ? 'mail' : phase;
  if (answer.kind === 'reply') return { kind: 'reply', phase: where, reply: answer.reply };
  const { detail } = answer;
  switch (answer.kind) {
    case 'source':
      return { kind: 'content-unreadable', detail };
    case 'timed-out':
      return { kind: 'timeout', phase: where, detail: `${name} fell silent (${where}): ${detail}` };
    case 'protocol':
      return {
        kind: 'protocol',
        phase: where,
        detail: `${name} doesn't speak SMTP as it must (${where}): ${detail}`,
      };
    default:
      return {
        kind: 'dropped',
        phase: where,
        detail: `The connection to ${name} broke off (${where}): ${detail}`,
      };
  }
}
