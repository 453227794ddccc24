// Hands mail in as somebody else: from any address (over XCLIENT), under TLS, with a client certificate, with a password.
// Says what the gateway answered at each step, and which inbound connector it took the message to come over.
import type { Gateway } from './gateway.ts';
import { testMessage } from './send-mail.ts';
import { type Dialogue, openDialogue } from './smtp-dialogue.ts';

export interface Arrival {
  /** The address that the gateway shall take it to come from; the gateway needs `--xclient-from 127.0.0.1`. */
  readonly as?: string;
  readonly tls?: boolean;
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** User and password for AUTH PLAIN. */
  readonly login?: readonly [user: string, password: string];
  /** Default: anna@contoso.test; `''`: the null sender. */
  readonly from?: string;
  readonly to: readonly string[];
  readonly content?: string;
}

export interface Answered {
  /** The refusal, or the reply to the content. */
  readonly reply: string;
  /** The command that got it: MAIL, RCPT, DATA or AUTH. */
  readonly at: string;
  /** The message's identity; empty where it was refused. */
  readonly id: string;
}

export async function handIn(gateway: Gateway, arrival: Arrival): Promise<Answered> {
  const dialogue = openDialogue(gateway.smtp.port);
  try {
    await dialogue.hear();
    await prepare(dialogue, arrival);
    if (arrival.login !== undefined) {
      const initial = Buffer.from(`\0${arrival.login.join('\0')}`).toString('base64');
      const reply = (await dialogue.ask(`AUTH PLAIN ${initial}`)) ?? 'closed';
      if (!reply.startsWith('2')) return { reply, at: 'AUTH', id: '' };
    }
    const commands = [
      `MAIL FROM:<${arrival.from ?? 'anna@contoso.test'}>`,
      ...arrival.to.map((one) => `RCPT TO:<${one}>`),
      'DATA',
    ];
    for (const command of commands) {
      const reply = (await dialogue.ask(command)) ?? 'closed';
      if (!/^[23]/.test(reply)) return { reply, at: command.slice(0, 4), id: '' };
    }
    const content = arrival.content ?? testMessage('Test');
    dialogue.say(Buffer.from(`${content.replaceAll(/^\./gm, '..')}.\r\n`, 'latin1'));
    const reply = (await dialogue.hear()) ?? 'closed';
    return { reply, at: 'DATA', id: reply.startsWith('250') ? (reply.split(' ').at(-1) ?? '') : '' };
  } finally {
    dialogue.end();
  }
}

async function prepare(dialogue: Dialogue, { as, tls, certificate }: Arrival): Promise<void> {
  await dialogue.ask('EHLO client.test');
  if (tls === true || certificate !== undefined) {
    await dialogue.ask('STARTTLS');
    await dialogue.secure(certificate ?? {});
    await dialogue.ask('EHLO client.test');
  }
  if (as === undefined) return;
  const reply = await dialogue.ask(`XCLIENT ADDR=${as}`);
  if (!reply?.startsWith('220')) throw new Error(`XCLIENT: ${reply}`);
  await dialogue.ask('EHLO client.test');
}

/** The `Receive` event of the message, in words. */
export async function howReceived(gateway: Gateway, id: string): Promise<string> {
  const { objects } = await gateway.runUntil(
    'Get-MessageTraceDetailV2',
    { MessageTraceId: id, Event: ['Receive'] },
    (found) => found.objects.length > 0,
  );
  const detail = objects[0]?.get('Detail');
  return typeof detail === 'string' ? detail : '';
}
