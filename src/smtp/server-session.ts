// One session of the server: the order of commands and what each needs, RFC 5321 §4.1.4 and §4.3. Owns the state between
// commands; asks the handler what the protocol leaves open. Never touches a socket: what it says and wants goes through
// its port, and promises that handlers give are waited for there, with all input held back.
import type { Envelope, Recipient } from '#mail/envelope.ts';
import { smtpReply, type SmtpReply } from '#mail/smtp-reply.ts';
import { Authentication } from './authentication.ts';
import { printExtensions } from './ehlo.ts';
import { isReply, parseMail, parseRcpt } from './mail-parameters.ts';
import { refusals, replies } from './refusals.ts';
import { MAX_AUTH_LINE } from './sasl.ts';
import { parseXclient, XCLIENT_KEYWORD } from './xclient.ts';
import type {
  ContentSink,
  Decision,
  MailCommand,
  SessionHandler,
  SmtpSession,
  SmtpTls,
} from './session-handler.ts';

/** What a session can do with its connection. */
export interface SessionPort {
  readonly closed: boolean;
  readonly tlsAvailable: boolean;
  reply(reply: SmtpReply): void;
  /** Holds input back until the promise settles; a failure is reported and answered with 451. */
  hold<T>(promise: Promise<T>, then: (value: T) => void): void;
  receiveContent(sink: ContentSink): void;
  /** Answers and begins the handshake, or refuses because more input came with the command. */
  startTls(): void;
  /** The connection counts for this address from now on; false: that has too many, and the connection is closed. */
  attribute(address: string): boolean;
  /** Closes when what was said is sent, and the client has closed its side. */
  end(): void;
  /** Closes at once where nothing is on its way any more: the client has said its last and waits for that only. */
  hangUp(): void;
}

export interface SessionLimits {
  readonly hostname: string;
  readonly banner: string;
  /** Octets of content, announced with SIZE. */
  readonly maxSize: number;
  readonly maxRecipients: number;
  /** Whether XCLIENT is taken from this address. */
  mayUseXclient(address: string): boolean;
}

/** RFC 5321 §4.5.3.1.4 says 512; extensions add to it, and long addresses and ORCPT need more. */
const MAX_COMMAND_LINE = 2048;
/** Postern, as Postfix: errors of protocol, and commands that lead nowhere, before the session is closed. */
const MAX_ERRORS = 20;
const MAX_IDLE_COMMANDS = 100;
const MAX_REFUSED_RECIPIENTS = 100;
const KNOWN_ELSEWHERE: ReadonlySet<string> = new Set([
  'EXPN',
  'SEND',
  'SOML',
  'SAML',
  'TURN',
  'ETRN',
  'BDAT',
  'ATRN',
]);

/**
 * Postern, as Postfix's smtpd_forbidden_commands: a browser that was lured here would send commands in the body of its
 * request, from an address that may relay.
 */
const OF_HTTP: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'CONNECT',
]);

/** SmtpSession as the engine writes it. */
export type SessionFacts = { -readonly [Key in keyof SmtpSession]: SmtpSession[Key] };

export class ServerSession {
  readonly facts: SessionFacts;
  readonly #port: SessionPort;
  readonly #limits: SessionLimits;
  readonly #handler: SessionHandler;
  readonly #authentication: Authentication;
  /** The address that connected, or that a proxy named: XCLIENT itself gives nobody the right to it. */
  #mayUseXclient = false;
  #mail: MailCommand | null = null;
  #recipients: Recipient[] = [];
  #contentAsked = false;
  #errors = 0;
  #idleCommands = 0;
  #refusedRecipients = 0;

  constructor(port: SessionPort, facts: SessionFacts, limits: SessionLimits, handler: SessionHandler) {
    this.#port = port;
    this.facts = facts;
    this.#limits = limits;
    this.#handler = handler;
    this.#authentication = new Authentication(port, facts, handler, (reply) => this.protocolError(reply));
  }

  /** No transaction is under way, so that closing loses nothing. */
  get idle(): boolean {
    return this.#mail === null;
  }

  get maxLine(): number {
    return this.#authentication.allowed ? MAX_AUTH_LINE : MAX_COMMAND_LINE;
  }

  /** The connection's peer is known now. */
  begin(): void {
    this.#mayUseXclient = this.#limits.mayUseXclient(this.facts.peer.address);
  }

