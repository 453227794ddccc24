// Distinguished names as text that is equal when the names are (RFC 5280 §7.1): authorities write the same name now in one
// string type, now in another, and OpenSSL takes both for equal. Case and runs of white space don't count.
import { contentOf, inside, oidOf, TAG, textOf, type DerElement } from './der.ts';

/** From a Name. For comparison only, never for people. */
export function canonicalName(name: DerElement): string {
  const parts: string[] = [];
  const relative = inside(name);
  while (relative.next()) {
    const values: string[] = [];
    const attributes = inside(relative.element());
    while (attributes.next()) values.push(canonicalAttribute(attributes.element()));
    parts.push(values.sort().join('+'));
  }
  return parts.join(',');
}

function canonicalAttribute(element: DerElement): string {
  const attribute = inside(element);
  const type = oidOf(attribute.expect(TAG.oid));
  if (!attribute.next()) return type;
  const value = attribute.element();
  const text = textOf(value)?.trim().replace(/\s+/g, ' ').toLowerCase();
  // JSON quotes what a name could otherwise use to look like two attributes.
  return `${type}=${text === undefined ? Buffer.from(contentOf(value)).toString('hex') : JSON.stringify(text)}`;
}
