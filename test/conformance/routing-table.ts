// What routing must answer, as data: configuration, message, expected connector and reason. Sources: routing.md, seed,
// Exchange's documentation. `expected` is `connector reason`, with `MX` for the default route, or how the message ends.
import type { Configuration, RulePredicates } from '#directory/configuration.ts';
import {
  acceptedDomain,
  configuration,
  type GivenMessage,
  type GivenRule,
  outboundConnector,
  TRANSPORT_CONFIG,
  transportRule,
} from '../support/configurations.ts';

export interface RoutingRow {
  readonly about: string;
  readonly configuration: Configuration;
  readonly message: GivenMessage;
  /** Milliseconds since 1970. */
  readonly now?: number;
  /** One for each recipient. */
  readonly expected: readonly string[];
}

type Short = readonly [to: string, expected: string, message?: GivenMessage];

function rows(about: string, given: Partial<Configuration>, short: readonly Short[]): readonly RoutingRow[] {
  const world = configuration(given);
  return short.map(([to, expected, message]) => ({
    about: `${about}: ${to}`,
    configuration: world,
    message: { ...message, to: to.split(' ').map((text) => (text.includes('@') ? text : `user@${text}`)) },
    expected: expected.split(', '),
  }));
}

const fromPremises: GivenMessage = { origin: { fromOnPremises: true, inboundConnector: 'From on-premises' } };
const smartHost = [{ kind: 'name', name: 'relay.test', port: 25 }] as const;

const vector = rows(
  'Exchange: C1 AllAcceptedDomains, C2 contoso.com, C3 *.contoso.com',
  {
    acceptedDomains: ['contoso.com', 'sales.contoso.com', 'fabrikam.com'].map((name) => acceptedDomain(name)),
    outboundConnectors: [
      outboundConnector({ Name: 'C1', ConnectorType: 'OnPremises', AllAcceptedDomains: true }),
      outboundConnector({ Name: 'C2', RecipientDomains: ['contoso.com'] }),
      outboundConnector({ Name: 'C3', RecipientDomains: ['*.contoso.com'] }),
    ],
  },
  [
    ['fabrikam.com', 'C1 AcceptedDomain'],
    ['contoso.com', 'C2 ExactDomain'],
    ['sales.contoso.com', 'C3 Subdomain'],
    ['deep.sales.contoso.com', 'C3 Subdomain'],
    ['other.contoso.com', 'C3 Subdomain'],
    ['sub.fabrikam.com', 'MX DefaultRoute'],
    ['notcontoso.com', 'MX DefaultRoute'],
    ['contoso.com.evil.test', 'MX DefaultRoute'],
    ['com', 'MX DefaultRoute'],
    ['fabrikam.com contoso.com sales.contoso.com', 'C1 AcceptedDomain, C2 ExactDomain, C3 Subdomain'],
  ],
);

const depth = rows(
  'The longest pattern wins, an exact one before all',
  {
    outboundConnectors: [
      outboundConnector({ Name: 'Any', RecipientDomains: ['*'] }),
      outboundConnector({ Name: 'Top', RecipientDomains: ['*.test'] }),
      outboundConnector({ Name: 'One', RecipientDomains: ['*.a.test'] }),
      outboundConnector({ Name: 'Two', RecipientDomains: ['*.b.a.test'] }),
      outboundConnector({ Name: 'Five', RecipientDomains: ['*.e.d.c.b.a.test'] }),
      outboundConnector({ Name: 'Exact', RecipientDomains: ['c.b.a.test', 'x.test'] }),
    ],
  },
  [
    ['a.test', 'One Subdomain'],
    ['b.a.test', 'Two Subdomain'],
    ['c.b.a.test', 'Exact ExactDomain'],
    ['d.c.b.a.test', 'Two Subdomain'],
    ['e.d.c.b.a.test', 'Five Subdomain'],
    ['g.f.e.d.c.b.a.test', 'Five Subdomain'],
    ['x.test', 'Exact ExactDomain'],
    ['y.x.test', 'Top Subdomain'],
    ['test', 'Top Subdomain'],
    ['aa.test', 'Top Subdomain'],
    ['a.test.example', 'Any AnyDomain'],
    ['[192.0.2.1]', 'Any AnyDomain'],
    ['[IPv6:2001:db8::1]', 'Any AnyDomain'],
    ['B.A.TEST', 'Two Subdomain'],
    [`${'a.'.repeat(100)}b.a.test`, 'Two Subdomain'],
    ['a.test b.a.test aa.test y.test', 'One Subdomain, Two Subdomain, Top Subdomain, Top Subdomain'],
  ],
);

