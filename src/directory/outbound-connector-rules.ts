// The rules of outbound connectors (connectors.md, rules 5 to 13): what must hold between a connector's properties, and
// what a change brings along. Pure: the connector before, what a command asks for, and what stands around it give the
// connector after, the problems and the warnings. Rules 1 to 4 and 14 are the properties' types; rule 2 is object-table.ts.
import { applyChanges, initialValues, sameStored } from './declared-object.ts';
import { compareNames } from './object-name.ts';
import { outboundConnectorObject } from './outbound-connector.ts';
import type { OutboundConnectorChanges, OutboundConnectorValues } from './outbound-connector.ts';
import type { Overlap } from './connector-overlaps.ts';
import { listed } from './rule-outcome.ts';
import type { Problem, RuleOutcome } from './rule-outcome.ts';

/** What the rules have to know of other objects. */
export interface ConnectorSurroundings {
  /** Whether another connector has this name, without regard to case. */
  isNameTaken(name: string): boolean;
  /** Other connectors that match the same. */
  overlaps(values: OutboundConnectorValues): readonly Overlap[];
  /** Names of the transport rules that route to this connector. */
  readonly rulesNaming: readonly string[];
}

interface Change {
  /** null: New-OutboundConnector. */
  readonly before: OutboundConnectorValues | null;
  readonly asked: OutboundConnectorChanges;
  readonly force: boolean;
  /** What SmartHostCredential gave, sealed; null: $null was given; left out: not given. */
  readonly sealedCredential?: string | null;
}

type Draft = Change & { readonly after: OutboundConnectorValues; readonly around: ConnectorSurroundings };

/** `asked.Name` is there for a new connector. */
export function applyConnectorRules(
  change: Change,
  around: ConnectorSurroundings,
): RuleOutcome<OutboundConnectorValues> {
  const { before, asked } = change;
  const start = before ?? initialValues(outboundConnectorObject, asked.Name ?? '');
  const applied = applyChanges(outboundConnectorObject, start, asked);
  const hosts = clearedSmartHosts(change, applied.after);
  const validation = resetValidation(change, hosts.after);
  const draft: Draft = { ...change, after: validation.after, around };
  return {
    after: draft.after,
    problems: [
      ...nameRule(draft),
      ...smartHostRule(draft),
      ...credentialRule(draft),
      ...centralizedTransportRule(draft),
      ...connectorTypeRule(draft),
      ...tlsRule(draft),
      ...neverMatchesRule(draft),
      ...namedByRulesRule(draft),
    ],
    warnings: [...applied.warnings, ...hosts.warnings, ...validation.warnings, ...overlapWarnings(draft)],
  };
}

/** Rule 1. */
function nameRule({ asked, around }: Draft): readonly Problem[] {
  if (asked.Name === undefined || !around.isNameTaken(asked.Name)) return [];
  const message = `There is already an outbound connector named "${asked.Name}". Choose another name.`;
  return [{ parameter: 'Name', message }];
}

/** Rule 5, Postern: smart hosts, and the credential for them, are of no use to a connector that goes back to MX. */
function clearedSmartHosts(
  { before, asked, sealedCredential }: Change,
  applied: OutboundConnectorValues,
): { readonly after: OutboundConnectorValues; readonly warnings: readonly string[] } {
  const SealedCredential = sealedCredential === undefined ? applied.SealedCredential : sealedCredential;
  const after = { ...applied, SealedCredential };
  const turned = before !== null && !before.UseMXRecord && after.UseMXRecord;
  if (!turned) return { after, warnings: [] };
  const warnings: string[] = [];
  const clearsHosts = asked.SmartHosts === undefined && after.SmartHosts.length > 0;
  if (clearsHosts) {
    warnings.push(`UseMXRecord is $true now, so SmartHosts was emptied: ${after.SmartHosts.join(', ')}.`);
  }
  const clearsCredential = sealedCredential === undefined && SealedCredential !== null;
  if (clearsCredential) warnings.push('UseMXRecord is $true now, so SmartHostCredential was removed.');
  return {
    after: {
      ...after,
      SmartHosts: clearsHosts ? [] : after.SmartHosts,
      SealedCredential: clearsCredential ? null : SealedCredential,
    },
    warnings,
  };
}

/** Postern: a password goes to hosts that the administrator named, never to whatever an MX record says. */
function credentialRule({ after }: Draft): readonly Problem[] {
  if (after.SealedCredential === null || !after.UseMXRecord) return [];
  const message =
    'SmartHostCredential is for smart hosts, and UseMXRecord is $true. Add -UseMXRecord $false and -SmartHosts, or leave SmartHostCredential out.';
  return [{ parameter: 'SmartHostCredential', message }];
}

