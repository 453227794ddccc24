// How the cmdlets of transport rules plan a change: names become GUIDs, the priority a rank, then the rules of the
// directory over what is there now. And how a rule is shown.
import type { MultiValuedChange } from '#parameters/multi-valued-property.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import type { ParameterDeclaration } from '#parameters/parameter-declaration.ts';
import { wholeNumber } from '#parameters/scalar-types.ts';
import { PsObject } from '#parameters/value.ts';
import { create, update } from '#directory/directory.ts';
import type { Directory } from '#directory/directory.ts';
import { outboundConnectorObject } from '#directory/outbound-connector.ts';
import { GROUP_PROPERTIES, shownReferences } from '#directory/transport-rule-references.ts';
import { applyTransportRuleRules, priorityOf, rankFor } from '#directory/transport-rule-rules.ts';
import { transportRuleObject } from '#directory/transport-rule.ts';
import type {
  TransportRuleChanges,
  TransportRuleObject,
  TransportRuleProperties,
} from '#directory/transport-rule.ts';
import { mistakes } from '../cmdlet-error.ts';
import { assertNoProblems, showObject } from '../configured-object.ts';
import type { Plan } from '../configured-object.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { groupKind } from '../distribution-group/distribution-group-kind.ts';
import { findOf, nameProblems } from '../object-cmdlets.ts';
import type { ObjectKindCmdlets } from '../object-cmdlets.ts';

const declaration = transportRuleObject;

export const priorityParameter: ParameterDeclaration<number, 'maybe'> = parameter(wholeNumber(0), {
  help: 'Where the rule stands: 0 runs first. Rules from there on move down by one. Without it a new rule stands behind all others.',
  defaultText: 'behind all others',
});

export interface AskedOfRule {
  readonly asked: TransportRuleChanges;
  readonly priority?: number | undefined;
  readonly state?: 'Enabled' | 'Disabled';
  readonly force: boolean;
}

/** `before` null: a new rule under this GUID. Throws CmdletError. */
export function planRule(
  { directory, now }: DirectoryServices,
  guid: string,
  before: TransportRuleObject | null,
  { asked: given, priority, state, force }: AskedOfRule,
): Plan<TransportRuleProperties> {
  const asked = resolveReferences(directory, given);
  const connectorFault = (connector: string): string | null => faultOfConnector(directory, connector);
  const { after, problems, warnings } = applyTransportRuleRules({
    before: before?.values ?? null,
    asked,
    ...(state === undefined ? {} : { state }),
    force,
    now: now(),
    connectorFault,
  });
  const taken = nameProblems(directory, declaration, asked.Name, guid);
  assertNoProblems([...taken, ...problems], before?.values.Name ?? after.Name);
  const rules = directory.list(declaration);
  const from = before ? priorityOf(rules, guid) : null;
  const moves = priority !== undefined && priority !== from;
  const Rank = before && !moves ? before.values.Rank : newRank(rules, guid, priority, after.Name);
  const values = { ...after, Rank };
  const proposal = before ? update(declaration, before, values) : create(declaration, guid, values);
  const shownChanges = moves ? [{ name: 'Priority', before: from, after: priority }] : [];
  return { proposal, warnings, shownChanges };
}

function newRank(
  rules: readonly TransportRuleObject[],
  guid: string,
  priority: number | undefined,
  name: string,
): string {
  const ranked = rankFor(
    rules.filter((rule) => rule.guid !== guid),
    priority ?? null,
  );
  if ('rank' in ranked) return ranked.rank;
  assertNoProblems([ranked.problem], name);
  return '';
}

/** Names, addresses and distinguished names of connectors and groups become GUIDs. Throws CmdletError. */
function resolveReferences(directory: Directory, asked: TransportRuleChanges): TransportRuleChanges {
  const resolved: Record<string, unknown> = { ...asked };
  const connector = asked.RouteMessageOutboundConnector;
  if (typeof connector === 'string')
    resolved['RouteMessageOutboundConnector'] = connectorGuid(directory, connector);
  for (const name of GROUP_PROPERTIES) {
    const change = asked[name];
    if (change !== undefined)
      resolved[name] = mapped(change, (identity) => groupGuid(directory, identity, name));
  }
  return resolved;
}

function mapped(
  change: MultiValuedChange<string>,
  map: (value: string) => string,
): MultiValuedChange<string> {
  if ('replace' in change) return { replace: change.replace.map(map) };
  return { add: change.add.map(map), remove: change.remove.map(map) };
}

function connectorGuid(directory: Directory, identity: string): string {
  const found = directory.find(outboundConnectorObject, identity);
  if (found) return found.guid;
  throw mistakes.invalidArgument(
    'RouteMessageOutboundConnector',
    `There is no outbound connector "${identity}". Get-OutboundConnector -IsTransportRuleScoped $true lists those that a rule can name.`,
    identity,
  );
}

function groupGuid(directory: Directory, identity: string, parameterName: string): string {
  try {
    return findOf(groupKind, directory, identity).guid;
  } catch {
    const message = `There is no distribution group "${identity}". Make it with New-DistributionGroup, or name another one.`;
    throw mistakes.invalidArgument(parameterName, message, identity);
  }
}

function faultOfConnector(directory: Directory, guid: string): string | null {
  const connector = directory.get(outboundConnectorObject, guid);
  if (!connector) return 'The outbound connector that the rule names was removed. Name another one.';
  const { Name, Enabled, IsTransportRuleScoped, TestMode } = connector.values;
  const set = `Set-OutboundConnector "${Name}"`;
  if (!IsTransportRuleScoped) {
    return `The outbound connector "${Name}" is not for transport rules. Run ${set} -IsTransportRuleScoped $true first.`;
  }
  if (!Enabled) return `The outbound connector "${Name}" is disabled. Run ${set} -Enabled $true first.`;
  return TestMode
    ? `The outbound connector "${Name}" is in test mode. Run ${set} -TestMode $false first.`
    : null;
}

export const ruleKind: ObjectKindCmdlets<TransportRuleProperties> = {
  declaration,
  show(directory, rule) {
    const shown = showObject(directory, declaration, rule, shownReferences(directory, rule.values));
    const Priority = priorityOf(directory.list(declaration), rule.guid);
    return new PsObject(shown.typeName, [['Priority', Priority], ...shown.properties.entries()]);
  },
};