const severalPatterns = rows(
  'Several patterns on one connector',
  {
    outboundConnectors: [
      outboundConnector({ Name: 'Wide', RecipientDomains: ['*', 'contoso.com', '*.fabrikam.com'] }),
      outboundConnector({ Name: 'Narrow', RecipientDomains: ['*.contoso.com', 'fabrikam.com'] }),
    ],
  },
  [
    ['contoso.com', 'Wide ExactDomain'],
    ['mail.contoso.com', 'Narrow Subdomain'],
    ['fabrikam.com', 'Narrow ExactDomain'],
    ['mail.fabrikam.com', 'Wide Subdomain'],
    ['example.org', 'Wide AnyDomain'],
  ],
);

const ties = rows(
  'Equal: the name that sorts first',
  {
    acceptedDomains: [acceptedDomain('own.test')],
    outboundConnectors: [
      outboundConnector({ Name: 'beta', RecipientDomains: ['exact.test', '*.sub.test', '*'] }),
      outboundConnector({ Name: 'Alpha', RecipientDomains: ['exact.test', '*.sub.test', '*'] }),
      outboundConnector({ Name: 'Gamma', RecipientDomains: ['exact.test'] }),
      outboundConnector({ Name: 'Own 2', ConnectorType: 'OnPremises', AllAcceptedDomains: true }),
      outboundConnector({ Name: 'own 1', ConnectorType: 'OnPremises', AllAcceptedDomains: true }),
      outboundConnector({ Name: '10', RecipientDomains: ['digits.test'] }),
      outboundConnector({ Name: '9', RecipientDomains: ['digits.test'] }),
      outboundConnector({ Name: 'a', RecipientDomains: ['mixed.test'] }),
      outboundConnector({ Name: 'B', RecipientDomains: ['mixed.test'] }),
      outboundConnector({ Name: 'z', RecipientDomains: ['more.mixed.test'] }),
    ],
  },
  [
    ['exact.test', 'Alpha ExactDomain'],
    ['a.sub.test', 'Alpha Subdomain'],
    ['else.test', 'Alpha AnyDomain'],
    ['own.test', 'own 1 AcceptedDomain'],
    ['digits.test', '10 ExactDomain'],
    ['mixed.test', 'a ExactDomain'],
    ['more.mixed.test', 'z ExactDomain'],
  ],
);

const states = rows(
  'Only enabled connectors that are neither in test mode nor rule-scoped',
  {
    outboundConnectors: [
      outboundConnector({ Name: 'A disabled', Enabled: false, RecipientDomains: ['x.test', '*.y.test'] }),
      outboundConnector({
        Name: 'A testing',
        TestMode: true,
        RecipientDomains: ['x.test', '*.y.test', 't.test'],
      }),
      outboundConnector({
        Name: 'A scoped',
        IsTransportRuleScoped: true,
        RecipientDomains: ['x.test', 's.test'],
      }),
      outboundConnector({ Name: 'B', RecipientDomains: ['x.test', '*.test'] }),
      outboundConnector({
        Name: 'A central disabled',
        Enabled: false,
        ConnectorType: 'OnPremises',
        RouteAllMessagesViaOnPremises: true,
      }),
      outboundConnector({
        Name: 'A central testing',
        TestMode: true,
        ConnectorType: 'OnPremises',
        RouteAllMessagesViaOnPremises: true,
      }),
      outboundConnector({
        Name: 'A central scoped',
        IsTransportRuleScoped: true,
        ConnectorType: 'OnPremises',
        RouteAllMessagesViaOnPremises: true,
      }),
    ],
  },
  [
    ['x.test', 'B ExactDomain'],
    ['a.y.test', 'B Subdomain'],
    ['t.test', 'B Subdomain'],
    ['s.test', 'B Subdomain'],
    ['example.org', 'MX DefaultRoute'],
  ],
);

