// The types of values that configured objects share: names, domains, smart hosts, addresses, ranges of IP addresses.
// Each reads what an administrator typed and keeps it as typed (that is what Get- shows); `…Key` functions give the
// canonical text by which two values are the same.
import { parseAddress } from '#mail/address.ts';
import type { EnhancedStatus } from '#mail/enhanced-status.ts';
import { parseDomainPattern, printDomainPattern } from '#mail/domain-pattern.ts';
import { toALabels } from '#mail/domain-name.ts';
import { parseSmartHost, printSmartHost } from '#mail/smart-host.ts';
import { ConversionProblem, invalidValue } from '#parameters/parameter-type.ts';
import type { ParameterType } from '#parameters/parameter-type.ts';
import { textLike } from '#parameters/scalar-types.ts';

const MAX_NAME = 64;

function checkedName(text: string): string {
  if (text === '') throw new ConversionProblem('it is empty', 'emptyText');
  if (text.length > MAX_NAME) {
    throw invalidValue(
      `The name has ${text.length} characters; the maximum is ${MAX_NAME}. Choose a shorter name.`,
    );
  }
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text) || !text.isWellFormed()) {
    throw invalidValue(
      'The name has control characters in it (a line break or a tab, perhaps). Remove them.',
    );
  }
  if (text.trim() !== text) {
    throw invalidValue(`The name "${text}" begins or ends with white space. Remove it.`);
  }
  return text;
}

/** Names of objects: 1 to 64 characters, no control characters, no white space at the ends. */
export const objectNameType: ParameterType<string> = textLike('String', checkedName, (name) => name, {
  minLength: 1,
  maxLength: MAX_NAME,
});

/** connectors.md rule 1. Exchange: `/` and `\` can't be in a connector's name. */
export const connectorNameType: ParameterType<string> = textLike(
  'String',
  (text) => {
    if (/[/\\]/.test(text)) {
      throw invalidValue(
        `The name "${text}" has a / or \\ in it, which a connector's name can't have. Leave it out.`,
      );
    }
    return checkedName(text);
  },
  (name) => name,
  { minLength: 1, maxLength: MAX_NAME },
);

/** `contoso.com`, `*.contoso.com` or `*`; seed: a wildcard stands only as the whole first label. */
export const domainPatternType: ParameterType<string> = textLike(
  'SmtpDomainWithSubdomains',
  checkedPattern,
  (text) => text,
);

/** As domainPatternType, without the bare `*`; seed: TlsDomain. */
export const certificateDomainType: ParameterType<string> = textLike(
  'SmtpDomainWithSubdomains',
  (text) => {
    if (text.trim() === '*') {
      throw invalidValue(
        '"*" would accept any name in a certificate. Name a domain, as in contoso.com or *.contoso.com.',
      );
    }
    return checkedPattern(text);
  },
  (text) => text,
);

function checkedPattern(text: string): string {
  const pattern = parseDomainPattern(text);
  if (typeof pattern === 'string') throw invalidValue(pattern);
  return text.trim();
}

/** The canonical text of a domain pattern. */
export function domainPatternKey(text: string): string {
  const pattern = parseDomainPattern(text);
  return typeof pattern === 'string' ? text : printDomainPattern(pattern);
}

export const domainNameType: ParameterType<string> = textLike(
  'SmtpDomain',
  (text) => {
    const typed = text.trim();
    if (toALabels(typed) === null) {
      throw invalidValue(
        `"${typed.slice(0, 80)}" is not a domain name. Give a name such as contoso.com, without wildcards.`,
      );
    }
    return typed;
  },
  (text) => text,
);

/** The domain in A-labels and lower case. */
export function domainKey(text: string): string {
  return toALabels(text) ?? text.toLowerCase();
}

/** connectors.md rule 4. */
export const smartHostType: ParameterType<string> = textLike(
  'SmartHost',
  (text) => {
    const host = parseSmartHost(text);
    if (typeof host === 'string') throw invalidValue(host);
    return text.trim();
  },
  (text) => text,
);

export function smartHostKey(text: string): string {
  const host = parseSmartHost(text);
  return typeof host === 'string' ? text : printSmartHost(host);
}

export const smtpAddressType: ParameterType<string> = textLike(
  'SmtpAddress',
  (text) => {
    const typed = text.trim().replace(/^smtp:/i, '');
    if (parseAddress(typed) === null) {
      throw invalidValue(
        `"${typed.slice(0, 80)}" is not an e-mail address. Give one such as ada@contoso.com.`,
      );
    }
    return typed;
  },
  (text) => text,
);

/** The form in which addresses are compared: lower case, the domain in A-labels. */
export function addressKey(text: string): string {
  const address = parseAddress(text);
  return address === null ? text.toLowerCase() : `${address.localPart.toLowerCase()}@${address.domain}`;
}

/** Exchange prints an inbound connector's domains as `smtp:contoso.com;1`; that is read as the domain. */
export const senderDomainType: ParameterType<string> = textLike(
  'AddressSpace',
  (text) => checkedPattern(withoutAddressSpace(text)),
  (text) => text,
);

function withoutAddressSpace(text: string): string {
  return /^\s*(?:smtp:)?([^;]*?)(?:;\d{1,3})?\s*$/i.exec(text)?.[1] ?? text;
}

/** RFC 5322 §2.2: printable ASCII without the colon. */
export const headerNameType: ParameterType<string> = textLike(
  'HeaderName',
  (text) => {
    const name = text.trim().replace(/:$/, '');
    if (!/^[!-9;-~]{1,64}$/.test(name)) {
      throw invalidValue(
        `"${text.slice(0, 80)}" can't be the name of a header field. Use up to 64 printable ASCII characters without spaces or colons.`,
      );
    }
    return name;
  },
  (text) => text,
);

/** A file name's extension, without the dot. */
export const extensionType: ParameterType<string> = textLike(
  'Word',
  (text) => {
    const extension = text
      .trim()
      .replace(/^\*?\./, '')
      .toLowerCase();
    if (!/^[^\s./\\*?]{1,32}$/.test(extension)) {
      throw invalidValue(`"${text.slice(0, 80)}" is not a file extension. Give it as in exe or docx.`);
    }
    return extension;
  },
  (text) => text,
);

/** Exchange: 5.7.1, or 5.7.900 to 5.7.999. */
export const rejectionStatusType: ParameterType<EnhancedStatus> = textLike<EnhancedStatus>(
  'RejectEnhancedStatus',
  (text) => {
    const detail = /^5\.7\.(1|9\d\d)$/.exec(text.trim())?.[1];
    if (detail === undefined) {
      throw invalidValue(
        `"${text.slice(0, 40)}" can't be the status of a refusal. Use 5.7.1, or 5.7.900 to 5.7.999.`,
      );
    }
    return `5.7.${Number(detail)}`;
  },
  (text) => text,
);
