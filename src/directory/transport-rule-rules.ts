// The rules of transport rules (routing.md): what must hold between conditions, exceptions and actions, and what a rule
// may name. Pure, as the outbound connectors'.
import { applyChanges, initialValues } from './declared-object.ts';
import { rankBetween } from './rank.ts';
import type { Problem, RuleOutcome } from './rule-outcome.ts';
import { predicateNames } from './transport-rule-predicates.ts';
import { inOrderOfPriority, transportRuleObject } from './transport-rule.ts';
import type { TransportRuleChanges, TransportRuleObject, TransportRuleValues } from './transport-rule.ts';

export interface TransportRuleChange {
  /** null: New-TransportRule. */
  readonly before: TransportRuleValues | null;
  /** References are GUIDs here already. */
  readonly asked: TransportRuleChanges;
  readonly state?: 'Enabled' | 'Disabled';
  readonly force: boolean;
  readonly now: number;
  /** Why the connector of this GUID can't be routed to; null: it can. */
  readonly connectorFault: (guid: string) => string | null;
}

export function applyTransportRuleRules(change: TransportRuleChange): RuleOutcome<TransportRuleValues> {
  const { before, asked, state, now } = change;
  const start = before ?? initialValues(transportRuleObject, asked.Name ?? '');
  const applied = applyChanges(transportRuleObject, start, asked);
  const after = state === undefined ? applied.after : { ...applied.after, State: state };
  const problems = [
    ...pairRule(after),
    ...actionRule(after),
    ...connectorRule(change, after),
    ...everythingRule(change, after),
    ...dateRule(after, asked),
  ];
  const expired =
    after.ExpiryDate !== null && after.ExpiryDate <= now && after.ExpiryDate !== before?.ExpiryDate;
  const warnings = expired
    ? [...applied.warnings, 'ExpiryDate is in the past: the rule will not run.']
    : applied.warnings;
  return { after, problems, warnings };
}

/** What is only good together, and how each half is called. */
const PAIRS = [
  ['HeaderContainsMessageHeader', 'HeaderContainsWords'],
  ['HeaderMatchesMessageHeader', 'HeaderMatchesPatterns'],
  ['ExceptIfHeaderContainsMessageHeader', 'ExceptIfHeaderContainsWords'],
  ['ExceptIfHeaderMatchesMessageHeader', 'ExceptIfHeaderMatchesPatterns'],
  ['SetHeaderName', 'SetHeaderValue'],
] as const;

function pairRule(after: TransportRuleValues): readonly Problem[] {
  return PAIRS.flatMap(([first, second]) => {
    const [has, hasOther] = [isSet(after[first]), isSet(after[second])];
    if (has === hasOther) return [];
    const [given, missing] = has ? [first, second] : [second, first];
    return [
      {
        parameter: missing,
        message: `${given} has no effect without ${missing}. Add -${missing}, or -${given} $null.`,
      },
    ];
  });
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== false && value !== '';
}

const ACTIONS = [
  'RouteMessageOutboundConnector',
  'RouteMessageOutboundRequireTls',
  'RedirectMessageTo',
  'BlindCopyTo',
  'RejectMessageReasonText',
  'RejectMessageEnhancedStatusCode',
  'DeleteMessage',
  'SetHeaderName',
  'RemoveHeader',
  'PrependSubject',
  'SetSCL',
  'StopRuleProcessing',
] as const;

function rejects(values: TransportRuleValues): boolean {
  return isSet(values.RejectMessageReasonText) || isSet(values.RejectMessageEnhancedStatusCode);
}

function actionRule(after: TransportRuleValues): readonly Problem[] {
  if (!ACTIONS.some((name) => isSet(after[name]))) {
    const message =
      'The rule would do nothing. Add an action, such as -RouteMessageOutboundConnector, -RejectMessageReasonText or -SetHeaderName with -SetHeaderValue.';
    return [{ parameter: null, message }];
  }
  if (!rejects(after) || !after.DeleteMessage) return [];
  const message =
    'A message is either refused or dropped. Leave out DeleteMessage, or the parameters that begin with RejectMessage.';
  return [{ parameter: 'DeleteMessage', message }];
}

/** Exchange: the connector must be enabled and be for transport rules. */
function connectorRule(
  { before, asked, state, connectorFault }: TransportRuleChange,
  after: TransportRuleValues,
): readonly Problem[] {
  const guid = after.RouteMessageOutboundConnector;
  const isChecked =
    asked.RouteMessageOutboundConnector !== undefined || (state === 'Enabled' && before !== null);
  const message = guid === null || !isChecked ? null : connectorFault(guid);
  return message === null ? [] : [{ parameter: 'RouteMessageOutboundConnector', message }];
}

/** Postern: an emptied condition that silently takes all mail another way is a known incident. */
function everythingRule(
  { before, force }: TransportRuleChange,
  after: TransportRuleValues,
): readonly Problem[] {
  if (force || !takesEverything(after) || (before !== null && takesEverything(before))) return [];
  const message =
    'The rule has no condition, so it would act on every message. Add a condition, such as -FromScope or -RecipientDomainIs, or add -Force if every message is meant.';
  return [{ parameter: null, message }];
}

/** Every message would go somewhere else, or nowhere. */
function takesEverything(values: TransportRuleValues): boolean {
  if (predicateNames.some((name) => isSet(values[name]))) return false;
  const diverts = ['RouteMessageOutboundConnector', 'RedirectMessageTo', 'DeleteMessage'] as const;
  return rejects(values) || diverts.some((name) => isSet(values[name]));
}

function dateRule(
  { ActivationDate, ExpiryDate }: TransportRuleValues,
  asked: TransportRuleChanges,
): readonly Problem[] {
  if (ActivationDate === null || ExpiryDate === null || ActivationDate < ExpiryDate) return [];
  const parameter = asked.ExpiryDate === undefined ? 'ActivationDate' : 'ExpiryDate';
  return [
    { parameter, message: 'ExpiryDate must be later than ActivationDate. Change the one or the other.' },
  ];
}

/**
 * The rank of a rule that shall have this priority among the others; null: behind all. Others keep their ranks: they
 * move up or down by one.
 */
export function rankFor(
  others: readonly TransportRuleObject[],
  priority: number | null,
): { readonly rank: string } | { readonly problem: Problem } {
  const ordered = inOrderOfPriority(others);
  const place = priority ?? ordered.length;
  if (place > ordered.length) {
    const message = `Priority ${place} is beyond the last rule. Give 0 (the first) to ${ordered.length} (behind all others).`;
    return { problem: { parameter: 'Priority', message } };
  }
  const [before, after] = [ordered[place - 1], ordered[place]];
  return { rank: rankBetween(before?.values.Rank ?? null, after?.values.Rank ?? null) };
}

/** Where a rule stands: 0 runs first. */
export function priorityOf(rules: readonly TransportRuleObject[], guid: string): number {
  return inOrderOfPriority(rules).findIndex((rule) => rule.guid === guid);
}