const centralConnectors = [
  outboundConnector({ Name: 'Central', ConnectorType: 'OnPremises', RouteAllMessagesViaOnPremises: true }),
  outboundConnector({ Name: 'Partner', RecipientDomains: ['partner.test', '*.partner.test'] }),
  outboundConnector({ Name: 'Rest', RecipientDomains: ['*'] }),
];
const central = [
  ...rows('Centralized transport without RecipientDomains', { outboundConnectors: centralConnectors }, [
    ['partner.test', 'Central CentralizedMailTransport'],
    ['a.partner.test', 'Central CentralizedMailTransport'],
    ['example.org', 'Central CentralizedMailTransport'],
    ['[192.0.2.1]', 'Central CentralizedMailTransport'],
    ['partner.test', 'Partner ExactDomain', fromPremises],
    ['a.partner.test', 'Partner Subdomain', fromPremises],
    ['example.org', 'Rest AnyDomain', fromPremises],
    ['example.org partner.test', 'Central CentralizedMailTransport, Central CentralizedMailTransport'],
    ['example.org partner.test', 'Rest AnyDomain, Partner ExactDomain', fromPremises],
  ]),
  ...rows(
    'Centralized transport for some domains',
    {
      acceptedDomains: [acceptedDomain('own.test')],
      outboundConnectors: [
        outboundConnector({
          Name: 'Central sub',
          ConnectorType: 'OnPremises',
          RouteAllMessagesViaOnPremises: true,
          RecipientDomains: ['*.central.test'],
        }),
        outboundConnector({
          Name: 'Central exact',
          ConnectorType: 'OnPremises',
          RouteAllMessagesViaOnPremises: true,
          RecipientDomains: ['x.central.test'],
        }),
        outboundConnector({
          Name: 'Central own',
          ConnectorType: 'OnPremises',
          RouteAllMessagesViaOnPremises: true,
          AllAcceptedDomains: true,
          RecipientDomains: ['extra.test'],
        }),
        outboundConnector({ Name: 'Direct', RecipientDomains: ['y.central.test', 'own.test', 'free.test'] }),
      ],
    },
    [
      ['central.test', 'Central sub CentralizedMailTransport'],
      ['y.central.test', 'Central sub CentralizedMailTransport'],
      ['x.central.test', 'Central exact CentralizedMailTransport'],
      ['own.test', 'Central own CentralizedMailTransport'],
      ['extra.test', 'Central own CentralizedMailTransport'],
      ['free.test', 'Direct ExactDomain'],
      ['example.org', 'MX DefaultRoute'],
      ['y.central.test', 'Direct ExactDomain', fromPremises],
      ['x.central.test', 'MX DefaultRoute', fromPremises],
      ['own.test', 'Direct ExactDomain', fromPremises],
    ],
  ),
  ...rows(
    'Two centralized connectors: the more specific, then the name',
    {
      outboundConnectors: [
        outboundConnector({ Name: 'B', ConnectorType: 'OnPremises', RouteAllMessagesViaOnPremises: true }),
        outboundConnector({
          Name: 'A',
          ConnectorType: 'OnPremises',
          RouteAllMessagesViaOnPremises: true,
          RecipientDomains: ['*'],
        }),
        outboundConnector({
          Name: 'C',
          ConnectorType: 'OnPremises',
          RouteAllMessagesViaOnPremises: true,
          RecipientDomains: ['c.test'],
        }),
      ],
    },
    [
      ['example.org', 'A CentralizedMailTransport'],
      ['c.test', 'C CentralizedMailTransport'],
      ['c.test', 'MX DefaultRoute', fromPremises],
    ],
  ),
];

const accepted = rows(
  'AllAcceptedDomains and RecipientDomains are alternatives; MatchSubDomains counts',
  {
    acceptedDomains: [acceptedDomain('one.test'), acceptedDomain('*.two.test'), acceptedDomain('three.test')],
    outboundConnectors: [
      outboundConnector({
        Name: 'Hybrid',
        ConnectorType: 'OnPremises',
        AllAcceptedDomains: true,
        RecipientDomains: ['partner.test'],
      }),
      outboundConnector({ Name: 'Rest', RecipientDomains: ['*'] }),
      outboundConnector({ Name: 'Three', RecipientDomains: ['*.three.test'] }),
    ],
  },
  [
    ['one.test', 'Hybrid AcceptedDomain'],
    ['sub.one.test', 'Rest AnyDomain'],
    ['two.test', 'Hybrid AcceptedDomain'],
    ['deep.sub.two.test', 'Hybrid AcceptedDomain'],
    ['partner.test', 'Hybrid ExactDomain'],
    ['three.test', 'Three Subdomain'],
    ['example.org', 'Rest AnyDomain'],
    ['one.test', 'Hybrid AcceptedDomain', fromPremises],
  ],
);

const international = rows(
  'International names are compared as A-labels',
  {
    acceptedDomains: [acceptedDomain('straße.test')],
    outboundConnectors: [
      outboundConnector({ Name: 'Books', RecipientDomains: ['bücher.example'] }),
      outboundConnector({ Name: 'Below', RecipientDomains: ['*.bücher.example', '*.例え.テスト'] }),
      outboundConnector({ Name: 'Typed', RecipientDomains: ['XN--BCHER-KVA.test'] }),
      outboundConnector({ Name: 'Own', ConnectorType: 'OnPremises', AllAcceptedDomains: true }),
    ],
  },
  [
    ['bücher.example', 'Books ExactDomain'],
    ['BÜCHER.EXAMPLE', 'Books ExactDomain'],
    ['xn--bcher-kva.example', 'Books ExactDomain'],
    ['mail.bücher.example', 'Below Subdomain'],
    ['größe.bücher.example', 'Below Subdomain'],
    ['例え.テスト', 'Below Subdomain'],
    ['bücher.test', 'Typed ExactDomain'],
    ['bucher.example', 'MX DefaultRoute'],
    ['straße.test', 'Own AcceptedDomain'],
    ['strasse.test', 'MX DefaultRoute'],
  ],
);

