// Who may hand mail in: one line a case. What it names is the connector that the message is taken to come over, whether
// it came from on-premises, and how far it may go; or the reply.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InboundConnector } from '#directory/configuration.ts';
import { inboundConnector, pattern } from '../../test/support/configurations.ts';
import { createInboundTrust, type InboundPeer } from './inbound-trust.ts';

const local = inboundConnector({
  Name: 'Local submission',
  ConnectorType: 'OnPremises',
  SenderIPAddresses: ['127.0.0.1', '::1'],
});

interface Case {
  readonly connectors: readonly InboundConnector[];
  readonly from?: string | null;
  readonly address?: string;
  readonly certificate?: readonly string[];
  readonly tls?: boolean;
  readonly user?: string;
}

function decide({
  connectors,
  from = 'contoso.com',
  address = '127.0.0.1',
  certificate,
  tls,
  user,
}: Case): string {
  const peer: InboundPeer = {
    remoteAddress: address,
    tls: tls ?? certificate !== undefined,
    certificateNames: certificate ?? [],
  };
  const decision = createInboundTrust(connectors)
    .session(peer)
    .decide(from, user ?? null);
  if (!decision.ok) return `${decision.reply.code} ${decision.reply.enhanced}`;
  const side = decision.fromOnPremises ? ' on-premises' : '';
  return `${decision.connector?.Name ?? 'nobody'}${side} ${decision.relay}${decision.trustsHeaders ? ' trusted' : ''}`;
}

const premises = (given: Parameters<typeof inboundConnector>[0]): InboundConnector =>
  inboundConnector({ ConnectorType: 'OnPremises', ...given });

test('a fresh installation: the machine itself, and nobody else', () => {
  assert.equal(decide({ connectors: [local] }), 'Local submission on-premises Anywhere');
  assert.equal(decide({ connectors: [local], address: '::1' }), 'Local submission on-premises Anywhere');
  assert.equal(
    decide({ connectors: [local], address: '::ffff:127.0.0.1' }),
    'Local submission on-premises Anywhere',
  );
  assert.equal(decide({ connectors: [local], from: null }), 'Local submission on-premises Anywhere');
  assert.equal(decide({ connectors: [local], address: '192.0.2.1' }), 'nobody Nowhere');
  assert.equal(decide({ connectors: [] }), 'nobody Nowhere');
  assert.equal(decide({ connectors: [{ ...local, Enabled: false }] }), 'nobody Nowhere');
  assert.equal(decide({ connectors: [local], address: 'not an address' }), 'nobody Nowhere');
});

test('an authenticated user relays, wherever from', () => {
  assert.equal(decide({ connectors: [], address: '192.0.2.1', user: 'ada' }), 'nobody Anywhere');
});

test('by range and network', () => {
  const connectors = [
    premises({ Name: 'Net', SenderIPAddresses: ['10.0.0.0/8', '192.0.2.5-192.0.2.9', '2001:db8::/32'] }),
  ];
  assert.equal(decide({ connectors, address: '10.200.3.4' }), 'Net on-premises Anywhere');
  assert.equal(decide({ connectors, address: '192.0.2.9' }), 'Net on-premises Anywhere');
  assert.equal(decide({ connectors, address: '192.0.2.10' }), 'nobody Nowhere');
  assert.equal(decide({ connectors, address: '2001:db8:1::1' }), 'Net on-premises Anywhere');
});

test('by the name in a verified certificate', () => {
  const connectors = [premises({ Name: 'Cert', TlsSenderCertificateName: pattern('*.contoso.com') })];
  const address = '192.0.2.1';
  assert.equal(
    decide({ connectors, address, certificate: ['mail.contoso.com'] }),
    'Cert on-premises Anywhere',
  );
  assert.equal(
    decide({ connectors, address, certificate: ['x.test', 'contoso.com'] }),
    'Cert on-premises Anywhere',
  );
  assert.equal(decide({ connectors, address, certificate: ['*.contoso.com'] }), 'Cert on-premises Anywhere');
  assert.equal(decide({ connectors, address, certificate: ['mail.fabrikam.com'] }), 'nobody Nowhere');
  assert.equal(decide({ connectors, address, tls: true }), 'nobody Nowhere');
  // Names count only with the session that showed them.
  assert.equal(
    decide({ connectors, address, tls: false, certificate: ['mail.contoso.com'] }),
    'nobody Nowhere',
  );
  const exact = [premises({ Name: 'Exact', TlsSenderCertificateName: pattern('mail.contoso.com') })];
  assert.equal(
    decide({ connectors: exact, address, certificate: ['*.contoso.com'] }),
    'Exact on-premises Anywhere',
  );
  assert.equal(decide({ connectors: exact, address, certificate: ['*.com'] }), 'nobody Nowhere');
  assert.equal(decide({ connectors: exact, address, certificate: ['contoso.com'] }), 'nobody Nowhere');
});

