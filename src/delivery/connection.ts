// One connection to one mail server, from the dial to the point where MAIL may be said: greeting, EHLO, STARTTLS as the
// requirement demands, the verdict on what was seen, AUTH. Owns that order; promises that no message content and no
// password is ever sent before the requirement is met. Never chooses a host.
import { describeSmtpReply } from '#mail/smtp-reply.ts';
import type { Route } from '#routing/route.ts';
import type { ClientAnswer, ClientPhase } from '#smtp/client-answer.ts';
import { SmtpClient } from '#smtp/client.ts';
import type { Credentials } from '#smtp/sasl.ts';
import type { Watch } from '#smtp/watch.ts';
import type { TlsRequirement } from '#tls/requirement.ts';
import { toTrouble } from './client-trouble.ts';
import type { Pooled } from './connection-pool.ts';
import type { TriedHost } from './delivery.ts';
import type { Dial } from './dialler.ts';
import { shakeHands, type TlsServices } from './handshake.ts';
import type { PolicyEvidence } from './policy-evidence.ts';
import type { TargetHost } from './target-hosts.ts';
import { allowsClearText } from './tls-requirement.ts';
import type { TlsSummary } from './tls-summary.ts';
import { toConnectTrouble, type Trouble } from './trouble.ts';

export interface ConnectionParts {
  readonly dial: Dial;
  /** Our own name, for EHLO. */
  readonly hostname: string;
  /** Whether an address is this machine's own: there another server may have our name. Default: none is. */
  readonly isThisMachine?: (address: string) => boolean;
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

/** What must be behind a connection before MAIL may be said, in this order; not every server asks for every step. */
export type ConnectionStep = 'Connect' | 'EHLO' | 'STARTTLS' | 'Certificate' | 'AUTH';

export interface ConnectionTarget {
  readonly host: TargetHost;
  readonly address: string;
  readonly route: Route;
  readonly requirement: TlsRequirement;
  /** Told of each step as it is done; for inspection only. */
  readonly passed?: (step: ConnectionStep) => void;
  /** What was found out about the host, for the trace. */
  readonly policies?: PolicyEvidence | null;
}

export type OpenResult =
  | { readonly kind: 'open'; readonly connection: Connection }
  | {
      readonly kind: 'trouble';
      readonly trouble: Trouble;
      readonly host: TriedHost;
      /** Ours; null where no connection was had. */
      readonly localAddress: string | null;
    };

/** Never rejects for what a network or a server does. */
export async function openConnection(parts: ConnectionParts, target: ConnectionTarget): Promise<OpenResult> {
  const opened = await new Connection(parts, target, null).open();
  // delivery.md: where nothing forbids it, a failed handshake is tried again in clear text on a new connection.
  if (opened.kind === 'open' || !allowsClearText(target.requirement)) return opened;
  if (!brokeOffAtTls(opened.trouble)) return opened;
  return new Connection(parts, target, opened.trouble.detail).open();
}

/** The handshake failed, or the server ended or lost its words as soon as it heard of STARTTLS. */
function brokeOffAtTls(trouble: Trouble): trouble is Trouble & { readonly detail: string } {
  return (
    trouble.kind === 'handshake' ||
    (trouble.kind !== 'reply' && 'phase' in trouble && trouble.phase === 'starttls')
  );
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
  #clearTextBecause: string | null;
  #localAddress: string | null = null;

  /** @param clearTextBecause why STARTTLS isn't said, though it be offered; null: it is said */
  constructor(parts: ConnectionParts, target: ConnectionTarget, clearTextBecause: string | null) {
    this.#clearTextBecause = clearTextBecause;
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
      clearTextBecause: this.#clearTextBecause,
      earlierMessages: this.transactions,
      policies: this.#target.policies ?? null,
    };
  }

  quit(): Promise<void> {
    return this.#client?.quit() ?? Promise.resolve();
  }