const defaultRoute = [
  ...rows('No connector at all', {}, [
    ['example.org', 'MX DefaultRoute'],
    ['[192.0.2.1]', 'MX DefaultRoute'],
  ]),
  ...rows(
    'The default route turned off',
    {
      transportConfig: { ...TRANSPORT_CONFIG, DefaultRouteEnabled: false },
      outboundConnectors: [outboundConnector({ Name: 'Partner', RecipientDomains: ['partner.test'] })],
    },
    [
      ['example.org', 'unroutable 5.4.4'],
      ['partner.test', 'Partner ExactDomain'],
      ['example.org partner.test', 'unroutable 5.4.4, Partner ExactDomain'],
    ],
  ),
];

const scoped = [
  outboundConnector({
    Name: 'First',
    IsTransportRuleScoped: true,
    UseMXRecord: false,
    SmartHosts: smartHost,
  }),
  outboundConnector({ Name: 'Second', IsTransportRuleScoped: true }),
  outboundConnector({ Name: 'Off', IsTransportRuleScoped: true, Enabled: false }),
  outboundConnector({ Name: 'Testing', IsTransportRuleScoped: true, TestMode: true }),
  outboundConnector({ Name: 'Unscoped', RecipientDomains: ['unscoped.test'] }),
  outboundConnector({ Name: 'Central', ConnectorType: 'OnPremises', RouteAllMessagesViaOnPremises: true }),
];

function ruled(
  about: string,
  rules: readonly GivenRule[],
  short: readonly Short[],
  given: Partial<Configuration> = {},
): readonly RoutingRow[] {
  const transportRules = rules.map((rule, index) =>
    transportRule({ Name: `R${index}`, Priority: index, ...rule }),
  );
  return rows(about, { outboundConnectors: scoped, transportRules, ...given }, short);
}

const to = (name: string) => ({ RouteMessageOutboundConnector: name });
const stated = (subject: string): GivenMessage => ({ content: `Subject: ${subject}\r\n\r\n` });

