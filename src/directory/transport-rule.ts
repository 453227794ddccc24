// The transport rule: its properties declared once (routing.md), and the rule that routing evaluates made from them.
// Priorities are places in the order of ranks (rank.ts), so that inserting a rule changes no other. Which connector and
// which groups a rule names is kept as GUIDs; names are shown (transport-rule-references.ts).
import { dateTimeType } from '#parameters/date-time-type.ts';
import { identity } from '#parameters/identity.ts';
import { booleanType, enumeration, textUpTo, wholeNumber } from '#parameters/scalar-types.ts';
import type { RuleActions, RulePredicates, TransportRule } from './configuration.ts';
import { namesOf } from './declared-object.ts';
import type { ChangesOf, ObjectDeclaration, ValuesOf } from './declared-object.ts';
import { ipRangeKey } from './ip-range.ts';
import type { DirectoryObject } from './object-table.ts';
import { hiddenProperty, listProperty, nullableProperty, property } from './property-declaration.ts';
import {
  addressKey,
  domainKey,
  headerNameType,
  objectNameType,
  rejectionStatusType,
  smtpAddressType,
} from './property-types.ts';
import { conditionProperties, exceptionProperties, predicateNames } from './transport-rule-predicates.ts';

const actionProperties = {
  RouteMessageOutboundConnector: nullableProperty(identity('OutboundConnector'), {
    help: 'An action: the message goes over this outbound connector, which must be enabled and have IsTransportRuleScoped. A later rule with the same action wins.',
  }),
  RouteMessageOutboundRequireTls: property(booleanType, false, {
    help: 'An action: the message leaves over an encrypted connection or not at all.',
  }),
  RedirectMessageTo: listProperty(smtpAddressType, addressKey, {
    typeName: 'SmtpAddress[]',
    help: 'An action: the message goes to these addresses in place of its recipients.',
  }),
  BlindCopyTo: listProperty(smtpAddressType, addressKey, {
    typeName: 'SmtpAddress[]',
    help: 'An action: these addresses get the message as well.',
  }),
  RejectMessageReasonText: nullableProperty(textUpTo(1024, 1), {
    help: 'An action: the message is refused, and its sender gets a report with this text.',
  }),
  RejectMessageEnhancedStatusCode: nullableProperty(rejectionStatusType, {
    help: "The refusal's code: 5.7.1 (which it is by default), or 5.7.900 to 5.7.999.",
  }),
  DeleteMessage: property(booleanType, false, {
    help: 'An action: the message is dropped without a report to anybody.',
  }),
  SetHeaderName: nullableProperty(headerNameType, {
    help: 'An action: this header field is set to SetHeaderValue, in place of what it holds.',
  }),
  SetHeaderValue: nullableProperty(textUpTo(512, 1), { help: 'The value that SetHeaderName gets.' }),
  RemoveHeader: nullableProperty(headerNameType, {
    help: 'An action: every header field of this name is removed.',
  }),
  PrependSubject: nullableProperty(textUpTo(128, 1), {
    help: 'An action: this text is put in front of the subject.',
  }),
  SetSCL: nullableProperty(wholeNumber(-1, 9), {
    help: "An action: the message's spam confidence level is set; -1 lets it pass filters.",
  }),
} as const;

const properties = {
  State: property(enumeration('RuleState', ['Enabled', 'Disabled']), 'Enabled', {
    takenBy: 'neither',
    help: 'Whether the rule runs; Enable-TransportRule and Disable-TransportRule change it.',
  }),
  Mode: property(enumeration('RuleMode', ['Enforce', 'Audit', 'AuditAndNotify']), 'Enforce', {
    help: 'Enforce: the rule acts. Audit and AuditAndNotify: the message trace says what it would have done, and nothing is done.',
  }),
  Comments: property(textUpTo(1024), '', { help: 'A note for administrators.' }),
  StopRuleProcessing: property(booleanType, false, {
    help: 'With $true no later rule is looked at for messages that this one matches.',
  }),
  RuleErrorAction: property(enumeration('RuleErrorAction', ['Ignore', 'Defer']), 'Ignore', {
    help: 'What happens when the rule cannot be evaluated for a message: Ignore goes on without it, Defer tries the message again later.',
  }),
  SenderAddressLocation: property(
    enumeration('SenderAddressLocation', ['Header', 'Envelope', 'HeaderOrEnvelope']),
    'Header',
    { help: 'Which sender the conditions look at: that of the From header, of the envelope, or either.' },
  ),
  SetAuditSeverity: nullableProperty(
    enumeration('AuditSeverityLevel', ['DoNotAudit', 'Low', 'Medium', 'High']),
    {
      help: 'Kept and shown for scripts that give it. It has no meaning in Postern: what rules do is always in the message trace.',
    },
  ),
  ActivationDate: nullableProperty(dateTimeType, { help: 'From when on the rule runs; $null: at once.' }),
  ExpiryDate: nullableProperty(dateTimeType, { help: 'Until when the rule runs; $null: for ever.' }),
  ...conditionProperties,
  ...exceptionProperties,
  ...actionProperties,
  /** Where it stands among the rules: see rank.ts. */
  Rank: hiddenProperty<string>('', (stored) => typeof stored === 'string'),
} as const;

