// What the rules so far have decided about a group of recipients, and what one more rule's actions change in it. Values
// only: a rule that matches makes a new state. Owns the order and meaning of the actions.
import { parseAddress, type Address } from '#mail/address.ts';
import type { EnhancedStatus } from '#mail/enhanced-status.ts';
import type { OutboundConnector, RuleActions, TransportRule } from '#directory/configuration.ts';
import type { HeaderEdit, RuleMatch } from '../routed-group.ts';

export type RuleVerdict =
  | {
      readonly kind: 'rejected';
      readonly status: EnhancedStatus;
      readonly text: string;
      readonly rule: string;
    }
  | { readonly kind: 'deleted'; readonly rule: string }
  | { readonly kind: 'redirected'; readonly to: readonly Address[]; readonly rule: string }
  | { readonly kind: 'deferred'; readonly status: EnhancedStatus; readonly diagnostic: string };

export interface RuleState {
  readonly connector: { readonly connector: OutboundConnector; readonly rule: string } | null;
  readonly requireTls: boolean;
  /** How the message ends for these recipients, if not by going its way. */
  readonly verdict: RuleVerdict | null;
  readonly headerEdits: readonly HeaderEdit[];
  readonly blindCopies: readonly Address[];
  readonly ruleMatches: readonly RuleMatch[];
  /** No further rule is asked. */
  readonly ended: boolean;
}

export const UNTOUCHED: RuleState = Object.freeze({
  connector: null,
  requireTls: false,
  verdict: null,
  headerEdits: Object.freeze([]),
  blindCopies: Object.freeze([]),
  ruleMatches: Object.freeze([]),
  ended: false,
});

/** What actions need to know beyond the rule. */
export interface ActionContext {
  /** null: there is none of this GUID. */
  readonly connectorByGuid: (guid: string) => OutboundConnector | null;
  /** The message was made by a rule: it isn't redirected, copied, rejected or deleted again. */
  readonly forked: boolean;
}

const SCL_FIELD = 'X-MS-Exchange-Organization-SCL';

export function applyRule(state: RuleState, rule: TransportRule, context: ActionContext): RuleState {
  const actions = describeActions(rule.Actions, context);
  if (rule.Mode !== 'Enforce') return withMatch(state, rule, actions, null);
  const { RouteMessageOutboundConnector: guid } = rule.Actions;
  const connector = guid === null ? null : context.connectorByGuid(guid);
  if (guid !== null) {
    const problem = connectorProblem(connector);
    if (problem !== null) return failRule(state, rule, problem);
  }
  return {
    connector: connector === null ? state.connector : { connector, rule: rule.Name },
    requireTls: state.requireTls || rule.Actions.RouteMessageOutboundRequireTls,
    ...verdictOf(state, rule, context),
    headerEdits: [...state.headerEdits, ...headerEditsOf(rule.Actions)],
    blindCopies: context.forked ? [] : [...state.blindCopies, ...addressesOf(rule.Actions.BlindCopyTo)],
    ruleMatches: [...state.ruleMatches, matchOf(rule, actions, null)],
  };
}

/** Exchange: RuleErrorAction. Ignore goes on as if the rule weren't there; Defer makes the message wait. */
export function failRule(state: RuleState, rule: TransportRule, problem: string): RuleState {
  const failed = withMatch(state, rule, [], problem);
  if (rule.RuleErrorAction === 'Ignore' || rule.Mode !== 'Enforce') return failed;
  // RFC 3463 §3.4: X.3.5, system incorrectly configured.
  const diagnostic = `The transport rule "${rule.Name}" can't be carried out: ${problem}`;
  return { ...failed, verdict: { kind: 'deferred', status: '4.3.5', diagnostic }, ended: true };
}

/** routing.md, selection 1: enabled and rule-scoped. */
export function connectorProblem(connector: OutboundConnector | null): string | null {
  if (connector === null) return 'the connector it names no longer exists.';
  const name = `the connector "${connector.Name}" it names`;
  if (!connector.Enabled) return `${name} is disabled.`;
  if (connector.TestMode) return `${name} is in test mode.`;
  return connector.IsTransportRuleScoped ? null : `${name} isn't scoped to transport rules.`;
}