/** Rule 5. seed: SmartHosts has to stand on the same command line as UseMXRecord $false. */
function smartHostRule({ before, asked, after }: Draft): readonly Problem[] {
  const hosts = after.SmartHosts.length;
  if (after.UseMXRecord) {
    if (hosts === 0) return [];
    const message =
      asked.UseMXRecord === true
        ? 'SmartHosts and UseMXRecord $true exclude each other. Give -UseMXRecord $false to use the smart hosts, or leave SmartHosts out.'
        : 'SmartHosts has no effect while UseMXRecord is $true. Add -UseMXRecord $false to the same command.';
    return [{ parameter: 'SmartHosts', message }];
  }
  const turned = before === null || before.UseMXRecord;
  if (turned && (asked.SmartHosts === undefined || hosts === 0)) {
    const message =
      'UseMXRecord $false needs smart hosts in the same command. Add -SmartHosts with at least one host name, IP address or CIDR range.';
    return [{ parameter: 'SmartHosts', message }];
  }
  if (hosts > 0) return [];
  const message =
    'While UseMXRecord is $false at least one smart host must stay. Give another one, or add -UseMXRecord $true.';
  return [{ parameter: 'SmartHosts', message }];
}

/** Rule 6. seed: ConnectorType OnPremises has to stand in the same command. */
function centralizedTransportRule({ before, asked, after }: Draft): readonly Problem[] {
  if (!after.RouteAllMessagesViaOnPremises) return [];
  if (before?.RouteAllMessagesViaOnPremises === true) return [];
  if (asked.ConnectorType === 'OnPremises') return [];
  const message =
    'RouteAllMessagesViaOnPremises $true needs -ConnectorType OnPremises in the same command. Add it, also where the connector is of that type already.';
  return [{ parameter: 'RouteAllMessagesViaOnPremises', message }];
}

const ON_PREMISES_ONLY = [
  'AllAcceptedDomains',
  'SenderRewritingEnabled',
  'CloudServicesMailEnabled',
  'RouteAllMessagesViaOnPremises',
] as const;

/** Rule 7. An explicit $false is always accepted: what Get- shows can be given again. */
function connectorTypeRule({ before, asked, after }: Draft): readonly Problem[] {
  if (after.ConnectorType === 'OnPremises') return [];
  return ON_PREMISES_ONLY.filter((name) => after[name]).flatMap((name) => {
    const isNew = before === null || !before[name];
    // Rule 6 has spoken already.
    if (name === 'RouteAllMessagesViaOnPremises' && isNew) return [];
    // Postern: signature services take scoped Partner connectors for mail that comes back.
    if (name === 'CloudServicesMailEnabled' && after.IsTransportRuleScoped) return [];
    return [onPremisesOnly(name, isNew, before, asked)];
  });
}

function onPremisesOnly(
  name: (typeof ON_PREMISES_ONLY)[number],
  isNew: boolean,
  before: OutboundConnectorValues | null,
  asked: OutboundConnectorChanges,
): Problem {
  const scope = name === 'CloudServicesMailEnabled' ? ', or -IsTransportRuleScoped $true' : '';
  if (isNew || asked[name] === true) {
    // Exchange's sentence, then the cure.
    const message = `The ${name} parameter can only be specified for Connector type OnPremises. Add -ConnectorType OnPremises${scope}, or leave ${name} $false.`;
    return { parameter: name, message };
  }
  if (before?.ConnectorType === 'OnPremises') {
    const message = `The connector can't become Partner while ${name} is $true. Add -${name} $false to the same command${scope}.`;
    return { parameter: 'ConnectorType', message };
  }
  const message = `IsTransportRuleScoped can't become $false on a Partner connector while ${name} is $true. Add -${name} $false to the same command.`;
  return { parameter: 'IsTransportRuleScoped', message };
}

/** Rule 8. */
function tlsRule({ asked, after }: Draft): readonly Problem[] {
  if (after.TlsDomain !== null && after.TlsSettings !== 'DomainValidation') {
    const current = after.TlsSettings ?? '$null';
    if (asked.TlsDomain === undefined) {
      const message = `TlsSettings ${current} leaves TlsDomain (${after.TlsDomain}) without effect. Add -TlsDomain $null, or keep -TlsSettings DomainValidation.`;
      return [{ parameter: 'TlsSettings', message }];
    }
    const message = `TlsDomain is used with TlsSettings DomainValidation only, and TlsSettings is ${current}. Add -TlsSettings DomainValidation.`;
    return [{ parameter: 'TlsDomain', message }];
  }
  if (after.TlsSettings !== 'DomainValidation' || after.TlsDomain !== null || after.UseMXRecord) return [];
  const message =
    'TlsSettings DomainValidation with smart hosts needs the name that the certificate must have. Add -TlsDomain, such as -TlsDomain *.contoso.com.';
  return [{ parameter: 'TlsDomain', message }];
}

