// AUTH within a session: RFC 4954 with PLAIN (RFC 4616) and LOGIN. Owns the exchange; the handler says whether user and
// password belong together. Never keeps or prints a password.
import { smtpReply, type SmtpReply } from '#mail/smtp-reply.ts';
import { refusals, replies } from './refusals.ts';
import { parseLogin, parsePlain, type Credentials } from './sasl.ts';
import type { Decision, SessionHandler } from './session-handler.ts';
import type { SessionFacts, SessionPort } from './server-session.ts';

const ASK_PLAIN = smtpReply(334, null, '');
const ASK_USER = smtpReply(334, null, Buffer.from('Username:').toString('base64'));
const ASK_PASSWORD = smtpReply(334, null, Buffer.from('Password:').toString('base64'));
/** Postern: guesses before the session ends. */
const MAX_FAILURES = 3;

type Step = 'none' | 'plain' | 'user' | 'password';

export class Authentication {
  readonly #port: SessionPort;
  readonly #facts: SessionFacts;
  readonly #handler: SessionHandler;
  readonly #refuse: (reply: SmtpReply) => void;
  #step: Step = 'none';
  #userLine = '';
  #failures = 0;

  constructor(
    port: SessionPort,
    facts: SessionFacts,
    handler: SessionHandler,
    refuse: (reply: SmtpReply) => void,
  ) {
    this.#port = port;
    this.#facts = facts;
    this.#handler = handler;
    this.#refuse = refuse;
  }

  get allowed(): boolean {
    return this.#handler.authenticate !== undefined && this.#handler.offersAuthentication?.() === true;
  }

  get underWay(): boolean {
    return this.#step !== 'none';
  }

  /** `argument` is what stands behind `AUTH `: mechanism and perhaps an initial response. */
  begin(argument: string): void {
    const [mechanism = '', initial, ...more] = argument.split(' ');
    if (more.length > 0) return this.#refuse(refusals.syntax);
    // RFC 4954 §4: `=` is an empty initial response.
    const response = initial === '=' ? '' : initial;
    switch (mechanism.toUpperCase()) {
      case 'PLAIN':
        this.#step = 'plain';
        return response === undefined ? this.#port.reply(ASK_PLAIN) : this.answer(response);
      case 'LOGIN':
        this.#step = 'user';
        return response === undefined ? this.#port.reply(ASK_USER) : this.answer(response);
      default:
        return this.#refuse(refusals.mechanismUnknown);
    }
  }

  /** The client's next line. */
  answer(line: string): void {
    const step = this.#step;
    this.#step = 'none';
    if (line === '*') return this.#refuse(refusals.authCancelled);
    if (step === 'user') {
      this.#userLine = line;
      this.#step = 'password';
      return this.#port.reply(ASK_PASSWORD);
    }
    const credentials = step === 'plain' ? parsePlain(line) : parseLogin(this.#userLine, line);
    this.#userLine = '';
    if (credentials === null) return this.#refuse(refusals.authSyntax);
    this.#check(credentials);
  }

  #check({ user, password }: Credentials): void {
    const decision = this.#handler.authenticate?.(user, password) ?? null;
    if (decision instanceof Promise) this.#port.hold(decision, (later) => this.#decided(user, later));
    else this.#decided(user, decision);
  }

  #decided(user: string, decision: Decision): void {
    if (decision === null || decision.code < 400) {
      this.#facts.user = user;
      return this.#port.reply(decision ?? replies.authenticated);
    }
    this.#failures += 1;
    this.#refuse(decision);
    if (this.#failures < MAX_FAILURES) return;
    this.#port.reply(refusals.tooManyErrors);
    this.#port.end();
  }
}
