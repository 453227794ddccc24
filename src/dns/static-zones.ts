// A resolver that answers from a table instead of the network: for tests of everything above it, and for the demo.
// Names that the table doesn't hold don't exist; a name that it does hold has no other records than the given ones.
import { type Lookup, type QuestionType, type RecordData, type Resolver, toDnsName } from './lookup.ts';

/** What a name has. `failing`: every question for it fails, as SERVFAIL would. */
export interface StaticName {
  readonly A?: readonly string[];
  readonly AAAA?: readonly string[];
  readonly MX?: readonly RecordData['MX'][];
  readonly TXT?: readonly string[];
  readonly TLSA?: readonly RecordData['TLSA'][];
  readonly CNAME?: string;
  readonly authenticated?: boolean;
  readonly failing?: boolean;
}

const MAX_CNAMES = 8;

export function createStaticResolver(zones: Readonly<Record<string, StaticName>>): Resolver {
  const names = new Map(Object.entries(zones).map(([name, data]) => [toDnsName(name) ?? name, data]));

  function answer<Q extends QuestionType>(start: string, type: Q): Lookup<RecordData[Q]> {
    let name = toDnsName(start) ?? start;
    let authenticated = true;
    for (let step = 0; step <= MAX_CNAMES; step += 1) {
      const data = names.get(name);
      if (data === undefined) return { kind: 'none', reason: 'NXDOMAIN', authenticated: false };
      if (data.failing)
        return { kind: 'failed', detail: `The name server answered SERVFAIL for ${type} of ${name}` };
      authenticated &&= data.authenticated ?? false;
      if (data.CNAME !== undefined) {
        name = toDnsName(data.CNAME) ?? data.CNAME;
        continue;
      }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the type that was asked for is that of the data
      const records = data[type] as readonly RecordData[Q][] | undefined;
      return records === undefined || records.length === 0
        ? { kind: 'none', reason: 'NODATA', authenticated }
        : { kind: 'found', records, canonicalName: name, authenticated };
    }
    return { kind: 'failed', detail: `The CNAME chain of ${start} is too long or runs in a circle` };
  }

  return { resolve: (name, type) => Promise.resolve(answer(name, type)) };
}
