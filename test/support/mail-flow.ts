// What flow tests say again and again: servers that go with the test, connectors in one line, mail handed in by hand with
// every parameter of the envelope, and reports read back (RFC 3464).
import type { TestContext } from 'node:test';
import { textOf } from '#parameters/parameter-type.ts';
import type { Value } from '#parameters/value.ts';
import { type FakeMx, type FakeMxOptions, startFakeMx } from './fake-mx.ts';
import type { CmdletResult, Gateway } from './gateway.ts';
import { testMessage } from './send-mail.ts';
import { openDialogue } from './smtp-dialogue.ts';
import { startTestDns, type TestDns, type TestName } from './test-dns.ts';

export async function fakeMx(t: TestContext, options: FakeMxOptions = {}): Promise<FakeMx> {
  const host = await startFakeMx(options);
  t.after(() => host.close());
  return host;
}

/** So many hosts on 127.0.0.2, 127.0.0.3, … that share one port: what mail exchangers look like to `--mx-port`. */
export async function fakeExchangers(
  t: TestContext,
  count: number,
  options: FakeMxOptions = {},
): Promise<readonly FakeMx[]> {
  const first = await fakeMx(t, { ...options, address: '127.0.0.2' });
  const others = [];
  for (let nth = 1; nth < count; nth += 1)
    others.push(await fakeMx(t, { ...options, address: `127.0.0.${nth + 2}`, port: first.port }));
  return [first, ...others];
}

export async function testDns(t: TestContext, zones: Record<string, TestName> = {}): Promise<TestDns> {
  const dns = await startTestDns(zones);
  t.after(() => dns.close());
  return dns;
}

/** A connector to smart hosts: fake ones, or as an administrator writes them. */
export function newConnector(
  gateway: Gateway,
  name: string,
  domains: readonly string[],
  hosts: readonly (FakeMx | string)[],
  more: Readonly<Record<string, Value>> = {},
): Promise<CmdletResult> {
  return gateway.run('New-OutboundConnector', {
    Name: name,
    RecipientDomains: domains,
    UseMXRecord: false,
    SmartHosts: hosts.map((host) => (typeof host === 'string' ? host : `${host.address}:${host.port}`)),
    ...more,
  });
}

export interface Submission {
  /** `<anna@contoso.test> RET=HDRS`; default: anna@contoso.test. */
  readonly from?: string;
  /** `<ben@fabrikam.test> NOTIFY=NEVER` */
  readonly to: readonly string[];
  readonly subject?: string;
  readonly content?: string;
}

/** Hands a message in word by word; resolves with the printed identity. Rejects with the first refusal. */
export async function submit(gateway: Gateway, mail: Submission): Promise<string> {
  const dialogue = openDialogue(gateway.smtp.port);
  try {
    await dialogue.hear();
    const expected = async (line: string, code: string) => {
      const reply = await dialogue.ask(line);
      if (!reply?.startsWith(code)) throw new Error(`${line}: ${reply}`);
      return reply;
    };
    await expected('EHLO client.test', '250');
    await expected(`MAIL FROM:${mail.from ?? '<anna@contoso.test>'}`, '250');
    for (const recipient of mail.to) await expected(`RCPT TO:${recipient}`, '250');
    await expected('DATA', '354');
    const content = mail.content ?? testMessage(mail.subject ?? 'Test');
    const reply = await expected(`${content.replaceAll(/^\./gm, '..')}.`, '250');
    return reply.split(' ').at(-1) ?? '';
  } finally {
    dialogue.end();
  }
}

export function subjectsOf(host: FakeMx): readonly string[] {
  return host.transactions.map(({ content }) => /^Subject: (.*)\r$/m.exec(content)?.[1] ?? '');
}

/** Envelope addresses of a transaction, without parameters. */
export function addressesOf(recipients: readonly string[]): readonly string[] {
  return recipients.map((one) => one.split(' ')[0] ?? '');
}

/** Waits until the trace has this state for every recipient (`Delivered`, `Failed`, …). */
export async function traced(gateway: Gateway, id: string, status: string): Promise<CmdletResult> {
  return gateway.runUntil(
    'Get-MessageTraceV2',
    { MessageTraceId: id },
    ({ objects }) => objects.length > 0 && objects.every((one) => one.get('Status') === status),
  );
}

/** Waits until the message was put off, and gives the last error that Get-Message shows. */
export async function deferred(gateway: Gateway, id: string): Promise<string> {
  const { objects } = await gateway.runUntil('Get-Message', { IncludeRecipientInfo: true }, (result) =>
    result.objects.some((one) => one.get('MessageIdentity') === id && one.get('LastError') !== ''),
  );
  return shown(objects.find((one) => one.get('MessageIdentity') === id)?.get('Recipients'));
}

/** A value as text, a list line by line; empty where there is none. */
export function shown(value: Value | undefined): string {
  if (value === undefined || value === null) return '';
  return Array.isArray(value) ? value.map(shown).join('\n') : (textOf(value) ?? '');
}

/** Looks again and again until the condition holds; the test's own time limit ends it. */
export async function eventually(t: TestContext, condition: () => boolean): Promise<void> {
  while (!condition()) {
    t.signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export async function queueIsEmpty(gateway: Gateway): Promise<void> {
  await gateway.runUntil('Get-Queue', {}, ({ objects }) => objects.length === 0);
}

export interface ParsedReport {
  /** Unfolded header fields by lower-case name. */
  readonly header: ReadonlyMap<string, string>;
  readonly text: string;
  readonly perMessage: ReadonlyMap<string, string>;
  readonly perRecipient: readonly ReadonlyMap<string, string>[];
  readonly returnedType: string;
  readonly returned: string;
}

/**
 * Reads a multipart/report as RFC 6522 and RFC 3464 have it; throws where it isn't one. Typed values come without the
 * white space that may follow the type: `rfc822;ben@fabrikam.test`.
 */
export function parseReport(content: string): ParsedReport {
  const { header, body } = splitEntity(content);
  const type = header.get('content-type') ?? '';
  const boundary = /boundary="([^"]+)"/.exec(type)?.[1];
  if (!/^multipart\/report; *report-type=delivery-status;/.test(type) || boundary === undefined)
    throw new Error(`No delivery report: ${type}`);
  const parts = `\r\n${body}`.split(`\r\n--${boundary}`).slice(1);
  const [text, status, returned, end] = parts.map((part) => part.replace(/^\r\n/, ''));
  if (text === undefined || status === undefined || returned === undefined || !end?.startsWith('--'))
    throw new Error('A delivery report has three parts and an end.');
  const groups = splitEntity(status).body.trim().split('\r\n\r\n').map(fieldsOf);
  const original = splitEntity(returned);
  return {
    header,
    text: splitEntity(text).body,
    perMessage: groups[0] ?? new Map(),
    perRecipient: groups.slice(1),
    returnedType: original.header.get('content-type') ?? '',
    returned: original.body,
  };
}

function splitEntity(entity: string): {
  readonly header: ReadonlyMap<string, string>;
  readonly body: string;
} {
  const end = entity.indexOf('\r\n\r\n');
  return { header: fieldsOf(entity.slice(0, end)), body: entity.slice(end + 4) };
}

function fieldsOf(block: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0)
      fields.set(
        line.slice(0, colon).toLowerCase(),
        line
          .slice(colon + 1)
          .trim()
          .replace(/^([\w-]+);\s+/, '$1;'),
      );
  }
  return fields;
}