test('an OnPremises connector without address or certificate knows nobody', () => {
  assert.equal(decide({ connectors: [premises({ Name: 'Bare' })] }), 'nobody Nowhere');
});

test('sender domains', () => {
  const connectors = [
    premises({
      Name: 'Some',
      SenderDomains: ['contoso.com', '*.fabrikam.com'],
      SenderIPAddresses: ['127.0.0.1'],
    }),
  ];
  assert.equal(decide({ connectors }), 'Some on-premises Anywhere');
  assert.equal(decide({ connectors, from: 'sub.contoso.com' }), 'nobody Nowhere');
  assert.equal(decide({ connectors, from: 'sub.fabrikam.com' }), 'Some on-premises Anywhere');
  // A bounce names no domain.
  assert.equal(decide({ connectors, from: null }), 'Some on-premises Anywhere');
});

test('TLS that a connector requires', () => {
  const connectors = [premises({ Name: 'Tls', RequireTls: true, SenderIPAddresses: ['127.0.0.1'] })];
  assert.equal(decide({ connectors }), '530 5.7.0');
  assert.equal(decide({ connectors, tls: true }), 'Tls on-premises Anywhere');
  // Equal in all else: the stricter holds.
  assert.equal(decide({ connectors: [local, ...connectors] }), '530 5.7.0');
  assert.equal(decide({ connectors: [local, ...connectors], user: 'ada' }), 'nobody Anywhere');
});

test('partners: known by evidence they relay; by name only they reach the accepted domains', () => {
  const known = [
    inboundConnector({ Name: 'P', SenderDomains: ['partner.test'], SenderIPAddresses: ['192.0.2.1'] }),
  ];
  const address = '192.0.2.1';
  assert.equal(decide({ connectors: known, from: 'partner.test', address }), 'P Anywhere');
  assert.equal(decide({ connectors: known, from: 'partner.test', address: '192.0.2.2' }), 'nobody Nowhere');
  assert.equal(decide({ connectors: known, from: 'else.test', address }), 'nobody Nowhere');
  const named = [inboundConnector({ Name: 'N', SenderDomains: ['partner.test'] })];
  assert.equal(decide({ connectors: named, from: 'partner.test', address }), 'N AcceptedDomains');
  assert.equal(decide({ connectors: named, from: null, address }), 'nobody Nowhere');
  const secure = [inboundConnector({ Name: 'S', SenderDomains: ['partner.test'], RequireTls: true })];
  assert.equal(decide({ connectors: secure, from: 'partner.test', address }), '530 5.7.0');
  assert.equal(decide({ connectors: secure, from: 'partner.test', address, tls: true }), 'S AcceptedDomains');
});

test('RestrictDomainsToIPAddresses', () => {
  const connectors = [
    inboundConnector({
      Name: 'P',
      SenderDomains: ['partner.test'],
      SenderIPAddresses: ['192.0.2.0/24'],
      RestrictDomainsToIPAddresses: true,
    }),
  ];
  assert.equal(decide({ connectors, from: 'partner.test', address: '192.0.2.1' }), 'P Anywhere');
  assert.equal(decide({ connectors, from: 'partner.test', address: '198.51.100.1' }), '550 5.7.51');
  assert.equal(decide({ connectors, from: 'else.test', address: '198.51.100.1' }), 'nobody Nowhere');
  // Exchange: what our own servers hand in isn't held to it.
  assert.equal(
    decide({ connectors: [local, ...connectors], from: 'partner.test' }),
    'Local submission on-premises Anywhere',
  );
  // Another connector for the same domain may take it.
  const second = inboundConnector({
    Name: 'Q',
    SenderDomains: ['partner.test'],
    SenderIPAddresses: ['198.51.100.1'],
  });
  assert.equal(
    decide({ connectors: [...connectors, second], from: 'partner.test', address: '198.51.100.1' }),
    'Q Anywhere',
  );
  // One that is less specific may not.
  const wide = inboundConnector({ Name: 'W', SenderIPAddresses: ['198.51.100.1'] });
  assert.equal(
    decide({ connectors: [...connectors, wide], from: 'partner.test', address: '198.51.100.1' }),
    '550 5.7.51',
  );
  // Nor one that knows its senders by name only.
  const named = inboundConnector({ Name: 'N', SenderDomains: ['partner.test'] });
  assert.equal(
    decide({ connectors: [...connectors, named], from: 'partner.test', address: '198.51.100.1' }),
    '550 5.7.51',
  );
});