const rules = [
  ...ruled(
    'A rule comes before everything',
    [{ Actions: to('First') }],
    [
      ['example.org', 'First TransportRule'],
      ['unscoped.test', 'First TransportRule'],
      ['example.org', 'First TransportRule', fromPremises],
      ['example.org unscoped.test', 'First TransportRule, First TransportRule'],
    ],
  ),
  ...ruled(
    'A later rule overwrites',
    [{ Actions: to('First') }, { Actions: to('Second') }],
    [['example.org', 'Second TransportRule']],
  ),
  ...ruled(
    'Priority, not the order in the list',
    [
      { Priority: 5, Actions: to('First') },
      { Priority: 1, Actions: to('Second') },
    ],
    [['example.org', 'First TransportRule']],
  ),
  ...ruled(
    'Stop ends the run',
    [{ Actions: to('First'), StopRuleProcessing: true }, { Actions: to('Second') }],
    [['example.org', 'First TransportRule']],
  ),
  ...ruled(
    'Stop ends the run for those who matched',
    [
      { Conditions: { RecipientDomainIs: ['a.test'] }, Actions: to('First'), StopRuleProcessing: true },
      { Actions: to('Second') },
    ],
    [['a.test b.test c.a.test', 'First TransportRule, Second TransportRule, First TransportRule']],
  ),
  ...ruled(
    'A rule that does not match does not stop',
    [
      { Conditions: { SubjectContainsWords: ['secret'] }, Actions: to('First'), StopRuleProcessing: true },
      { Actions: to('Second') },
    ],
    [
      ['example.org', 'Second TransportRule', stated('hello')],
      ['example.org', 'First TransportRule', stated('Secret plan')],
    ],
  ),
  ...ruled(
    'A disabled rule does nothing',
    [{ State: 'Disabled', Actions: to('First') }],
    [
      ['unscoped.test', 'Central CentralizedMailTransport'],
      ['unscoped.test', 'Unscoped ExactDomain', fromPremises],
    ],
  ),
  ...ruled(
    'Audit does nothing',
    [{ Mode: 'Audit', Actions: to('First'), StopRuleProcessing: true }],
    [['example.org', 'Central CentralizedMailTransport']],
  ),
  ...ruled(
    'AuditAndNotify does nothing',
    [{ Mode: 'AuditAndNotify', Actions: { DeleteMessage: true } }],
    [['example.org', 'Central CentralizedMailTransport']],
  ),
  ...ruled(
    'An audited rule does not stop the run',
    [{ Mode: 'Audit', Actions: to('First'), StopRuleProcessing: true }, { Actions: to('Second') }],
    [['example.org', 'Second TransportRule']],
  ),
  ...['Off', 'Testing', 'Unscoped', 'Gone'].flatMap((name) => [
    ...ruled(
      `Ignore: the connector ${name} can't be used`,
      [{ Actions: to(name) }],
      [['example.org', 'Central CentralizedMailTransport']],
    ),
    ...ruled(
      `Defer: the connector ${name} can't be used`,
      [{ Actions: to(name), RuleErrorAction: 'Defer' }],
      [['example.org', 'deferred 4.3.5']],
    ),
  ]),
  ...ruled(
    'An unusable connector leaves what an earlier rule chose',
    [{ Actions: to('First') }, { Actions: to('Off') }],
    [['example.org', 'First TransportRule']],
  ),
  ...ruled(
    'Defer holds back only those who matched',
    [{ Conditions: { SentTo: ['user@a.test'] }, Actions: to('Off'), RuleErrorAction: 'Defer' }],
    [['a.test b.test', 'deferred 4.3.5, Central CentralizedMailTransport']],
  ),
  ...ruled(
    'Fork by domain',
    [
      { Conditions: { RecipientDomainIs: ['a.test'] }, Actions: to('First') },
      { Conditions: { RecipientDomainIs: ['b.test'] }, Actions: to('Second') },
    ],
    [
      ['a.test b.test c.test', 'First TransportRule, Second TransportRule, Central CentralizedMailTransport'],
      ['x.a.test y.b.test', 'First TransportRule, Second TransportRule'],
    ],
  ),
  ...ruled(
    'An exception for a recipient leaves out that recipient only',
    [{ Exceptions: { SentTo: ['user@b.test'] }, Actions: to('First') }],
    [['a.test b.test', 'First TransportRule, Central CentralizedMailTransport']],
  ),
  ...ruled(
    'Conditions are all, values any',
    [
      {
        Conditions: { RecipientDomainIs: ['a.test', 'b.test'], SubjectContainsWords: ['red', 'green'] },
        Actions: to('First'),
      },
    ],
    [
      ['b.test', 'First TransportRule', stated('a green one')],
      ['b.test', 'Central CentralizedMailTransport', stated('a blue one')],
      ['c.test', 'Central CentralizedMailTransport', stated('a red one')],
    ],
  ),
  ...ruled(
    'Any exception excludes',
    [{ Exceptions: { SubjectContainsWords: ['red'], RecipientDomainIs: ['b.test'] }, Actions: to('First') }],
    [
      ['a.test', 'First TransportRule', stated('blue')],
      ['a.test', 'Central CentralizedMailTransport', stated('red')],
      ['b.test', 'Central CentralizedMailTransport', stated('blue')],
    ],
  ),
  ...ruled(
    'Reject',
    [{ Actions: { RejectMessageReasonText: 'No', RejectMessageEnhancedStatusCode: '5.7.900' } }],
    [['example.org', 'rejected 5.7.900']],
  ),
  ...ruled(
    'Reject some',
    [
      {
        Conditions: { SentTo: ['user@a.test'] },
        Actions: { RejectMessageReasonText: 'No', RejectMessageEnhancedStatusCode: '5.7.1' },
      },
      { Actions: to('First') },
    ],
    [['a.test b.test', 'rejected 5.7.1, First TransportRule']],
  ),
  ...ruled(
    'Delete ends the run',
    [{ Actions: { DeleteMessage: true } }, { Actions: to('First') }],
    [['example.org', 'deleted']],
  ),
  ...ruled(
    'Redirect',
    [{ Actions: { RedirectMessageTo: ['boss@contoso.com'] } }],
    [['example.org', 'redirected boss@contoso.com']],
  ),
  ...ruled(
    'What a rule made is not redirected, rejected or deleted again',
    [
      { Actions: { RedirectMessageTo: ['boss@contoso.com'] } },
      { Actions: { RejectMessageEnhancedStatusCode: '5.7.1' } },
      { Actions: { DeleteMessage: true } },
      { Actions: to('Second') },
    ],
    [['example.org', 'Second TransportRule', { forked: true }]],
  ),
  ...ruled(
    'TLS by a rule',
    [{ Actions: { RouteMessageOutboundRequireTls: true } }],
    [['example.org', 'Central CentralizedMailTransport TLS']],
  ),
  ...ruled(
    'TLS by a rule over a connector by a rule',
    [
      { Conditions: { SentTo: ['user@a.test'] }, Actions: { RouteMessageOutboundRequireTls: true } },
      { Actions: to('First') },
    ],
    [['a.test b.test', 'First TransportRule TLS, First TransportRule']],
  ),
  ...ruled(
    'Later rules see the header as earlier ones left it',
    [
      { Actions: { SetHeaderName: 'X-Seen', SetHeaderValue: 'yes indeed' } },
      {
        Conditions: { HeaderContainsMessageHeader: 'x-seen', HeaderContainsWords: ['indeed'] },
        Actions: to('First'),
      },
    ],
    [['example.org', 'First TransportRule', { content: 'X-Seen: no\r\n\r\n' }]],
  ),
  ...ruled(
    'Later rules see the level that earlier ones set',
    [{ Actions: { SetSCL: 6 } }, { Conditions: { SCLOver: 6 }, Actions: to('First') }],
    [['example.org', 'First TransportRule']],
  ),
  ...ruled(
    'Later rules see a field removed',
    [
      { Actions: { RemoveHeader: 'X-SEEN' } },
      {
        Exceptions: { HeaderContainsMessageHeader: 'X-Seen', HeaderContainsWords: ['no'] },
        Actions: to('First'),
      },
    ],
    [['example.org', 'First TransportRule', { content: 'X-Seen: no\r\n\r\n' }]],
  ),
  ...ruled(
    'Later rules see the prefix of the subject',
    [
      { Actions: { PrependSubject: '[External] ' } },
      { Conditions: { SubjectMatchesPatterns: ['^\\[external\\] hi$'] }, Actions: to('First') },
    ],
    [['example.org', 'First TransportRule', stated('Hi')]],
  ),
];

