// A kind of configured object, declared once: its properties in the order that Get- shows them, each with type, default,
// which cmdlets take it, and help. The parameters of New- and Set-, the object that Get- returns, the form in the store
// and the list of changes that WhatIf prints all follow from the declaration. Knows no kind in particular.
import { DateTime } from '#parameters/date-time.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import type { ParameterSet } from '#parameters/parameter-declaration.ts';
import { isList } from '#parameters/parameter-type.ts';
import type { ParameterType } from '#parameters/parameter-type.ts';

import type { Value } from '#parameters/value.ts';
import { shownValue } from './shown-value.ts';

/** What a property is kept as: JSON-able, and the same after any clone. */
export type Stored = null | boolean | number | string | readonly string[];

export type TakenBy = 'New' | 'Set' | 'both' | 'neither';

export interface PropertyDeclaration<T extends Stored = Stored, C = unknown> {
  /** What New- and Set- read; null for properties that no cmdlet takes directly. */
  readonly input: ParameterType<C> | null;
  readonly initial: T;
  readonly takenBy: TakenBy;
  readonly help: string;
  /** Kept, but never shown by Get-, WhatIf or the audit log. */
  readonly hidden: boolean;
  /** What a command asked for, on top of what is there. */
  apply(current: T, change: C): { readonly value: T; readonly warnings: readonly string[] };
  print(value: T): Value;
  /** Whether a value from the store is one; what isn't falls back to `initial`. */
  accepts(stored: unknown): stored is T;
}

// biome-ignore lint/suspicious/noExplicitAny: a set of properties mixes types; ValuesOf gives each back exactly
export type AnyProperty = PropertyDeclaration<any, any>;
/** In the order of display. `Name` is among the values of every object, but is declared for all of them alike. */
export type Properties = Readonly<Record<string, AnyProperty>>;

export type ValuesOf<P extends Properties> = { readonly Name: string } & {
  readonly [K in keyof P]: P[K] extends PropertyDeclaration<infer T, infer _C> ? T : never;
};
/** What a command asked for: only the properties that it named. */
export type ChangesOf<P extends Properties> = { readonly Name?: string } & {
  readonly [K in keyof P]?: P[K] extends PropertyDeclaration<infer _T, infer C> ? C : never;
};

export interface ObjectDeclaration<P extends Properties = Properties> {
  /** `OutboundConnector`: the noun of its cmdlets, its type's name, and the kind in the store. */
  readonly kind: string;
  /** As a sentence says it: `outbound connector`. */
  readonly noun: string;
  /** Exchange's schema class. */
  readonly objectClass: string;
  /** The relative distinguished names above the object's own, below the organization's configuration. */
  readonly container: string;
  readonly nameType: ParameterType<string>;
  readonly properties: P;
  /** Shown behind the properties, and made from them. */
  readonly computed?: Readonly<Record<string, (values: Readonly<Record<string, unknown>>) => Value>>;
}

/** What is shown and recorded of an object that was or would be changed. */
export interface PropertyChange {
  readonly name: string;
  readonly before: Value;
  readonly after: Value;
}

/** Made key by key from a declaration: that its type is the declaration's is more than TypeScript can follow. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Built = any;

export function initialValues<P extends Properties>(
  declaration: ObjectDeclaration<P>,
  name: string,
): ValuesOf<P> {
  const values: Built = { Name: name };
  for (const [key, { initial }] of Object.entries(declaration.properties)) values[key] = initial;
  return values;
}

/** Reads the form in the store: properties that are missing or damaged get their defaults, unknown ones are left out. */
export function restoreValues<P extends Properties>(
  declaration: ObjectDeclaration<P>,
  data: Readonly<Record<string, unknown>>,
): ValuesOf<P> {
  const values: Built = { ...initialValues(declaration, String(data['Name'])) };
  for (const [key, property] of Object.entries(declaration.properties)) {
    const stored = Object.hasOwn(data, key) ? data[key] : undefined;
    if (property.accepts(stored)) values[key] = stored;
  }
  return values;
}