  async open(): Promise<OpenResult> {
    const trouble = await this.#open();
    if (trouble === null) return { kind: 'open', connection: this };
    // A server that is still there deserves a QUIT, but nobody waits for its answer.
    void this.quit();
    return { kind: 'trouble', trouble, host: this.toTriedHost(), localAddress: this.#localAddress };
  }

  async #open(): Promise<Trouble | null> {
    const client = await this.#dial();
    if (!(client instanceof SmtpClient)) return client;
    const { passed } = this.#target;
    const unwelcome = this.#unlessPositive(await client.greeting());
    if (unwelcome !== null) return unwelcome;
    passed?.('Connect');
    const trouble = this.#unlessPositive(await client.hello());
    if (trouble !== null) return trouble;
    const { hostname, isThisMachine } = this.#parts;
    // As Postfix: behind a translated or shared address only its name tells that it is ourselves.
    const hasOurName = client.capabilities.name.toLowerCase() === hostname.toLowerCase();
    if (hasOurName && isThisMachine?.(this.#target.address) !== true) {
      const detail = `${this.name} calls itself ${hostname}, which is this gateway's own name: the message would go in circles`;
      return { kind: 'own-listener', detail };
    }
    passed?.('EHLO');
    return (await this.#secure(client)) ?? (await this.#authenticate(client));
  }

  async #dial(): Promise<SmtpClient | Trouble> {
    const { dial, hostname, watch, seconds } = this.#parts;
    const { address, host } = this.#target;
    try {
      const socket = await dial(address, host.port);
      const client = new SmtpClient(socket, {
        hostname,
        watch,
        // Nobody waits long for a farewell.
        seconds: { quit: 2, ...seconds },
        onClosed: () => this.whenEnded?.(),
      });
      this.#client = client;
      this.#localAddress = socket.localAddress ?? null;
      return client;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
      return toConnectTrouble(code, this.name);
    }
  }

  async #secure(client: SmtpClient): Promise<Trouble | null> {
    const clearTextIsEnough = allowsClearText(this.#target.requirement);
    if (this.#clearTextBecause !== null && clearTextIsEnough) return null;
    if (!client.capabilities.startTls) {
      if (clearTextIsEnough) return null;
      return {
        kind: 'tls-not-offered',
        detail: `${this.name} does not offer STARTTLS, which this route requires`,
      };
    }
    const answer = await client.startTls();
    const refusal = this.#unlessPositive(answer);
    if (refusal !== null) {
      if (refusal.kind !== 'reply' || !clearTextIsEnough || !client.usable) return refusal;
      this.#clearTextBecause = `STARTTLS was refused: ${describeSmtpReply(refusal.reply)}`;
      return null;
    }
    const { tls, handshakeTimeout = 60_000 } = this.#parts;
    const { host, requirement, passed } = this.#target;
    const handshake = await shakeHands(tls, client.socket, host.name, requirement, handshakeTimeout, () =>
      passed?.('STARTTLS'),
    );
    if (handshake.kind === 'failed') {
      client.destroy();
      return { kind: 'handshake', detail: `The TLS handshake with ${this.name} failed: ${handshake.reason}` };
    }
    this.#tls = handshake.summary;
    client.upgrade(handshake.socket);
    // delivery.md: judged before the first MAIL, and before anything else is said over it.
    if (handshake.trouble !== null) return handshake.trouble;
    passed?.('Certificate');
    // RFC 3207 §4.2: what was offered in clear text counts for nothing now.
    return this.#unlessPositive(await client.hello());
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
    const refusal = this.#unlessPositive(await client.authenticate(credentials));
    if (refusal === null) this.#target.passed?.('AUTH');
    return refusal;
  }

  /** null for a 2xx reply. */
  #unlessPositive(answer: ClientAnswer): Trouble | null {
    if (answer.kind === 'reply' && answer.reply.code >= 200 && answer.reply.code < 300) return null;
    return toTrouble(answer, this.name);
  }
}