export type TransportRuleProperties = typeof properties;
export type TransportRuleValues = ValuesOf<TransportRuleProperties>;
export type TransportRuleChanges = ChangesOf<TransportRuleProperties>;
export type TransportRuleObject = DirectoryObject<TransportRuleProperties>;

export const transportRuleObject: ObjectDeclaration<TransportRuleProperties> = {
  kind: 'TransportRule',
  noun: 'transport rule',
  objectClass: 'msExchTransportRule',
  container: 'CN=TransportVersioned,CN=Rules,CN=Transport Settings',
  nameType: objectNameType,
  properties,
};

export const actionNames: readonly (keyof typeof actionProperties)[] = namesOf(actionProperties);

/** In the order in which they run. */
export function inOrderOfPriority(rules: readonly TransportRuleObject[]): readonly TransportRuleObject[] {
  return [...rules].sort((a, b) =>
    a.values.Rank < b.values.Rank ? -1 : a.values.Rank > b.values.Rank ? 1 : 0,
  );
}

export function toTransportRules(rules: readonly TransportRuleObject[]): readonly TransportRule[] {
  return inOrderOfPriority(rules).map(({ guid, values }, Priority) => ({
    Guid: guid,
    Name: values.Name,
    Priority,
    State: values.State,
    Mode: values.Mode,
    StopRuleProcessing: values.StopRuleProcessing,
    RuleErrorAction: values.RuleErrorAction,
    SenderAddressLocation: values.SenderAddressLocation,
    ActivationDate: values.ActivationDate,
    ExpiryDate: values.ExpiryDate,
    Conditions: toPredicates(values, ''),
    Exceptions: toPredicates(values, 'ExceptIf'),
    Actions: toActions(values),
  }));
}

/** How a predicate's texts stand in the configuration; those that aren't named here stand as they were typed. */
const CANONICAL: ReadonlyMap<keyof RulePredicates, (text: string) => string> = new Map([
  ['From', addressKey],
  ['SentTo', addressKey],
  ['SenderDomainIs', domainKey],
  ['RecipientDomainIs', domainKey],
  ['SenderIpRanges', ipRangeKey],
]);

function toPredicates(values: TransportRuleValues, prefix: '' | 'ExceptIf'): RulePredicates {
  const predicates = predicateNames.map((name): readonly unknown[] => {
    const value: unknown = values[`${prefix}${name}`];
    const canonical = CANONICAL.get(name);
    return [name, canonical && Array.isArray(value) ? value.map(String).map(canonical) : value];
  });
  return Object.fromEntries(predicates);
}

function toActions(values: TransportRuleValues): RuleActions {
  const actions: RuleActions = Object.fromEntries(
    actionNames.map((name): readonly unknown[] => [name, values[name]]),
  );
  const rejects = values.RejectMessageReasonText !== null || values.RejectMessageEnhancedStatusCode !== null;
  return {
    ...actions,
    RedirectMessageTo: values.RedirectMessageTo.map(addressKey),
    BlindCopyTo: values.BlindCopyTo.map(addressKey),
    RejectMessageReasonText: rejects ? (values.RejectMessageReasonText ?? DEFAULT_REASON) : null,
    RejectMessageEnhancedStatusCode: rejects ? (values.RejectMessageEnhancedStatusCode ?? '5.7.1') : null,
  };
}

const DEFAULT_REASON = "Delivery not authorized by the organization's rules, message refused";
