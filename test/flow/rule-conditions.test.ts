// Every condition of a transport rule, and the same as an exception, on mail that goes through the gateway: for each there
// is a rule that marks what it acts on, a message that fulfils the condition, and one that doesn't.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '#parameters/value.ts';
import type { FakeMx } from '../support/fake-mx.ts';
import { startGateway } from '../support/gateway.ts';
import { type Arrival, handIn } from '../support/hand-in.ts';
import { fakeMx, newConnector } from '../support/mail-flow.ts';

interface Mail extends Pick<Arrival, 'as' | 'from'> {
  readonly to?: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Row {
  readonly name: string;
  readonly parameters: Readonly<Record<string, Value>>;
  readonly more?: Readonly<Record<string, Value>>;
  readonly hit: Mail;
  readonly miss: Mail;
}

const row = (
  name: string,
  parameters: Row['parameters'],
  hit: Mail,
  miss: Mail,
  more?: Row['more'],
): Row => ({
  name,
  parameters,
  hit,
  miss,
  ...(more && { more }),
});
const From = (address: string): Mail => ({ header: { From: address } });
const Subject = (text: string): Mail => ({ header: { Subject: text } });
const type = (value: string, more: Record<string, string> = {}): Mail => ({
  header: { 'MIME-Version': '1.0', 'Content-Type': value, ...more },
});

function withParts(...parts: readonly string[]): Mail {
  return {
    header: { 'MIME-Version': '1.0', 'Content-Type': 'multipart/mixed; boundary=b' },
    body: `${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--\r\n`,
  };
}

function attachment(fileName: string, octets: number): string {
  const content = Buffer.alloc(octets, 'x').toString('base64').replace(/.{76}/g, '$&\r\n');
  return `Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="${fileName}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${content}`;
}

const HIDDEN = Buffer.from('The word is zebra.').toString('base64');

const ROWS: readonly Row[] = [
  row('FromScope inside', { FromScope: 'InOrganization' }, From('anna@contoso.test'), From('x@outside.test')),
  row(
    'FromScope outside',
    { FromScope: 'NotInOrganization' },
    From('x@outside.test'),
    From('anna@sub.contoso.test'),
  ),
  row(
    'FromScope, pretended',
    { FromScope: 'InOrganization' },
    { to: 'kim@contoso.test', ...From('anna@contoso.test') },
    { to: 'kim@contoso.test', ...From('anna@contoso.test'), as: '203.0.113.9', from: 'x@outside.test' },
  ),
  row('SentToScope', { SentToScope: 'InOrganization' }, { to: 'a@contoso.test' }, { to: 'a@outside.test' }),
  row(
    'From',
    { From: ['chef@contoso.test'] },
    From('"The Chef" <Chef@Contoso.test>'),
    From('chef@outside.test'),
  ),
  row(
    'From in the envelope',
    { From: ['chef@contoso.test'] },
    { from: 'chef@contoso.test', ...From('x@outside.test') },
    { from: 'x@outside.test', ...From('chef@contoso.test') },
    { SenderAddressLocation: 'Envelope' },
  ),
  row('SentTo', { SentTo: ['ceo@outside.test'] }, { to: 'CEO@outside.test' }, { to: 'cfo@outside.test' }),
  row('FromMemberOf', { FromMemberOf: ['Staff'] }, From('kim@contoso.test'), From('lee@contoso.test')),
  row(
    'SentToMemberOf, nested',
    { SentToMemberOf: ['Everybody'] },
    { to: 'kim@contoso.test' },
    { to: 'lee@contoso.test' },
  ),
  row(
    'SenderDomainIs',
    { SenderDomainIs: ['fabrikam.test'] },
    From('a@eu.fabrikam.test'),
    From('a@notfabrikam.test'),
  ),
  row(
    'RecipientDomainIs',
    { RecipientDomainIs: ['münchen.test'] },
    { to: 'a@eu.xn--mnchen-3ya.test' },
    { to: 'a@muenchen.test' },
  ),
  row(
    'FromAddressContainsWords',
    { FromAddressContainsWords: ['news'] },
    From('news@x.test'),
    From('newsletter@x.test'),
  ),
  row(
    'FromAddressMatchesPatterns',
    { FromAddressMatchesPatterns: ['^no-?reply@', 'bot\\d+@'] },
    From('bot77@x.test'),
    From('robot@x.test'),
  ),
  row(
    'RecipientAddressContainsWords',
    { RecipientAddressContainsWords: ['sales'] },
    { to: 'sales.eu@x.test' },
    { to: 'presales@x.test' },
  ),
  row(
    'RecipientAddressMatchesPatterns',
    { RecipientAddressMatchesPatterns: ['^\\d+@fax\\.test$'] },
    { to: '4930@fax.test' },
    { to: '4930x@fax.test' },
  ),
  row(
    'HeaderContains',
    { HeaderContainsMessageHeader: 'X-Class', HeaderContainsWords: ['secret', 'top secret'] },
    { header: { 'x-class': 'Top\r\n\tSecret' } },
    { header: { 'X-Class': 'secretary' } },
  ),
  row(
    'HeaderMatches',
    { HeaderMatchesMessageHeader: 'List-Id', HeaderMatchesPatterns: ['<.*\\.lists\\.test>$'] },
    { header: { 'List-Id': 'People <people.lists.test>' } },
    { header: { 'List-Id': 'People <people.lists.test> (old)' } },
  ),
  row(
    'SubjectContainsWords',
    { SubjectContainsWords: ['größe'] },
    Subject('=?utf-8?q?Die_Gr=C3=B6=C3=9Fe?='),
    Subject('Die Groesse'),
  ),
  row(
    'SubjectMatchesPatterns',
    { SubjectMatchesPatterns: ['^\\[ext\\]'] },
    Subject('[EXT] Hello'),
    Subject('Re: [EXT] Hello'),
  ),
  row(
    'SubjectOrBodyContainsWords, base64',
    { SubjectOrBodyContainsWords: ['zebra'] },
    withParts(`Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n${HIDDEN}`),
    withParts(`Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${HIDDEN}`),
  ),
  row(
    'SubjectOrBodyContainsWords, HTML',
    { SubjectOrBodyContainsWords: ['giraffe'] },
    { ...type('text/html; charset=utf-8'), body: '<p>gir<b>affe</b></p>\r\n' },
    { ...type('text/html; charset=utf-8'), body: '<p title="giraffe">none</p>\r\n' },
  ),
  row(
    'MessageTypeMatches OOF',
    { MessageTypeMatches: 'OOF' },
    { header: { 'Auto-Submitted': 'auto-replied' } },
    { header: { 'Auto-Submitted': 'no' } },
  ),
  row(
    'MessageTypeMatches AutoForward',
    { MessageTypeMatches: 'AutoForward' },
    { header: { Autoforwarded: 'TRUE' } },
    { header: { Autoforwarded: 'false' } },
  ),
  row(
    'MessageTypeMatches Encrypted',
    { MessageTypeMatches: 'Encrypted' },
    type('application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m'),
    type('application/pkcs7-mime; smime-type=signed-data; name=smime.p7m'),
  ),
  row(
    'MessageTypeMatches Signed',
    { MessageTypeMatches: 'Signed' },
    type('multipart/signed; boundary=b'),
    type('multipart/mixed; boundary=b'),
  ),
  row(
    'MessageTypeMatches Calendaring',
    { MessageTypeMatches: 'Calendaring' },
    withParts('Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR'),
    withParts('Content-Type: text/plain\r\n\r\nBEGIN:VCALENDAR'),
  ),
  row(
    'MessageTypeMatches ReadReceipt',
    { MessageTypeMatches: 'ReadReceipt' },
    type('multipart/report; report-type=disposition-notification; boundary=b'),
    type('multipart/report; report-type=delivery-status; boundary=b'),
  ),
  row(
    'MessageSizeOver',
    { MessageSizeOver: '20KB' },
    { body: `${'x'.repeat(70)}\r\n`.repeat(300) },
    { body: 'short\r\n' },
  ),
  row(
    'AttachmentSizeOver',
    { AttachmentSizeOver: '3KB' },
    withParts(attachment('a.bin', 3072)),
    withParts(attachment('a.bin', 3071)),
  ),
  row(
    'AttachmentExtensionMatchesWords',
    { AttachmentExtensionMatchesWords: ['exe', 'js'] },
    withParts(attachment('a.txt', 9), attachment('Setup.EXE', 9)),
    withParts(attachment('a.exe.txt', 9)),
  ),
  row(
    'SenderIpRanges',
    { SenderIpRanges: ['198.51.100.0/25', '192.0.2.1-192.0.2.9'] },
    { as: '192.0.2.9' },
    { as: '192.0.2.10' },
  ),
  row(
    'WithImportance',
    { WithImportance: 'High' },
    { header: { Importance: 'high' } },
    { header: { Importance: 'low' } },
  ),
  row(
    'SCLOver',
    { SCLOver: 5 },
    { header: { 'X-MS-Exchange-CrossPremises-SCL': '6' } },
    { header: { 'X-MS-Exchange-CrossPremises-SCL': '4' } },
  ),
];

function contentOf({ header, body }: Mail, mark: string): string {
  const fields = { From: 'anna@contoso.test', Subject: 'Test', ...header, 'X-Mark': mark };
  const block = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${block.join('')}\r\n${body ?? 'Text\r\n'}`;
}

/** The header of the marked message as it arrived. */
async function arrived(host: FakeMx, mark: string): Promise<string> {
  const find = () => host.transactions.find(({ content }) => content.includes(`X-Mark: ${mark}\r\n`));
  await host.until(() => find() !== undefined);
  const content = find()?.content ?? '';
  return content.slice(0, content.indexOf('\r\n\r\n') + 2);
}

test('the conditions of transport rules', async (t) => {
  const host = await fakeMx(t);
  const gateway = await startGateway(t, { flags: ['--xclient-from', '127.0.0.1'] });
  await newConnector(gateway, 'Out', ['*'], [host]);
  await gateway.run('New-AcceptedDomain', {
    Name: 'contoso.test',
    DomainName: 'contoso.test',
    MatchSubDomains: true,
  });
  await gateway.run('New-DistributionGroup', {
    Name: 'Staff',
    PrimarySmtpAddress: 'staff@contoso.test',
    Members: ['kim@contoso.test'],
  });
  await gateway.run('New-DistributionGroup', { Name: 'Everybody', Members: ['staff@contoso.test'] });
  await gateway.run('New-InboundConnector', {
    Name: 'Own servers',
    ConnectorType: 'OnPremises',
    SenderDomains: ['*'],
    SenderIPAddresses: ['192.0.2.0/24'],
    CloudServicesMailEnabled: true,
  });
  await gateway.run('New-InboundConnector', { Name: 'Internet', SenderDomains: ['*'] });
  for (const [nth, { name, parameters, more }] of ROWS.entries()) {
    const exceptions = Object.entries(parameters).map(([key, value]) => [`ExceptIf${key}`, value] as const);
    await gateway.run('New-TransportRule', {
      Name: `${nth} ${name}`,
      SetHeaderName: `X-Condition-${nth}`,
      SetHeaderValue: 'yes',
      ...parameters,
      ...more,
    });
    await gateway.run('New-TransportRule', {
      Name: `${nth} ${name}, except`,
      SetHeaderName: `X-Exception-${nth}`,
      SetHeaderValue: 'yes',
      ...Object.fromEntries(exceptions),
      ...more,
    });
  }

  for (const [nth, { name, hit, miss }] of ROWS.entries()) {
    await t.test(name, async () => {
      for (const [what, mail] of [
        ['hit', hit],
        ['miss', miss],
      ] as const) {
        const mark = `${nth}-${what}`;
        const { reply } = await handIn(gateway, {
          as: mail.as ?? '192.0.2.100',
          from: mail.from ?? 'anna@contoso.test',
          to: [mail.to ?? 'ben@outside.test'],
          content: contentOf(mail, mark),
        });
        assert.match(reply, /^250 /);
        const header = await arrived(host, mark);
        assert.equal(
          header.includes(`X-Condition-${nth}: yes\r\n`),
          what === 'hit',
          `${what}, as a condition`,
        );
        assert.equal(
          header.includes(`X-Exception-${nth}: yes\r\n`),
          what === 'miss',
          `${what}, as an exception`,
        );
      }
    });
  }
});