function verdictOf(
  state: RuleState,
  rule: TransportRule,
  context: ActionContext,
): Pick<RuleState, 'verdict' | 'ended'> {
  const { Actions: actions, StopRuleProcessing: stops, Name: name } = rule;
  if (context.forked) return { verdict: null, ended: stops };
  // What ends the message leaves nothing for later rules.
  if (actions.RejectMessageReasonText !== null || actions.RejectMessageEnhancedStatusCode !== null) {
    const status = actions.RejectMessageEnhancedStatusCode ?? '5.7.1';
    const text = actions.RejectMessageReasonText ?? 'Delivery not authorized, message refused';
    return { verdict: { kind: 'rejected', status, text, rule: name }, ended: true };
  }
  if (actions.DeleteMessage) return { verdict: { kind: 'deleted', rule: name }, ended: true };
  const to = addressesOf(actions.RedirectMessageTo);
  return { verdict: to.length > 0 ? { kind: 'redirected', to, rule: name } : state.verdict, ended: stops };
}

function headerEditsOf(actions: RuleActions): readonly HeaderEdit[] {
  const edits: HeaderEdit[] = [];
  if (actions.SetHeaderName !== null) {
    edits.push({ kind: 'set', name: actions.SetHeaderName, value: actions.SetHeaderValue ?? '' });
  }
  if (actions.RemoveHeader !== null) edits.push({ kind: 'remove', name: actions.RemoveHeader });
  if (actions.PrependSubject !== null) edits.push({ kind: 'prepend-subject', text: actions.PrependSubject });
  if (actions.SetSCL !== null) edits.push({ kind: 'set', name: SCL_FIELD, value: String(actions.SetSCL) });
  return edits;
}

function addressesOf(texts: readonly string[]): readonly Address[] {
  return texts.map(parseAddress).filter((address) => address !== null);
}

function withMatch(
  state: RuleState,
  rule: TransportRule,
  actions: readonly string[],
  error: string | null,
): RuleState {
  return { ...state, ruleMatches: [...state.ruleMatches, matchOf(rule, actions, error)] };
}

function matchOf(rule: TransportRule, actions: readonly string[], error: string | null): RuleMatch {
  return { guid: rule.Guid, name: rule.Name, mode: rule.Mode, actions, error };
}

/** The actions in words, by Exchange's parameter names. */
function describeActions(actions: RuleActions, context: ActionContext): readonly string[] {
  const words: string[] = [];
  const { RouteMessageOutboundConnector: guid } = actions;
  if (guid !== null)
    words.push(`RouteMessageOutboundConnector: ${context.connectorByGuid(guid)?.Name ?? guid}`);
  if (actions.RouteMessageOutboundRequireTls) words.push('RouteMessageOutboundRequireTls');
  if (!context.forked) {
    if (actions.RedirectMessageTo.length > 0)
      words.push(`RedirectMessageTo: ${actions.RedirectMessageTo.join(', ')}`);
    if (actions.BlindCopyTo.length > 0) words.push(`BlindCopyTo: ${actions.BlindCopyTo.join(', ')}`);
    const status = actions.RejectMessageEnhancedStatusCode;
    if (status !== null)
      words.push(`RejectMessage: ${status} ${actions.RejectMessageReasonText ?? ''}`.trim());
    if (actions.DeleteMessage) words.push('DeleteMessage');
  }
  if (actions.SetHeaderName !== null)
    words.push(`SetHeader: ${actions.SetHeaderName}: ${actions.SetHeaderValue ?? ''}`);
  if (actions.RemoveHeader !== null) words.push(`RemoveHeader: ${actions.RemoveHeader}`);
  if (actions.PrependSubject !== null) words.push(`PrependSubject: ${actions.PrependSubject}`);
  if (actions.SetSCL !== null) words.push(`SetSCL: ${actions.SetSCL}`);
  return words;
}
