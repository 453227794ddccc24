// The conditions of transport rules, declared once (routing.md). Each stands a second time as an exception, under its
// name with ExceptIf in front; both have the same type.
import { byteSize } from '#parameters/quantity-types.ts';
import { identity } from '#parameters/identity.ts';
import { enumeration, textUpTo, wholeNumber } from '#parameters/scalar-types.ts';
import { namesOf } from './declared-object.ts';
import { ipRangeKey, ipRangeType } from './ip-range.ts';
import { listProperty, nullableProperty } from './property-declaration.ts';
import {
  addressKey,
  domainKey,
  domainNameType,
  extensionType,
  headerNameType,
  smtpAddressType,
} from './property-types.ts';
import { patternType } from './regular-expression.ts';

const scopeType = enumeration('FromUserScope', ['InOrganization', 'NotInOrganization']);
const wordType = textUpTo(128, 1);
const sclType = wholeNumber(-1, 9);
const groupType = identity('DistributionGroup');
const sizeType = byteSize(0, 2 ** 40);

const sameText = (text: string): string => text;
const lowerCase = (text: string): string => text.toLowerCase();

const addresses = (help: string) =>
  listProperty(smtpAddressType, addressKey, { typeName: 'SmtpAddress[]', help });
const words = (help: string) => listProperty(wordType, lowerCase, { typeName: 'Word[]', help });
const expressions = (help: string) => listProperty(patternType, sameText, { typeName: 'Pattern[]', help });
const domains = (help: string) => listProperty(domainNameType, domainKey, { typeName: 'Word[]', help });
/** Kept as GUIDs, given and shown as names: see transport-rule-references.ts. */
const groups = (help: string) =>
  listProperty(groupType, sameText, { typeName: 'RecipientIdParameter[]', help });

/** `say` makes a sentence of what goes on from "mail": "mail whose sender is one of these addresses". */
function predicates(say: (what: string) => string) {
  return {
    FromScope: nullableProperty(scopeType, {
      help: say(
        'whose sender is inside the organization (in an accepted domain, and a submission user or an on-premises server handed it in), or is not',
      ),
    }),
    SentToScope: nullableProperty(enumeration('ToUserScope', ['InOrganization', 'NotInOrganization']), {
      help: say('to recipients in an accepted domain (InOrganization), or in none'),
    }),
    From: addresses(say('whose sender is one of these addresses')),
    SentTo: addresses(say('to one of these addresses')),
    FromMemberOf: groups(say('whose sender is a member of one of these distribution groups')),
    SentToMemberOf: groups(say('to members of one of these distribution groups')),
    SenderDomainIs: domains(say("whose sender's domain is one of these or below one of them")),
    RecipientDomainIs: domains(say('to recipients whose domain is one of these or below one of them')),
    FromAddressContainsWords: words(say("whose sender's address has one of these words in it")),
    FromAddressMatchesPatterns: expressions(
      say("whose sender's address matches one of these regular expressions"),
    ),
    RecipientAddressContainsWords: words(say('to recipients whose address has one of these words in it')),
    RecipientAddressMatchesPatterns: expressions(
      say('to recipients whose address matches one of these regular expressions'),
    ),
    HeaderContainsMessageHeader: nullableProperty(headerNameType, {
      help: say('with a header field of this name that has one of the words of HeaderContainsWords in it'),
    }),
    HeaderContainsWords: words(
      say('whose header field, named by HeaderContainsMessageHeader, has one of these words in it'),
    ),
    HeaderMatchesMessageHeader: nullableProperty(headerNameType, {
      help: say(
        'with a header field of this name that matches one of the expressions of HeaderMatchesPatterns',
      ),
    }),
    HeaderMatchesPatterns: expressions(
      say(
        'whose header field, named by HeaderMatchesMessageHeader, matches one of these regular expressions',
      ),
    ),
    SubjectContainsWords: words(say('whose subject has one of these words in it')),
    SubjectMatchesPatterns: expressions(say('whose subject matches one of these regular expressions')),
    SubjectOrBodyContainsWords: words(say('whose subject or text has one of these words in it')),
    MessageTypeMatches: nullableProperty(
      enumeration('MessageType', ['OOF', 'AutoForward', 'Encrypted', 'Calendaring', 'Signed', 'ReadReceipt']),
      {
        help: say(
          'of this type: out-of-office replies, automatically forwarded, encrypted, meeting requests, signed, or read receipts',
        ),
      },
    ),
    MessageSizeOver: nullableProperty(sizeType, { help: say('of this size or larger, such as 25MB') }),
    AttachmentSizeOver: nullableProperty(sizeType, {
      help: say('with an attachment of this size or larger, such as 10MB'),
    }),
    AttachmentExtensionMatchesWords: listProperty(extensionType, lowerCase, {
      typeName: 'Word[]',
      help: say('with an attachment whose file name ends in one of these, such as exe'),
    }),
    SenderIpRanges: listProperty(ipRangeType, ipRangeKey, {
      help: say(
        'that came from one of these IP addresses, ranges (192.0.2.1-192.0.2.9) or networks (192.0.2.0/24)',
      ),
    }),
    WithImportance: nullableProperty(enumeration('Importance', ['Low', 'Normal', 'High']), {
      help: say('marked with this importance'),
    }),
    SCLOver: nullableProperty(sclType, {
      help: say('with this spam confidence level (-1 to 9) or a higher one'),
    }),
  };
}

type Predicates = ReturnType<typeof predicates>;
type Exceptions = { readonly [K in keyof Predicates as `ExceptIf${K}`]: Predicates[K] };

export const conditionProperties: Predicates = predicates(
  (what) =>
    `A condition: mail ${what}.\n\nAll conditions of a rule must hold. $null takes the condition away.`,
);

export const exceptionProperties: Exceptions = Object.fromEntries(
  Object.entries(predicates((what) => `An exception: the rule leaves alone mail ${what}.`)).map(
    ([name, declaration]): readonly unknown[] => [`ExceptIf${name}`, declaration],
  ),
);

/** In the order of help and Get-TransportRule. */
export const predicateNames: readonly (keyof Predicates)[] = namesOf(conditionProperties);