const activation = (
  [
    ['before ActivationDate', { ActivationDate: 1000 }, 999, 'Central CentralizedMailTransport'],
    ['at ActivationDate', { ActivationDate: 1000 }, 1000, 'First TransportRule'],
    ['before ExpiryDate', { ExpiryDate: 2000 }, 1999, 'First TransportRule'],
    ['at ExpiryDate', { ExpiryDate: 2000 }, 2000, 'Central CentralizedMailTransport'],
    ['between both', { ActivationDate: 1000, ExpiryDate: 2000 }, 1500, 'First TransportRule'],
  ] as const
).map(([about, dates, now, expected]) => ({
  about,
  now,
  configuration: configuration({
    outboundConnectors: scoped,
    transportRules: [transportRule({ ...dates, Actions: to('First') })],
  }),
  message: {},
  expected: [expected],
}));

/** A condition, a message that fulfils it, and one that doesn't. Its exception is tried with the same two. */
type ConditionRow = readonly [
  condition: Partial<RulePredicates>,
  yes: GivenMessage,
  no: GivenMessage,
  rule?: GivenRule,
];

const from = (value: string): GivenMessage => ({ content: `From: ${value}\r\n\r\n` });
/** Over an OnPremises inbound connector. */
const inside = (given: GivenMessage): GivenMessage => ({ ...given, origin: { fromOnPremises: true } });
const field = (line: string): GivenMessage => ({ content: `${line}\r\n\r\n` });
const sentTo = (...addresses: string[]): GivenMessage => ({ to: addresses });
const attached = (name: string, size = 30): string =>
  [
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'The caf=C3=A9 opens at top s=',
    'ecret hours',
    '--b',
    'Content-Type: application/octet-stream',
    `Content-Disposition: attachment; filename="${name}"`,
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.alloc(size).toString('base64'),
    '--b--',
    '',
  ].join('\r\n');
const envelope = { SenderAddressLocation: 'Envelope' } as const;
const either = { SenderAddressLocation: 'HeaderOrEnvelope' } as const;

