// What names a configured object: a name, a distinguished name or a GUID as text (connectors.md rule 2), or the object
// itself from a pipeline, which counts by its Guid. Finding the object is the cmdlet's business; $null and empty text
// are mistakes, never "everything".
import { cannotConvert, ConversionProblem, defineType, single, textOf } from './parameter-type.ts';
import type { ParameterType } from './parameter-type.ts';
import { PsObject } from './value.ts';

const MAX_IDENTITY = 1024;

/** `identity('OutboundConnector')` is shown as OutboundConnectorIdParameter and completes connector names. */
export function identity(kind: string): ParameterType<string> {
  const name = `${kind}IdParameter`;
  return defineType({
    name,
    completes: kind,
    schema: { type: 'string', minLength: 1, maxLength: MAX_IDENTITY },
    read: (value) => {
      const one = single(value);
      if (one === null) throw new ConversionProblem('it is null', 'null');
      const given =
        one instanceof PsObject ? (one.get('Guid') ?? one.get('Identity') ?? one.get('Name') ?? null) : one;
      const text = textOf(given);
      if (text === null) throw cannotConvert(value, name, 'Give a name, a distinguished name or a GUID.');
      if (text.trim() === '') throw new ConversionProblem('it is empty', 'emptyText');
      if (text.length > MAX_IDENTITY)
        throw cannotConvert(value, name, `It is longer than ${MAX_IDENTITY} characters.`);
      return text;
    },
    print: (value) => value,
  });
}

/** How an object from a pipeline names itself: the GUID, which outlives a rename; undefined where it has no identity. */
export function identityOf(object: PsObject): string | undefined {
  for (const property of ['Guid', 'Identity', 'Name']) {
    const text = textOf(object.get(property) ?? null);
    if (text !== null && text !== '') return text;
  }
  return undefined;
}
