// Get-OutboundConnectorReport: how the mail of each connector fared in a time, from the message trace. Bounded: the newest
// recipients of the time, and it says so where there were more.
import { outboundConnectorObject } from '#directory/outbound-connector.ts';
import { DateTime } from '#parameters/date-time.ts';
import { dateTimeType } from '#parameters/date-time-type.ts';
import type { TypeView } from '#parameters/metadata.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { PsObject, type Value } from '#parameters/value.ts';
import type { ConnectorTraffic, ProtectionCounts } from '#store/traffic.ts';
import type { TlsLevel } from '#tls/requirement.ts';
import { mistakes } from '../cmdlet-error.ts';
import { findObject } from '../configured-object.ts';
import { type CmdletContext, defineCmdlet } from '../cmdlet.ts';
import { optionalIdentityParameter } from '../object-parameters.ts';
import type { OutboundServices } from '../outbound-route/outbound-services.ts';
import { groupedDigits } from '#parameters/grouped-digits.ts';

const declaration = outboundConnectorObject;
const DAYS = 7;
const DAY = 86_400_000;
const MAX_RECIPIENTS = 1_000_000;
const EVIDENCE_MESSAGES = 500;
/** How the default route is called. */
const DEFAULT_ROUTE = 'MX';

export const outboundConnectorReportViews: readonly TypeView[] = [
  {
    typeName: 'OutboundConnectorReport',
    table: ['ConnectorName', 'Messages', 'Delivered', 'Failed', 'Pending', 'LastUse', 'ProtectionMet'],
  },
  { typeName: 'FailureReason', table: ['Count', 'Reason'] },
];

export const getOutboundConnectorReport = defineCmdlet({
  name: 'Get-OutboundConnectorReport',
  synopsis: 'Shows how the mail of each outbound connector fared.',
  description: `From the message trace, for mail that came in between -StartDate and -EndDate: how many messages went over each connector, how many recipients were delivered, failed or still wait, the average size in octets, the most frequent reasons of failure (of mail that waits, too), when the newest message came in, and whether connections were protected as the connector asks for.\n\nProtection is read from the attempts of the newest ${EVIDENCE_MESSAGES} messages of each connector (SampledMessages): ProtectionMet says that all of what was delivered went over connections that satisfy the connector's TlsSettings of today, ProtectionRefusals counts attempts that were given up because the protection could not be had.\n\nWithout -Identity there is a line for every connector, and one called MX for mail that no connector took. Mail of connectors that are gone is shown under their last name.`,
  parameters: {
    Identity: optionalIdentityParameter(declaration),
    StartDate: parameter(dateTimeType, {
      help: 'The beginning of the time in which the messages came in (UTC).',
      defaultText: `${DAYS} days before EndDate`,
    }),
    EndDate: parameter(dateTimeType, { help: 'The end of that time (UTC).', defaultText: 'now' }),
  },
  outputType: 'OutboundConnectorReport',
  examples: [
    {
      title: 'The last week',
      command: 'Get-OutboundConnectorReport | Sort-Object Failed -Descending',
      description: 'All connectors, those with the most failures first.',
    },
    {
      title: 'Why mail of one connector fails',
      command: 'Get-OutboundConnectorReport Contoso | Select-Object -ExpandProperty TopFailureReasons',
      description: 'The most frequent reasons, with how often they were met.',
    },
  ],
  async run(bound, context: CmdletContext<OutboundServices>) {
    const { directory, mailStore, now } = context.services;
    const to = bound.EndDate ?? now();
    const from = bound.StartDate ?? to - DAYS * DAY;
    if (from > to)
      throw mistakes.invalidArgument('StartDate', 'StartDate is later than EndDate. Exchange the two.');
    const only = bound.Identity === undefined ? null : findObject(directory, declaration, bound.Identity);
    const present = only === null ? directory.list(declaration) : [only];
    const { connectors: traffic, complete } = await mailStore.connectorTraffic({
      from,
      to,
      limit: MAX_RECIPIENTS,
      evidence: EVIDENCE_MESSAGES,
      connectors: present.map(({ guid, values }) => [guid, values.Name] as const),
    });
    if (!complete) {
      context.warning(
        `Only the newest ${groupedDigits(MAX_RECIPIENTS)} recipients of the time were counted. Give a later -StartDate.`,
      );
    }
    const byName = new Map(traffic.map((one) => [one.connector, one]));
    for (const { values } of present) {
      const level = values.TlsSettings ?? 'Opportunistic';
      await context.output(reportObject(values.Name, level, byName.get(values.Name), from, to));
      byName.delete(values.Name);
    }
    if (only !== null) return;
    for (const [name, one] of byName)
      await context.output(reportObject(name ?? DEFAULT_ROUTE, 'Opportunistic', one, from, to));
  },
});

function reportObject(
  name: string,
  level: TlsLevel,
  traffic: ConnectorTraffic | undefined,
  from: number,
  to: number,
): PsObject {
  const { messages = 0, octets = 0, delivered = 0, failed = 0, pending = 0 } = traffic ?? {};
  const protection = traffic?.protection;
  return new PsObject('OutboundConnectorReport', [
    ['ConnectorName', name],
    ['StartDate', DateTime.fromUtcMilliseconds(from)],
    ['EndDate', DateTime.fromUtcMilliseconds(to)],
    ['Messages', messages],
    ['Delivered', delivered],
    ['Failed', failed],
    ['Pending', pending],
    ['AverageSize', messages === 0 ? 0 : Math.round(octets / messages)],
    ['TopFailureReasons', (traffic?.reasons ?? []).map(reasonObject)],
    ['LastUse', traffic === undefined ? null : DateTime.fromUtcMilliseconds(traffic.lastUse)],
    ['TlsSettings', level === 'Opportunistic' ? null : level],
    ['ProtectionMet', protection === undefined ? null : isMet(level, protection)],
    ['DeliveredOverTls', protection === undefined ? 0 : overTls(protection)],
    ['DeliveredInClearText', protection?.delivered.ClearText ?? 0],
    ['ProtectionRefusals', protection?.refused ?? 0],
    ['SampledMessages', protection?.messages ?? 0],
  ]);
}

function reasonObject({ text, count }: { readonly text: string; readonly count: number }): Value {
  return new PsObject('FailureReason', [
    // The shell shows an object within a list by its Identity.
    ['Identity', `${count} x ${text}`],
    ['Count', count],
    ['Reason', text],
  ]);
}

const LEVELS: readonly TlsLevel[] = [
  'Opportunistic',
  'EncryptionOnly',
  'CertificateValidation',
  'DomainValidation',
];

function overTls({ delivered }: ProtectionCounts): number {
  return LEVELS.reduce((sum, level) => sum + delivered[level], 0);
}

/** null: nothing was delivered, so nothing can be said. Any TLS is encryption, whoever asked for it. */
function isMet(wanted: TlsLevel, protection: ProtectionCounts): boolean | null {
  const { delivered } = protection;
  if (overTls(protection) + delivered.ClearText === 0) return null;
  if (wanted === 'Opportunistic') return true;
  if (delivered.ClearText > 0) return false;
  if (wanted === 'EncryptionOnly') return true;
  return LEVELS.slice(0, LEVELS.indexOf(wanted)).every((level) => delivered[level] === 0);
}