const conditionRows: readonly ConditionRow[] = [
  [{ FromScope: 'InOrganization' }, inside(from('Ada <ada@Contoso.com>')), inside(from('ada@fabrikam.com'))],
  [{ FromScope: 'NotInOrganization' }, inside(from('ada@fabrikam.com')), inside(from('ada@contoso.com'))],
  // Whoever writes our domain into a From field is not one of us by that.
  [{ FromScope: 'InOrganization' }, inside(from('ada@contoso.com')), from('ada@contoso.com')],
  [
    { FromScope: 'InOrganization' },
    { ...from('ada@contoso.com'), origin: { authenticatedUser: 'ada' } },
    { ...from('ada@fabrikam.com'), origin: { authenticatedUser: 'ada' } },
  ],
  [
    { FromScope: 'NotInOrganization' },
    { from: '', content: '\r\n' },
    inside({ from: 'a@contoso.com', content: '\r\n' }),
  ],
  [{ SentToScope: 'InOrganization' }, sentTo('a@contoso.com'), sentTo('a@example.org')],
  [{ SentToScope: 'NotInOrganization' }, sentTo('a@example.org'), sentTo('a@contoso.com')],
  [
    { From: ['ada@contoso.com'] },
    from('"Lovelace, Ada" <ADA@contoso.com>'),
    from('"ada@contoso.com" <x@contoso.com>'),
  ],
  [
    { From: ['ada@contoso.com'] },
    { from: 'ada@contoso.com' },
    { from: 'x@y.test', ...from('ada@contoso.com') },
    envelope,
  ],
  [{ From: ['ada@contoso.com'] }, { from: 'ada@contoso.com', ...from('x@y.test') }, from('x@y.test'), either],
  [{ SentTo: ['ada@contoso.com'] }, sentTo('Ada@CONTOSO.com'), sentTo('bob@contoso.com')],
  [{ FromMemberOf: ['staff'] }, from('ada@contoso.com'), from('eve@contoso.com')],
  [{ FromMemberOf: ['everyone'] }, from('ada@contoso.com'), from('eve@contoso.com')],
  [{ SentToMemberOf: ['staff', 'none'] }, sentTo('bob@fabrikam.com'), sentTo('eve@contoso.com')],
  [{ SenderDomainIs: ['fabrikam.com'] }, from('a@fabrikam.com'), from('a@notfabrikam.com')],
  [{ SenderDomainIs: ['fabrikam.com'] }, from('a@deep.sub.fabrikam.com'), from('a@fabrikam.com.test')],
  [{ RecipientDomainIs: ['fabrikam.com'] }, sentTo('a@sub.fabrikam.com'), sentTo('a@fabrikam.org')],
  [{ RecipientDomainIs: ['xn--bcher-kva.example'] }, sentTo('a@bücher.example'), sentTo('a@bucher.example')],
  [{ FromAddressContainsWords: ['sales', 'hr'] }, from('sales@contoso.com'), from('salesman@contoso.com')],
  [{ FromAddressContainsWords: ['@contoso.com'] }, from('x@contoso.com'), from('x@contoso.community')],
  [{ FromAddressMatchesPatterns: ['^[a-z]{3}@'] }, from('Ada@contoso.com'), from('adam@contoso.com')],
  [{ RecipientAddressContainsWords: ['info'] }, sentTo('info@x.test'), sentTo('information@x.test')],
  [{ RecipientAddressMatchesPatterns: ['\\.gov$'] }, sentTo('a@b.gov'), sentTo('a@b.gov.test')],
  [
    { HeaderContainsMessageHeader: 'X-Tag', HeaderContainsWords: ['blue sky'] },
    field('x-tag: a BLUE\r\n  sky today'),
    field('X-Tag: bluesky'),
  ],
  [
    { HeaderContainsMessageHeader: 'X-Tag', HeaderContainsWords: ['two'] },
    field('X-Tag: one\r\nX-Other: 1\r\nX-TAG: two'),
    field('X-Tag: one\r\nX-Tags: two'),
  ],
  [
    { HeaderMatchesMessageHeader: 'X-Code', HeaderMatchesPatterns: ['^\\d+$', '^none$'] },
    field('X-Code: 42'),
    field('X-Code: 42a'),
  ],
  [
    { SubjectContainsWords: ['café'] },
    stated('=?utf-8?q?Le_caf=C3=A9?='),
    stated('=?utf-8?q?Le_caf=C3=A9teria?='),
  ],
  [{ SubjectContainsWords: ['c++'] }, stated('Learn C++ now'), stated('Learn C now')],
  [
    { SubjectMatchesPatterns: ['\\bord(er|re)\\s+#\\d{4}'] },
    stated('Re: Order #1234'),
    stated('Re: Order #123'),
  ],
  [{ SubjectOrBodyContainsWords: ['secret'] }, { content: attached('a.txt') }, field('Subject: secretary')],
  [{ SubjectOrBodyContainsWords: ['café opens'] }, { content: attached('a.txt') }, field('Subject: café')],
  [{ SubjectOrBodyContainsWords: ['confidential'] }, stated('Confidential!'), { content: attached('a.txt') }],
  [
    { SubjectOrBodyContainsWords: ['confidential'] },
    { content: 'Content-Type: text/html\r\n\r\n<p>con<b>fiden</b>tial</p>' },
    { content: 'Content-Type: text/html\r\n\r\n<style>confidential</style><a title="confidential">x</a>' },
  ],
  [{ MessageTypeMatches: 'OOF' }, field('Auto-Submitted: auto-replied; x=y'), field('Auto-Submitted: no')],
  [{ MessageTypeMatches: 'AutoForward' }, field('Autoforwarded: TRUE'), field('Autoforwarded: false')],
  [
    { MessageTypeMatches: 'Encrypted' },
    field('Content-Type: application/pkcs7-mime; smime-type=enveloped-data'),
    field('Content-Type: application/pkcs7-mime; smime-type=signed-data'),
  ],
  [
    { MessageTypeMatches: 'Encrypted' },
    field('Content-Type: multipart/encrypted; boundary=x'),
    field('X: y'),
  ],
  [
    { MessageTypeMatches: 'Signed' },
    field('Content-Type: multipart/signed; boundary=x'),
    field('Content-Type: multipart/mixed; boundary=x'),
  ],
  [
    { MessageTypeMatches: 'Calendaring' },
    field('Content-Type: text/calendar'),
    field('Content-Type: text/plain'),
  ],
  [
    { MessageTypeMatches: 'Calendaring' },
    {
      content:
        'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: Text/Calendar\r\n\r\nx\r\n--b--',
    },
    { content: attached('invite.ics') },
  ],
  [
    { MessageTypeMatches: 'ReadReceipt' },
    field('Content-Type: multipart/report; report-type="disposition-notification"; boundary=b'),
    field('Content-Type: multipart/report; report-type=delivery-status; boundary=b'),
  ],
  [{ MessageSizeOver: 1000 }, { size: 1000 }, { size: 999 }],
  [{ AttachmentSizeOver: 3000 }, { content: attached('a.bin', 3000) }, { content: attached('a.bin', 2999) }],
  [
    { AttachmentExtensionMatchesWords: ['exe', 'js'] },
    { content: attached('run.EXE') },
    { content: attached('run.exe.txt') },
  ],
  [
    { SenderIpRanges: ['10.0.0.0/8', '192.0.2.5-192.0.2.9', '2001:db8::/32'] },
    { origin: { remoteAddress: '::ffff:192.0.2.7' } },
    { origin: { remoteAddress: '192.0.2.10' } },
  ],
  [
    { SenderIpRanges: ['2001:db8::/32', '198.51.100.1'] },
    { origin: { remoteAddress: '2001:db8:ffff::1' } },
    { origin: { remoteAddress: '2001:db9::1' } },
  ],
  [{ WithImportance: 'High' }, field('Importance: high'), field('Importance: Normal\r\nX-Priority: 1')],
  [{ WithImportance: 'Normal' }, field('X: y'), field('X-Priority: 5 (lowest)')],
  [{ WithImportance: 'Low' }, field('Importance: LOW'), field('X: y')],
  [{ SCLOver: 5 }, field('X-MS-Exchange-Organization-SCL: 5'), field('X-MS-Exchange-Organization-SCL: 4')],
  [{ SCLOver: -1 }, field('X-MS-Exchange-Organization-SCL: -1'), field('Subject: never rated')],
];

