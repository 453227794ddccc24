// Names of configured objects: their order, and the distinguished names made of them (RFC 4514). Pure.

/** Which of two connectors "sorts first" (Exchange's tie-break): without regard to case, then by code unit. */
export function compareNames(a: string, b: string): number {
  const [first, second] = [a.toLowerCase(), b.toLowerCase()];
  if (first !== second) return first < second ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `CN=Contoso\, East,CN=Transport Settings,…`; RFC 4514 §2.4. */
export function distinguishedName(name: string, container: string): string {
  return `CN=${escapeValue(name)},${container}`;
}

/** The name in a distinguished name of this container, without regard to case; null if it is none of it. */
export function nameFromDistinguishedName(text: string, container: string): string | null {
  const start = text.length - container.length - 1;
  if (start < 3 || text.slice(0, 3).toLowerCase() !== 'cn=') return null;
  if (text.slice(start).toLowerCase() !== `,${container.toLowerCase()}`) return null;
  return unescapeValue(text.slice(3, start));
}

function escapeValue(value: string): string {
  return value.replace(/[,+"\\<>;=]|^[ #]| $/g, (character) => `\\${character}`);
}

/** null where a special character stands unescaped: then the text names something deeper in the tree. */
function unescapeValue(value: string): string | null {
  if (!/^(?:[^,+"\\<>;=]|\\.)*$/s.test(value)) return null;
  return value.replace(/\\(.)/gs, '$1');
}