  greet(): void {
    this.#decide(this.#handler.connected?.() ?? null, (refusal) => {
      if (refusal === null || refusal.code < 400)
        return this.#port.reply(refusal ?? smtpReply(220, null, this.#limits.banner));
      this.#port.reply(refusal);
      this.#port.end();
    });
  }

  /** RFC 3207 §4.2: after the handshake the session begins anew. */
  secured(tls: SmtpTls): void {
    this.#giveUp();
    this.facts.tls = tls;
    this.facts.helo = '';
    this.facts.esmtp = false;
    this.facts.user = null;
  }

  closed(): void {
    this.#giveUp();
    this.#handler.closed?.();
  }

  /** Refuses what breaks the protocol; too often, and the session ends. */
  protocolError(reply: SmtpReply): void {
    this.#errors += 1;
    this.#port.reply(reply);
    if (this.#errors >= MAX_ERRORS) this.#tooMany();
  }

  #tooMany(): void {
    this.#port.reply(refusals.tooManyErrors);
    this.#port.end();
  }

  /** One line without its CRLF; printable or not, but without NUL, CR or LF. */
  command(line: string): void {
    if (this.#authentication.underWay) return this.#authentication.answer(line);
    const space = line.indexOf(' ');
    const verb = (space < 0 ? line : line.slice(0, space)).trimEnd().toUpperCase();
    // RFC 5321 §4.1.1: trailing white space is tolerated.
    const argument = space < 0 ? '' : line.slice(space + 1).trimEnd();
    switch (verb) {
      case 'MAIL':
        return this.#onMail(argument);
      case 'RCPT':
        return this.#onRcpt(argument);
      case 'DATA':
        return this.#onData(argument);
      case 'EHLO':
      case 'HELO':
        return this.#onHello(argument, verb === 'EHLO');
      case 'QUIT':
        if (argument !== '') return this.protocolError(refusals.noArguments);
        this.#port.reply(replies.closing);
        return this.#port.hangUp();
      case 'STARTTLS':
        return this.#onStartTls(argument);
      case 'AUTH':
        return this.#onAuth(argument);
      case 'XCLIENT':
        return this.#onXclient(argument);
      default:
        return this.#onIdleCommand(verb, argument);
    }
  }

  /** Commands that lead nowhere; many of them count as errors. */
  #onIdleCommand(verb: string, argument: string): void {
    this.#idleCommands += 1;
    if (this.#idleCommands > MAX_IDLE_COMMANDS) this.#errors += 1;
    if (this.#errors >= MAX_ERRORS) return this.#tooMany();
    switch (verb) {
      case 'NOOP':
        return this.#port.reply(replies.ok);
      case 'RSET':
        if (argument !== '') return this.protocolError(refusals.noArguments);
        this.#giveUp();
        return this.#port.reply(replies.ok);
      case 'VRFY':
        // RFC 5321 §3.5.3: nothing is told about who exists.
        return argument === '' ? this.protocolError(refusals.syntax) : this.#port.reply(replies.cannotVerify);
      case 'HELP':
        return this.#port.reply(replies.help);
      default:
        if (OF_HTTP.has(verb)) {
          this.#port.reply(refusals.otherProtocol);
          return this.#port.end();
        }
        return this.protocolError(
          KNOWN_ELSEWHERE.has(verb) ? refusals.notImplemented : refusals.unknownCommand,
        );
    }
  }

  #onHello(argument: string, esmtp: boolean): void {
    // RFC 5321 §4.1.4: what a client calls itself is no ground to refuse it, as long as it can be printed.
    if (!/^[!-~]{1,255}$/.test(argument)) return this.protocolError(refusals.heloNeedsName);
    this.#giveUp();
    this.facts.helo = argument;
    this.facts.esmtp = esmtp;
    const { hostname, maxSize } = this.#limits;
    if (!esmtp) return this.#port.reply(smtpReply(250, null, hostname));
    const extensions = printExtensions({
      maxSize,
      startTls: this.facts.tls === null && this.#port.tlsAvailable,
      requireTls: this.facts.tls !== null,
      authentication: this.#authentication.allowed,
    });
    const more = this.#mayUseXclient ? [XCLIENT_KEYWORD] : [];
    this.#port.reply(smtpReply(250, null, hostname, ...extensions, ...more));
  }

  #onMail(argument: string): void {
    if (this.facts.helo === '') return this.protocolError(refusals.heloFirst);
    if (this.#mail !== null) return this.protocolError(refusals.nestedMail);
    const command = parseMail(argument, this.facts.tls !== null);
    if (isReply(command)) return this.protocolError(command);
    // RFC 1870 §6.1.
    if (command.size !== null && command.size > this.#limits.maxSize)
      return this.#port.reply(refusals.tooBig);
    this.#decide(this.#handler.mail(command), (decision) => {
      if (decision === null || decision.code < 400) this.#mail = command;
      this.#port.reply(decision ?? replies.senderOk);
    });
  }

  #onRcpt(argument: string): void {
    const mail = this.#mail;
    if (mail === null)
      return this.protocolError(this.facts.helo === '' ? refusals.heloFirst : refusals.mailFirst);
    const recipient = parseRcpt(argument, mail.smtpUtf8, this.#limits.hostname);
    if (isReply(recipient)) return this.protocolError(recipient);
    if (this.#recipients.length >= this.#limits.maxRecipients)
      return this.#port.reply(refusals.tooManyRecipients);
    this.#decide(this.#handler.rcpt(recipient, mail), (decision) => {
      this.#port.reply(decision ?? replies.recipientOk);
      if (decision === null || decision.code < 400) {
        this.#recipients.push(recipient);
        this.#refusedRecipients = 0;
        return;
      }
      this.#refusedRecipients += 1;
      if (this.#refusedRecipients >= MAX_REFUSED_RECIPIENTS) this.#tooMany();
    });
  }

  #onData(argument: string): void {
    if (argument !== '') return this.protocolError(refusals.noArguments);
    const mail = this.#mail;
    if (mail === null)
      return this.protocolError(this.facts.helo === '' ? refusals.heloFirst : refusals.mailFirst);
    if (this.#recipients.length === 0) return this.protocolError(refusals.noRecipients);
    const { returnPath, body, smtpUtf8, requireTls, ret, envid } = mail;
    const envelope: Envelope = {
      returnPath,
      recipients: this.#recipients,
      body,
      smtpUtf8,
      requireTls,
      ret,
      envid,
    };
    // From here on the transaction is the sink's, whatever becomes of it.
    this.#contentAsked = true;
    const answer = this.#handler.data(envelope);
    if (answer instanceof Promise) this.#port.hold(answer, (later) => this.#toSink(later));
    else this.#toSink(answer);
  }

  #toSink(answer: ContentSink | SmtpReply): void {
    if (isReply(answer)) {
      this.#forget();
      return this.#port.reply(answer);
    }
    if (this.#port.closed) return answer.abort();
    this.#port.reply(replies.sendContent);
    this.#port.receiveContent(answer);
  }

  /** The content was answered for: the transaction is over. */
  contentAnswered(reply: SmtpReply): void {
    this.#forget();
    this.#idleCommands = 0;
    if (reply.code < 400) this.#errors = 0;
    this.#port.reply(reply);
  }

  /** The handler threw or its promise was rejected; the command it was asked about gets 451. */
  handlerFailed(): void {
    if (this.#contentAsked) this.#forget();
    this.#port.reply(refusals.localError);
  }

  #onStartTls(argument: string): void {
    if (argument !== '') return this.protocolError(refusals.noArguments);
    if (this.facts.tls !== null) return this.protocolError(refusals.alreadyTls);
    if (!this.#port.tlsAvailable) return this.protocolError(refusals.tlsNotAvailable);
    this.#port.startTls();
  }

  #onAuth(argument: string): void {
    if (!this.#authentication.allowed) return this.protocolError(refusals.notImplemented);
    if (!this.facts.esmtp) return this.protocolError(refusals.heloFirst);
    if (this.facts.user !== null) return this.protocolError(refusals.alreadyAuthenticated);
    // RFC 4954 §4: not during a transaction.
    if (this.#mail !== null) return this.protocolError(refusals.authNotNow);
    this.#authentication.begin(argument);
  }

  /** Postfix's XCLIENT: the session begins anew, as that of the client that is named. */
  #onXclient(argument: string): void {
    if (!this.#mayUseXclient) return this.protocolError(refusals.xclientDenied);
    if (this.#mail !== null) return this.protocolError(refusals.xclientNotNow);
    const said = parseXclient(argument);
    if (said === null) return this.protocolError(refusals.xclientSyntax);
    const { facts } = this;
    if (said.address !== undefined && !this.#port.attribute(said.address)) return;
    this.#forget();
    facts.peer = { address: said.address ?? facts.peer.address, port: said.port ?? facts.peer.port };
    facts.helo = said.helo ?? '';
    facts.esmtp = said.esmtp ?? false;
    // Whoever may speak for clients has checked their users too, if it names one.
    facts.user = said.user ?? null;
    // The certificate is the proxy's and proves nothing about the client.
    if (facts.tls !== null)
      facts.tls = { ...facts.tls, authorized: false, authorizationError: null, peerCertificates: () => [] };
    this.greet();
  }

  #decide(decision: Decision | Promise<Decision>, then: (decision: Decision) => void): void {
    if (decision instanceof Promise) this.#port.hold(decision, then);
    else then(decision);
  }

  #giveUp(): void {
    if (this.#mail !== null && !this.#contentAsked) this.#handler.reset?.();
    this.#forget();
  }

  #forget(): void {
    this.#mail = null;
    this.#recipients = [];
    this.#contentAsked = false;
  }
}