const groups = [
  {
    Guid: 'staff',
    Name: 'Staff',
    PrimarySmtpAddress: 'staff@contoso.com',
    Members: ['ada@contoso.com', 'bob@fabrikam.com', 'everyone@contoso.com'],
  },
  { Guid: 'none', Name: 'None', PrimarySmtpAddress: 'none@contoso.com', Members: [] },
  {
    Guid: 'everyone',
    Name: 'Everyone',
    PrimarySmtpAddress: 'everyone@contoso.com',
    Members: ['staff@contoso.com'],
  },
];

function conditionCases([condition, yes, no, rule]: ConditionRow): readonly RoutingRow[] {
  const about = JSON.stringify({ ...condition, ...rule });
  const world = (given: GivenRule): Configuration =>
    configuration({
      outboundConnectors: scoped.slice(0, 1),
      acceptedDomains: [acceptedDomain('contoso.com')],
      distributionGroups: groups,
      transportRules: [transportRule({ ...rule, ...given, Actions: to('First') })],
    });
  const [ruledBy, left] = ['First TransportRule', 'MX DefaultRoute'];
  const asCondition = world({ Conditions: condition });
  const asException = world({ Exceptions: condition });
  return [
    { about: `${about} holds`, configuration: asCondition, message: yes, expected: [ruledBy] },
    { about: `${about} doesn't hold`, configuration: asCondition, message: no, expected: [left] },
    { about: `ExceptIf ${about} holds`, configuration: asException, message: yes, expected: [left] },
    { about: `ExceptIf ${about} doesn't hold`, configuration: asException, message: no, expected: [ruledBy] },
  ];
}

export const ROUTING_TABLE: readonly RoutingRow[] = [
  ...vector,
  ...depth,
  ...severalPatterns,
  ...ties,
  ...states,
  ...central,
  ...accepted,
  ...international,
  ...defaultRoute,
  ...rules,
  ...activation,
  ...conditionRows.flatMap(conditionCases),
];
