// Select-Object: some of the objects, or some of their properties. -First stops the commands before it as soon as it has
// enough.
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import { equals } from '#shell/values/compare.ts';
import { shortTypeName } from '#shell/values/exception-value.ts';
import { itemsOf } from '#shell/values/object-values.ts';
import { getProperty } from '#shell/values/members.ts';
import { propertyNames } from '#shell/values/property-names.ts';
import { toText, typeName } from '#shell/values/text.ts';
import { compileWildcard } from '#shell/values/wildcard.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
  INPUT_OBJECT,
} from '#shell/runtime/builtin-command.ts';
import { evaluateSpec, expandSpecs, labelFor, type PropertySpec, propertySpecs } from './property-spec.ts';

class Selection {
  readonly #context: CommandContext;
  readonly #specs: readonly PropertySpec[];
  readonly #excluded: readonly ((name: string) => boolean)[];
  readonly #expand: string | null;
  readonly #seen: Value[] = [];

  constructor(context: CommandContext) {
    this.#context = context;
    this.#specs = propertySpecs(context.list('Property'));
    this.#excluded = context.list('ExcludeProperty').map((name) => compileWildcard(toText(name)));
    this.#expand = context.text('ExpandProperty');
  }

  async pass(input: Value): Promise<void> {
    const context = this.#context;
    if (this.#expand !== null) return this.#expandProperty(input, this.#expand);
    const selected = this.#specs.length > 0 || this.#excluded.length > 0 ? await this.#project(input) : input;
    if (context.flag('Unique')) {
      if (this.#seen.some((known) => sameObject(known, selected))) return;
      this.#seen.push(selected);
      context.frame.session.budget.allocated(1);
    }
    await context.emit(selected);
  }

  async #expandProperty(input: Value, property: string): Promise<void> {
    const matches = compileWildcard(property);
    const name = input instanceof Hashtable ? property : (propertyNames(input).find(matches) ?? property);
    const value = getProperty(input, name);
    if (value === undefined) {
      await this.#context.error(`Property "${property}" cannot be found.`, {
        category: 'InvalidArgument',
        errorId: 'ExpandPropertyNotFound',
        exception: 'System.Management.Automation.PSArgumentException',
        target: input,
      });
      return;
    }
    for (const item of itemsOf(value)) await this.#context.emit(item);
  }

  async #project(input: Value): Promise<PsObject> {
    const source = input instanceof Hashtable ? new PsObject('Hashtable', input.entries()) : input;
    const specs = expandSpecs(this.#specs.length > 0 ? this.#specs : propertySpecs(['*']), source);
    const short = shortTypeName(typeName(input).replace(/^Selected\./, ''));
    const result = new PsObject(`Selected.${short}`);
    for (const spec of specs) {
      const label = labelFor(spec, source);
      if (this.#excluded.some((matches) => matches(label))) continue;
      result.properties.set(label, await evaluateSpec(spec, source, this.#context));
    }
    return result;
  }
}

function sameObject(left: Value, right: Value): boolean {
  if (!(left instanceof PsObject) || !(right instanceof PsObject)) return equals(left, right, 'exact');
  const names = propertyNames(left);
  return (
    names.length === propertyNames(right).length &&
    names.every((name) => toText(left.get(name) ?? null) === toText(right.get(name) ?? null))
  );
}

const selectObject = defineBuiltin(
  {
    name: 'Select-Object',
    synopsis: 'Picks objects from the pipeline, or properties from each.',
    parameters: [
      builtinParameter('Property', 'object[]', {
        position: 0,
        help: 'Names, wildcards, or tables with Name and Expression.',
      }),
      builtinParameter('ExcludeProperty', 'string[]', {
        help: 'Properties to leave out; wildcards allowed.',
      }),
      builtinParameter('ExpandProperty', 'string', { help: 'Gives the values of one property themselves.' }),
      builtinParameter('First', 'int', {
        help: 'That many from the beginning; then the commands before stop.',
      }),
      builtinParameter('Last', 'int', { help: 'That many from the end.' }),
      builtinParameter('Skip', 'int', {
        help: 'Leaves out that many at the beginning, or with -Last at the end.',
      }),
      builtinParameter('SkipLast', 'int', { help: 'Leaves out that many at the end.' }),
      builtinParameter('Index', 'int[]', { help: 'Those at the given places, from 0.' }),
      builtinParameter('Unique', 'switch', { help: 'Each value once.' }),
      builtinParameter('Wait', 'switch', { help: 'Lets the commands before run to their end.' }),
      INPUT_OBJECT,
    ],
  },
  (context) => {
    const selection = new Selection(context);
    const first = context.number('First');
    const last = context.number('Last');
    const skipLast = context.number('SkipLast');
    const places = context.has('Index') ? new Set(context.list('Index')) : null;
    let skip = last === null ? (context.number('Skip') ?? 0) : 0;
    let passed = 0;
    let index = -1;
    const held: Value[] = [];
    return {
      process: async (input) => {
        index++;
        if (places && !places.has(index)) return;
        if (skip > 0) {
          skip--;
          return;
        }
        if (last !== null || skipLast !== null) {
          held.push(input);
          const limit = last !== null ? last + (context.number('Skip') ?? 0) : (skipLast ?? 0);
          if (held.length <= limit) return;
          const oldest = held.shift() ?? null;
          if (last === null) await selection.pass(oldest);
          return;
        }
        if (first !== null && passed >= first) return;
        passed++;
        await selection.pass(input);
        if (first !== null && passed >= first && !context.flag('Wait')) context.stopUpstream();
      },
      begin: () => {
        if (first === 0 && context.hasInput && last === null && !context.flag('Wait')) context.stopUpstream();
      },
      end: async () => {
        if (last === null) return;
        const skipped = context.number('Skip') ?? 0;
        for (const item of held.slice(0, held.length - skipped)) await selection.pass(item);
      },
    };
  },
);

export const commands: readonly BuiltinCommand[] = [selectObject];
