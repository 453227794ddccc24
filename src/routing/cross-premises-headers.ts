// The header firewall, seed: CloudServicesMailEnabled. Exchange's own headers say how far a message is trusted: they cross
// between the two sides of an organization under another name, and nobody else can send or see them. Pure over the
// octets of the header; every field that isn't Exchange's stays byte for byte, the body isn't touched at all.
import { editHeader, type FieldEdit, headerEnd } from '#mail/header-block.ts';
import type { HeaderFacts } from '#mail/message.ts';
import type { Route } from './route.ts';

const ORGANIZATION = 'X-MS-Exchange-Organization-';
const CROSS_PREMISES = 'X-MS-Exchange-CrossPremises-';
const organization = ORGANIZATION.toLowerCase();
const crossPremises = CROSS_PREMISES.toLowerCase();
const forest = 'x-ms-exchange-forest-';

/** Convertible names in the form convertOutbound compares; make it once for each configuration. */
export function convertibleNames(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => name.toLowerCase()));
}

/** Whether a message needs the outbound firewall at all: most have none of these fields, and most routes add none. */
export function needsOutboundFirewall(facts: HeaderFacts, mode: Route['crossPremisesHeaders']): boolean {
  return mode === 'Preserve' || facts.exchangeHeaders;
}

/**
 * What leaves. `content` may be the header block or begin with it; the part behind the header comes back as it was, and the
 * same array where nothing changed. `host` is the name of this gateway.
 */
export function convertOutbound(
  content: Uint8Array,
  mode: Route['crossPremisesHeaders'],
  host: string,
  convertible: ReadonlySet<string>,
): Uint8Array {
  return editHeaderOf(content, (header) =>
    mode === 'Preserve' ? preserve(header, host, convertible) : removeAll(header, host),
  );
}

function preserve(header: Uint8Array, host: string, convertible: ReadonlySet<string>): Uint8Array {
  const decide = (name: string): FieldEdit => {
    const lower = name.toLowerCase();
    if (lower.startsWith(organization)) {
      const rest = organization.length;
      return convertible.has(lower.slice(rest)) ? { name: CROSS_PREMISES + name.slice(rest) } : 'remove';
    }
    return lower.startsWith(forest) ? 'remove' : 'keep';
  };
  return editHeader(header, decide, `X-OrganizationHeadersPreserved: ${host}\r\n`);
}

function removeAll(header: Uint8Array, host: string): Uint8Array {
  let filtered = false;
  const removed = editHeader(header, (name) => {
    const lower = name.toLowerCase();
    if (!isExchanges(lower)) return 'keep';
    filtered ||= lower.startsWith(crossPremises);
    return 'remove';
  });
  return filtered ? added(removed, `X-CrossPremisesHeadersFilteredBySendConnector: ${host}\r\n`) : removed;
}

/**
 * What comes in. `trusted`: over an OnPremises inbound connector with CloudServicesMailEnabled. As convertOutbound, `content`
 * may go on behind the header.
 */
export function convertInbound(content: Uint8Array, trusted: boolean, host: string): Uint8Array {
  return editHeaderOf(content, (header) => (trusted ? promote(header, host) : filter(header, host)));
}

function promote(header: Uint8Array, host: string): Uint8Array {
  const promoted = new Set<string>();
  editHeader(header, (name) => {
    const lower = name.toLowerCase();
    if (lower.startsWith(crossPremises)) promoted.add(lower.slice(crossPremises.length));
    return 'keep';
  });
  const decide = (name: string): FieldEdit => {
    const lower = name.toLowerCase();
    if (lower.startsWith(crossPremises)) return { name: ORGANIZATION + name.slice(crossPremises.length) };
    // seed: promoted headers replace those of the same name that were there.
    return lower.startsWith(organization) && promoted.has(lower.slice(organization.length))
      ? 'remove'
      : 'keep';
  };
  return editHeader(header, decide, `X-CrossPremisesHeadersPromoted: ${host}\r\n`);
}

function filter(header: Uint8Array, host: string): Uint8Array {
  const filtered = editHeader(header, (name) => (isExchanges(name.toLowerCase()) ? 'remove' : 'keep'));
  return filtered === header ? header : added(filtered, `X-CrossPremisesHeadersFiltered: ${host}\r\n`);
}

function isExchanges(lower: string): boolean {
  return lower.startsWith(organization) || lower.startsWith(crossPremises) || lower.startsWith(forest);
}

function added(header: Uint8Array, field: string): Uint8Array {
  return editHeader(header, () => 'keep', field);
}

function editHeaderOf(content: Uint8Array, edit: (header: Uint8Array) => Uint8Array): Uint8Array {
  const end = headerEnd(content);
  const header = content.subarray(0, end);
  const edited = edit(header);
  if (edited === header) return content;
  return end === content.length ? edited : Buffer.concat([edited, content.subarray(end)]);
}