/** Applies what a command asked for. Rules that look at several properties come after this. */
export function applyChanges<P extends Properties>(
  declaration: ObjectDeclaration<P>,
  before: ValuesOf<P>,
  changes: ChangesOf<P>,
): { readonly after: ValuesOf<P>; readonly warnings: readonly string[] } {
  const after: Built = { ...before };
  const warnings: string[] = [];
  if (changes.Name !== undefined) after['Name'] = changes.Name;
  for (const [key, property] of Object.entries(declaration.properties)) {
    if (!Object.hasOwn(changes, key) || changes[key] === undefined) continue;
    const applied = property.apply(after[key], changes[key]);
    after[key] = applied.value;
    warnings.push(...applied.warnings.map((warning) => `${key}: ${warning}`));
  }
  return { after, warnings };
}

/** What a command would have to ask for to get these values, whatever there is; hidden ones can't be asked for. */
export function changesTo<P extends Properties>(
  declaration: ObjectDeclaration<P>,
  values: ValuesOf<P>,
): ChangesOf<P> {
  const changes: Built = { Name: values.Name };
  for (const [name, { input }] of Object.entries(declaration.properties)) {
    const value: unknown = values[name];
    if (input !== null) changes[name] = Array.isArray(value) ? { replace: value } : value;
  }
  return changes;
}

/** The properties that differ, as Get- would print them; hidden ones are left out. */
export function changedProperties<P extends Properties>(
  declaration: ObjectDeclaration<P>,
  before: ValuesOf<P> | null,
  after: ValuesOf<P> | null,
): readonly PropertyChange[] {
  const named =
    before?.Name === after?.Name
      ? []
      : [{ name: 'Name', before: before?.Name ?? null, after: after?.Name ?? null }];
  const changed = Object.entries(declaration.properties).flatMap(([name, property]) => {
    const [old, now]: readonly (Stored | undefined)[] = [before?.[name], after?.[name]];
    if (property.hidden || sameStored(old, now)) return [];
    const print = (value: Stored | undefined): Value => (value === undefined ? null : property.print(value));
    return [{ name, before: print(old), after: print(now) }];
  });
  const computed = Object.entries(declaration.computed ?? {}).flatMap(([name, of]) => {
    const [old, now] = [before && of(before), after && of(after)];
    return sameShown(old, now) ? [] : [{ name, before: old, after: now }];
  });
  return [...named, ...changed, ...computed];
}

/** Dates are objects, made anew each time they are shown. */
function sameShown(a: Value, b: Value): boolean {
  return a === b || (a instanceof DateTime && b instanceof DateTime && a.equals(b));
}

export function sameStored(a: Stored | undefined, b: Stored | undefined): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** The parameters of the New- or Set- cmdlet that are properties, `Name` left out. */
export function propertyParameters(declaration: ObjectDeclaration, cmdlet: 'New' | 'Set'): ParameterSet {
  const entries = Object.entries(declaration.properties).flatMap(([key, property]) => {
    if (property.input === null || (property.takenBy !== 'both' && property.takenBy !== cmdlet)) return [];
    const defaultText = cmdlet === 'New' ? shownDefault(property) : null;
    const options = { help: property.help, ...(defaultText === null ? {} : { defaultText }) };
    return [[key, parameter(property.input, options)] as const];
  });
  return Object.fromEntries(entries);
}

function shownDefault(property: AnyProperty): string | null {
  const printed = property.print(property.initial);
  if (typeof printed === 'boolean') return printed ? '$true' : '$false';
  if (isList(printed)) return printed.length === 0 ? null : printed.map(shownValue).join(', ');
  return printed === null || printed === '' ? null : shownValue(printed);
}

/** The declared properties among what a cmdlet was given. */
export function requestedChanges<P extends Properties>(
  declaration: ObjectDeclaration<P>,
  bound: Readonly<Record<string, unknown>>,
): ChangesOf<P> {
  const named = Object.keys(declaration.properties).filter((key) => Object.hasOwn(bound, key));
  const changes: Built = {};
  if (Object.hasOwn(bound, 'Name')) changes.Name = bound['Name'];
  for (const key of named) changes[key] = bound[key];
  return changes;
}

/** The properties' names, in the order of declaration. */
export function namesOf<P extends Properties>(properties: P): readonly (keyof P & string)[] {
  const names: Built = Object.keys(properties);
  return names;
}
