// The organization's transport rules, ready to be asked about messages: run in order of priority, acting per recipient
// where a rule's conditions speak of recipients. Pure: what must be read is asked for, then the run goes on where it
// stopped. A rule that fails is dealt with by its RuleErrorAction; no message is ever stopped by a rule's trouble alone.
import type { TransportRule } from '#directory/configuration.ts';
import { type MessageView, ReadingFailed } from './message-view.ts';
import {
  type CompiledPredicates,
  compilePredicates,
  type MessageTest,
  type RecipientTest,
} from './predicates.ts';
import { type ActionContext, applyRule, failRule, type RuleState, UNTOUCHED } from './rule-state.ts';

interface CompiledTests {
  /** Must all hold; exceptions are in it, negated. Those that read least come first. */
  readonly message: readonly MessageTest[];
  /** How many of them read nothing but the envelope. */
  readonly cheap: number;
  readonly recipient: readonly RecipientTest[];
}

interface CompiledRule {
  readonly rule: TransportRule;
  /** All that the tests are made from. */
  readonly source: string;
  readonly tests: CompiledTests;
}

/** Rules in order of priority; those that are disabled are left out. */
export type RuleSet = readonly CompiledRule[];

/**
 * Tests are taken over from `previous` where the conditions are the same, with the patterns that were compiled in them:
 * rules come as new objects with every change of any of them.
 */
export function createRuleSet(rules: readonly TransportRule[], previous: RuleSet = []): RuleSet {
  const known = new Map(previous.map(({ source, tests }) => [source, tests]));
  return rules
    .filter((rule) => rule.State === 'Enabled')
    .sort((a, b) => a.Priority - b.Priority)
    .map((rule) => {
      const source = JSON.stringify([rule.SenderAddressLocation, rule.Conditions, rule.Exceptions]);
      return { rule, source, tests: known.get(source) ?? compileTests(rule) };
    });
}

function compileTests(rule: TransportRule): CompiledTests {
  const conditions = compilePredicates(rule.Conditions, rule.SenderAddressLocation);
  const exceptions = compilePredicates(rule.Exceptions, rule.SenderAddressLocation);
  const message = [...conditions.message, ...exceptions.message.map(negatedMessageTest)].sort(
    (a, b) => a.cost - b.cost,
  );
  return {
    message,
    cheap: message.filter((test) => test.cost === 0).length,
    recipient: [...conditions.recipient, ...negatedRecipientTests(exceptions)],
  };
}

function negatedMessageTest(test: MessageTest): MessageTest {
  return {
    cost: test.cost,
    holds(view) {
      const held = test.holds(view);
      return held === null ? null : !held;
    },
  };
}

function negatedRecipientTests({ recipient }: CompiledPredicates): readonly RecipientTest[] {
  return recipient.map((test) => (address, context) => !test(address, context));
}

/** Recipients that the rules have treated alike so far. */
export interface RuleGroup {
  readonly recipients: readonly number[];
  readonly state: RuleState;
}

/** One message on its way through the rules. */
export interface RuleRun {
  /** false: the view wants something read; provide it and call again. */
  advance(): boolean;
  /** Once advance has said true. */
  readonly groups: readonly RuleGroup[];
}

/** `now` in milliseconds since 1970 decides which rules are active. */
export function startRules(
  rules: RuleSet,
  view: MessageView,
  recipients: readonly number[],
  context: ActionContext & { readonly now: number },
): RuleRun {
  let groups: readonly RuleGroup[] = [{ recipients, state: UNTOUCHED }];
  let at = 0;
  let groupAt = 0;
  // What the rule at `at` makes of the groups up to `groupAt`; null while it changes none.
  let changed: RuleGroup[] | null = null;

  function runRule(compiled: CompiledRule): boolean {
    for (const group of groups.slice(groupAt)) {
      const outcome = runRuleOn(compiled, group, view, context);
      if (outcome === null) return false;
      if (outcome !== UNCHANGED) changed ??= groups.slice(0, groupAt);
      changed?.push(...(outcome === UNCHANGED ? [group] : outcome));
      groupAt += 1;
    }
    groups = changed ?? groups;
    changed = null;
    groupAt = 0;
    return true;
  }

  return {
    advance() {
      for (let compiled = rules[at]; compiled !== undefined; compiled = rules[at]) {
        if (isActive(compiled.rule, context.now) && !runRule(compiled)) return false;
        at += 1;
      }
      return true;
    },
    get groups() {
      return groups;
    },
  };
}

function isActive(rule: TransportRule, now: number): boolean {
  return (
    (rule.ActivationDate === null || now >= rule.ActivationDate) &&
    (rule.ExpiryDate === null || now < rule.ExpiryDate)
  );
}

const UNCHANGED: readonly RuleGroup[] = Object.freeze([]);

/** The group as the rule leaves it, in two where only some recipients match; null: something must be read first. */
function runRuleOn(
  compiled: CompiledRule,
  group: RuleGroup,
  view: MessageView,
  context: ActionContext,
): readonly RuleGroup[] | null {
  if (group.state.ended) return UNCHANGED;
  view.lookThrough(group.state.headerEdits);
  let matching: readonly number[] | null;
  try {
    matching = matchingRecipients(compiled.tests, group.recipients, view);
  } catch (error) {
    const state = failRule(group.state, compiled.rule, describeFailure(error));
    return [{ recipients: group.recipients, state }];
  }
  if (matching === null) return null;
  if (matching.length === 0) return UNCHANGED;
  const state = applyRule(group.state, compiled.rule, context);
  if (matching.length === group.recipients.length) return [{ recipients: matching, state }];
  const matched = new Set(matching);
  const others = group.recipients.filter((recipient) => !matched.has(recipient));
  return [
    { recipients: matching, state },
    { recipients: others, state: group.state },
  ];
}

function describeFailure(error: unknown): string {
  if (error instanceof ReadingFailed) return `the message can't be read: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

/** Those for whom every condition holds and no exception; null: something must be read first. */
function matchingRecipients(
  { message, cheap, recipient }: CompiledTests,
  recipients: readonly number[],
  view: MessageView,
): readonly number[] | null {
  for (let index = 0; index < cheap; index += 1) {
    if (message[index]?.holds(view) === false) return [];
  }
  let matching = recipients;
  for (const test of recipient) {
    matching = matching.filter((position) => test(view.recipient(position), view.context));
    if (matching.length === 0) return matching;
  }
  for (let index = cheap; index < message.length; index += 1) {
    const held = message[index]?.holds(view);
    if (held === null) return null;
    if (held === false) return [];
  }
  return matching;
}
