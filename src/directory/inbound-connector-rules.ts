// The rules of inbound connectors: who may hand mail in must be somebody in particular. Pure, as the outbound connectors'.
import { applyChanges, initialValues } from './declared-object.ts';
import { inboundConnectorObject } from './inbound-connector.ts';
import type { InboundConnectorChanges, InboundConnectorValues } from './inbound-connector.ts';
import { ipRangeKey } from './ip-range.ts';
import type { Problem, RuleOutcome } from './rule-outcome.ts';

export interface InboundConnectorChange {
  /** null: New-InboundConnector. */
  readonly before: InboundConnectorValues | null;
  readonly asked: InboundConnectorChanges;
  readonly force: boolean;
  readonly isNameTaken: (name: string) => boolean;
}

export function applyInboundConnectorRules(
  change: InboundConnectorChange,
): RuleOutcome<InboundConnectorValues> {
  const { before, asked, isNameTaken } = change;
  const start = before ?? initialValues(inboundConnectorObject, asked.Name ?? '');
  const { after, warnings } = applyChanges(inboundConnectorObject, start, asked);
  const problems = [
    ...evidenceRule(after),
    ...restrictionRule(after),
    ...trustRule(change, after),
    ...widthRule(change, after),
  ];
  if (asked.Name !== undefined && isNameTaken(asked.Name)) {
    const message = `There is already an inbound connector named "${asked.Name}". Choose another name.`;
    problems.unshift({ parameter: 'Name', message });
  }
  return { after, problems, warnings };
}

/** Postern: a domain alone can be forged, so it never identifies the organization's own servers. */
function evidenceRule(after: InboundConnectorValues): readonly Problem[] {
  if (after.SenderIPAddresses.length > 0 || after.TlsSenderCertificateName !== null) return [];
  if (after.ConnectorType === 'OnPremises') {
    const message =
      'Nothing tells which servers this OnPremises connector is for, and a sender domain alone can be forged. Add -SenderIPAddresses, or -TlsSenderCertificateName.';
    return [{ parameter: 'SenderIPAddresses', message }];
  }
  if (after.SenderDomains.length > 0) return [];
  const message =
    'Nothing tells whom this connector is for. Add -SenderDomains, -SenderIPAddresses or -TlsSenderCertificateName.';
  return [{ parameter: 'SenderDomains', message }];
}

function restrictionRule(after: InboundConnectorValues): readonly Problem[] {
  const problems: Problem[] = [];
  if (after.RestrictDomainsToIPAddresses && after.SenderIPAddresses.length === 0) {
    const message =
      'RestrictDomainsToIPAddresses $true without addresses would refuse all mail of the domains. Add -SenderIPAddresses.';
    problems.push({ parameter: 'RestrictDomainsToIPAddresses', message });
  }
  if (after.RestrictDomainsToCertificate && after.TlsSenderCertificateName === null) {
    const message =
      'RestrictDomainsToCertificate $true without a name would refuse all mail of the domains. Add -TlsSenderCertificateName.';
    problems.push({ parameter: 'RestrictDomainsToCertificate', message });
  }
  return problems;
}

/** Exchange's headers are believed from the organization's own servers only. */
function trustRule(
  { before, asked }: InboundConnectorChange,
  after: InboundConnectorValues,
): readonly Problem[] {
  if (!after.CloudServicesMailEnabled || after.ConnectorType === 'OnPremises') return [];
  if (before?.CloudServicesMailEnabled === true && asked.CloudServicesMailEnabled === undefined) {
    const message =
      "The connector can't become Partner while CloudServicesMailEnabled is $true. Add -CloudServicesMailEnabled $false to the same command.";
    return [{ parameter: 'ConnectorType', message }];
  }
  const message =
    'The CloudServicesMailEnabled parameter can only be specified for Connector type OnPremises. Add -ConnectorType OnPremises, or leave it $false.';
  return [{ parameter: 'CloudServicesMailEnabled', message }];
}

const EVERYBODY = new Set([
  '0.0.0.0/0',
  '::/0',
  '0.0.0.0-255.255.255.255',
  '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
]);

/** Postern: an open relay is never made by accident. */
function widthRule(
  { before, asked, force }: InboundConnectorChange,
  after: InboundConnectorValues,
): readonly Problem[] {
  const isWide = (values: InboundConnectorValues | null): boolean =>
    values?.ConnectorType === 'OnPremises' &&
    values.SenderIPAddresses.some((range) => EVERYBODY.has(ipRangeKey(range)));
  if (force || !isWide(after) || isWide(before)) return [];
  const message =
    'SenderIPAddresses takes in every address there is: anybody could send mail to anybody through this gateway. Name the servers, or add -Force.';
  return [
    { parameter: asked.SenderIPAddresses === undefined ? 'ConnectorType' : 'SenderIPAddresses', message },
  ];
}
