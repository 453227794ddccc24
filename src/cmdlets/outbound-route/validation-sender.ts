// The sender of mail that stands in for real mail: of tests of the route and of connectors (cmdlets.md).
import type { Configuration } from '#directory/configuration.ts';
import { type Address, parseAddress } from '#mail/address.ts';
import { invalidValue, type ParameterType } from '#parameters/parameter-type.ts';
import { textLike } from '#parameters/scalar-types.ts';

export function validationSender(configuration: Configuration, hostname: string): Address {
  const domain = configuration.acceptedDomains.find((one) => one.Default)?.DomainName ?? hostname;
  return { localPart: 'connector-validation', domain };
}

/** An envelope address as Address; `smtp:` before it is passed over. */
export const addressType: ParameterType<Address> = textLike(
  'SmtpAddress',
  readAddress,
  ({ localPart, domain }) => `${localPart}@${domain}`,
);

/** The same, or <> for the null sender. */
export const senderType: ParameterType<Address | null> = textLike<Address | null>(
  'SmtpAddress',
  (text) => (text.trim() === '<>' ? null : readAddress(text)),
  (address) => (address === null ? '<>' : `${address.localPart}@${address.domain}`),
);

function readAddress(text: string): Address {
  const address = parseAddress(text.trim().replace(/^smtp:/i, ''));
  if (address !== null) return address;
  throw invalidValue(`"${text.slice(0, 80)}" is not an e-mail address. Give one such as ada@contoso.com.`);
}