test('RestrictDomainsToCertificate', () => {
  const restricted = inboundConnector({
    Name: 'P',
    SenderDomains: ['partner.test'],
    TlsSenderCertificateName: pattern('mx.partner.test'),
    RestrictDomainsToCertificate: true,
  });
  const connectors = [restricted];
  const address = '192.0.2.1';
  assert.equal(
    decide({ connectors, from: 'partner.test', address, certificate: ['mx.partner.test'] }),
    'P Anywhere',
  );
  assert.equal(
    decide({ connectors, from: 'partner.test', address, certificate: ['evil.test'] }),
    '550 5.7.51',
  );
  assert.equal(decide({ connectors, from: 'partner.test', address }), '550 5.7.51');
  const both = [
    {
      ...restricted,
      SenderIPAddresses: ['192.0.2.1'],
      RestrictDomainsToIPAddresses: true,
    },
  ];
  assert.equal(decide({ connectors: both, from: 'partner.test', address }), '550 5.7.51');
  assert.equal(
    decide({
      connectors: both,
      from: 'partner.test',
      address: '192.0.2.2',
      certificate: ['mx.partner.test'],
    }),
    '550 5.7.51',
  );
  assert.equal(
    decide({ connectors: both, from: 'partner.test', address, certificate: ['mx.partner.test'] }),
    'P Anywhere',
  );
});

test('of several connectors: own before partner, specific before general, narrow before wide, then the name', () => {
  const own = premises({ Name: 'Z own', SenderIPAddresses: ['10.0.0.0/8'], CloudServicesMailEnabled: true });
  const partner = inboundConnector({ Name: 'A partner', SenderIPAddresses: ['10.1.1.1'] });
  assert.equal(
    decide({ connectors: [partner, own], address: '10.1.1.1' }),
    'Z own on-premises Anywhere trusted',
  );
  const specific = premises({
    Name: 'Z specific',
    SenderDomains: ['contoso.com'],
    SenderIPAddresses: ['10.0.0.0/8'],
  });
  assert.equal(
    decide({ connectors: [own, specific], address: '10.1.1.1' }),
    'Z specific on-premises Anywhere',
  );
  const narrow = premises({ Name: 'Zz narrow', SenderIPAddresses: ['10.1.1.0/24'] });
  assert.equal(decide({ connectors: [own, narrow], address: '10.1.1.1' }), 'Zz narrow on-premises Anywhere');
  const certified = premises({ Name: 'Zzz cert', TlsSenderCertificateName: pattern('a.test') });
  assert.equal(
    decide({ connectors: [narrow, certified], address: '10.1.1.1', certificate: ['a.test'] }),
    'Zzz cert on-premises Anywhere',
  );
  const twin = premises({ Name: 'a narrow', SenderIPAddresses: ['10.1.1.0/24'] });
  assert.equal(decide({ connectors: [narrow, twin], address: '10.1.1.1' }), 'a narrow on-premises Anywhere');
});

test("only one's own connectors with CloudServicesMailEnabled are believed about Exchange's headers", () => {
  const cloud = { CloudServicesMailEnabled: true, SenderIPAddresses: ['127.0.0.1'] };
  assert.equal(decide({ connectors: [premises({ Name: 'C', ...cloud })] }), 'C on-premises Anywhere trusted');
  assert.equal(decide({ connectors: [inboundConnector({ Name: 'P', ...cloud })] }), 'P Anywhere');
});

test('ten thousand ranges are a search', () => {
  const connectors = Array.from({ length: 10_000 }, (_, index) =>
    premises({
      Name: `C${index}`,
      SenderIPAddresses: [`10.${index >> 8}.${index & 255}.0/24`, `2001:db8:${index.toString(16)}::/48`],
    }),
  );
  const trust = createInboundTrust(connectors);
  const begun = performance.now();
  for (let index = 0; index < 10_000; index += 1) {
    const remoteAddress =
      index % 2 === 0 ? `10.${index >> 8}.${index & 255}.9` : `2001:db8:${index.toString(16)}::9`;
    const decision = trust
      .session({ remoteAddress, tls: false, certificateNames: [] })
      .decide('contoso.com', null);
    assert.ok(decision.ok && decision.connector?.Name === `C${index}`);
  }
  assert.ok(performance.now() - begun < 2000, `${performance.now() - begun} ms for 10,000 sessions`);
});
