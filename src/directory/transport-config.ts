// How the gateway as a whole delivers: one object (delivery.md, Failures). Names as Exchange's transport service has
// them. Times are kept in milliseconds and sizes in octets.
import { byteSize, timeSpan } from '#parameters/quantity-types.ts';
import { booleanType, enumeration, textLike, wholeNumber } from '#parameters/scalar-types.ts';
import { invalidValue } from '#parameters/parameter-type.ts';
import type { TransportConfig } from './configuration.ts';
import type { ObjectDeclaration, ValuesOf } from './declared-object.ts';
import type { DirectoryObject } from './object-table.ts';
import { listProperty, nullableProperty, property } from './property-declaration.ts';
import { objectNameType, smtpAddressType } from './property-types.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MEBIBYTE = 2 ** 20;

/** routing.md: the NAMEs of `X-MS-Exchange-Organization-NAME` that may cross premises. */
export const CROSS_PREMISES_NAMES: readonly string[] = [
  'AuthAs',
  'AuthMechanism',
  'AuthSource',
  'TransportTrafficType',
  'TransportTrafficSubType',
  'SCL',
  'MessageSource',
  'BCC',
  'OriginalClientIPAddress',
  'Antispam-ScanContext',
  'Processed-By-Journaling',
  'Mapi-Admin-Submission',
  'Disclaimer-Hash',
];

/** The rest of a header field's name, RFC 5322 §2.2. */
const headerNamePartType = textLike(
  'String',
  (text) => {
    if (!/^[!-9;-~]{1,60}$/.test(text)) {
      throw invalidValue(
        `"${text.slice(0, 80)}" can't be part of a header's name. Use printable ASCII without colons.`,
      );
    }
    return text;
  },
  (text) => text,
);

const properties = {
  MessageRetryInterval: property(timeSpan(SECOND, DAY), MINUTE, {
    takenBy: 'Set',
    help: 'How long a message that could not be delivered waits before the second attempt. Later waits grow up to MaxMessageRetryInterval.',
  }),
  MaxMessageRetryInterval: property(timeSpan(SECOND, 7 * DAY), HOUR, {
    takenBy: 'Set',
    help: 'The longest wait between two attempts.',
  }),
  MessageExpirationTimeout: property(timeSpan(5 * SECOND, 90 * DAY), DAY, {
    takenBy: 'Set',
    help: 'How long a message is tried before it is given up and reported to its sender.',
  }),
  DelayNotificationTimeout: property(timeSpan(SECOND, 30 * DAY), 4 * HOUR, {
    takenBy: 'Set',
    help: 'After what time in the queue a sender is told, once, that the message is late.',
  }),
  MaxSendSize: property(byteSize(1024, 2047 * MEBIBYTE), 150 * MEBIBYTE, {
    takenBy: 'Set',
    help: 'The largest message that is taken in.',
  }),
  MaxHopCount: property(wholeNumber(5, 1000), 20, {
    takenBy: 'Set',
    help: 'How many Received fields a message may have. More means that it is going in circles, and it fails with 5.4.14.',
  }),
  DefaultRouteEnabled: property(booleanType, true, {
    takenBy: 'Set',
    help: "Whether recipients that no connector matches go to their domain's MX. With $false they fail with 5.4.4.",
  }),
  RevocationFailureAction: property(enumeration('RevocationFailureAction', ['Defer', 'Allow']), 'Defer', {
    takenBy: 'Set',
    help: "What happens when a certificate's revocation list can't be had: Defer holds the mail back, Allow sends it with a warning in the trace.",
  }),
  TlsReportingEnabled: property(booleanType, false, {
    takenBy: 'Set',
    help: 'Whether TLS sessions with mail exchangers are counted, and each domain that asks for TLS reports (RFC 8460, a TXT record at _smtp._tls.domain) gets one a day, by mail or HTTPS.',
  }),
  TlsReportContact: nullableProperty(smtpAddressType, {
    takenBy: 'Set',
    help: 'The address that TLS reports come from and name as their contact. $null: postmaster of the default accepted domain.',
  }),
  MaxOutboundConnectionsPerNextHop: property(wholeNumber(1, 1000), 20, {
    takenBy: 'Set',
    help: 'How many connections to one next hop may be open at the same time.',
  }),
  MaxMessagesPerConnection: property(wholeNumber(1, 100_000), 100, {
    takenBy: 'Set',
    help: 'After how many messages a connection is closed and a new one made.',
  }),
  MessageRatePerNextHop: property(wholeNumber(0, 1_000_000), 0, {
    takenBy: 'Set',
    help: 'How many messages a second go to one next hop at most. 0: no limit.',
  }),
  MessageTraceRetention: property(timeSpan(HOUR, 3660 * DAY), 90 * DAY, {
    takenBy: 'Set',
    help: 'How long the message trace is kept.',
  }),
  CrossPremisesHeaderNames: listProperty(headerNamePartType, (name) => name.toLowerCase(), {
    initial: CROSS_PREMISES_NAMES,
    takenBy: 'Set',
    help: 'The NAMEs of X-MS-Exchange-Organization-NAME headers that are carried to and from hybrid partners as X-MS-Exchange-CrossPremises-NAME.',
  }),
} as const;

export type TransportConfigProperties = typeof properties;
export type TransportConfigValues = ValuesOf<TransportConfigProperties>;
export type TransportConfigObject = DirectoryObject<TransportConfigProperties>;

export const transportConfigObject: ObjectDeclaration<TransportConfigProperties> = {
  kind: 'TransportConfig',
  noun: 'transport configuration',
  objectClass: 'msExchTransportSettings',
  container: 'CN=Global Settings',
  nameType: objectNameType,
  properties,
};

export function toTransportConfig({ values }: TransportConfigObject): TransportConfig {
  const { Name: _name, ...settings } = values;
  return settings;
}