/** Rule 9, Postern. */
function neverMatchesRule({ before, asked, after }: Draft): readonly Problem[] {
  if (after.TestMode || after.IsTransportRuleScoped || after.AllAcceptedDomains) return [];
  if (after.RouteAllMessagesViaOnPremises || after.RecipientDomains.length > 0) return [];
  const cause = (
    [
      'RecipientDomains',
      'IsTransportRuleScoped',
      'AllAcceptedDomains',
      'RouteAllMessagesViaOnPremises',
      'TestMode',
    ] as const
  ).find((name) => before !== null && asked[name] !== undefined);
  const message =
    "This connector could never match a recipient: it has no RecipientDomains, no transport rule's scope, not AllAcceptedDomains and not RouteAllMessagesViaOnPremises. Add -RecipientDomains (a domain, *.domain, or * for all), or -IsTransportRuleScoped $true to have transport rules select it.";
  return [{ parameter: cause ?? 'RecipientDomains', message }];
}

/** Rule 11, Postern. Test mode takes a connector from its rules just as disabling does. */
function namedByRulesRule({ before, after, force, around }: Draft): readonly Problem[] {
  if (before === null || force || around.rulesNaming.length === 0) return [];
  const what = [
    before.Enabled && !after.Enabled ? { parameter: 'Enabled', doing: 'be disabled' } : null,
    before.IsTransportRuleScoped && !after.IsTransportRuleScoped
      ? { parameter: 'IsTransportRuleScoped', doing: 'lose IsTransportRuleScoped' }
      : null,
    !before.TestMode && after.TestMode ? { parameter: 'TestMode', doing: 'go into test mode' } : null,
  ].find((one) => one !== null);
  return what ? [stillNamed(what.parameter, what.doing, around.rulesNaming)] : [];
}

/** Rule 11 for Remove-OutboundConnector. */
export function connectorRemovalProblems(rulesNaming: readonly string[], force: boolean): readonly Problem[] {
  return force || rulesNaming.length === 0 ? [] : [stillNamed('Identity', 'be removed', rulesNaming)];
}

function stillNamed(parameter: string, doing: string, rules: readonly string[]): Problem {
  const noun = rules.length === 1 ? 'the transport rule' : 'the transport rules';
  const message = `The connector can't ${doing}, because ${noun} ${listed(rules)} route${rules.length === 1 ? 's' : ''} mail to it. Change the rules first, or add -Force: their mail then goes by the other connectors.`;
  return { parameter, message };
}

/** What a validation has tested. Enabling a connector that was validated is the usual next step, so it isn't here. */
const TESTED_BY_VALIDATION = [
  'UseMXRecord',
  'ConnectorType',
  'RecipientDomains',
  'SmartHosts',
  'TlsDomain',
  'TlsSettings',
  'IsTransportRuleScoped',
  'RouteAllMessagesViaOnPremises',
  'CloudServicesMailEnabled',
  'AllAcceptedDomains',
  'SenderRewritingEnabled',
  'MtaStsMode',
  'SmtpDaneMode',
] as const;

/** Rule 12, Postern. */
function resetValidation(
  { before, asked, sealedCredential }: Change,
  after: OutboundConnectorValues,
): { readonly after: OutboundConnectorValues; readonly warnings: readonly string[] } {
  if (before === null || !before.IsValidated || asked.IsValidated !== undefined)
    return { after, warnings: [] };
  const changed: string[] = TESTED_BY_VALIDATION.filter((name) => !sameStored(before[name], after[name]));
  if (sealedCredential !== undefined && sealedCredential !== before.SealedCredential)
    changed.push('SmartHostCredential');
  if (changed.length === 0) return { after, warnings: [] };
  const warning = `IsValidated was set to $false, because ${changed.join(', ')} changed. Run Validate-OutboundConnector again.`;
  return { after: { ...after, IsValidated: false }, warnings: [warning] };
}

const DECIDES_OVERLAP = [
  'Name',
  'Enabled',
  'TestMode',
  'RecipientDomains',
  'AllAcceptedDomains',
  'IsTransportRuleScoped',
  'RouteAllMessagesViaOnPremises',
] as const;
const OVERLAPS_SHOWN = 5;

/** Rule 10, Postern. Exchange: of equals, the name that sorts first wins. */
function overlapWarnings({ before, after, around }: Draft): readonly string[] {
  const differs = (name: (typeof DECIDES_OVERLAP)[number]): boolean =>
    !sameStored(before?.[name], after[name]);
  if (before !== null && !DECIDES_OVERLAP.some(differs)) return [];
  const overlaps = around.overlaps(after);
  const warnings = overlaps.slice(0, OVERLAPS_SHOWN).map(({ what, others, count }) => {
    const winner = [after.Name, ...others].sort(compareNames)[0] ?? '';
    const wins = winner === after.Name ? 'This connector wins' : `"${winner}" wins`;
    return `The outbound connector${count === 1 ? '' : 's'} ${listed(others, count)} match${count === 1 ? 'es' : ''} ${what} as well. ${wins}, because its name sorts first.`;
  });
  const left = overlaps.length - warnings.length;
  return left > 0
    ? [...warnings, `${left} more patterns are matched by other connectors as well.`]
    : warnings;
}
