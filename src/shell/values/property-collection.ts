// `$object.PSObject`: an object's properties as a list of objects with Name and Value, its type names, and a copy of it.
import { PsObject, type Value } from '#parameters/value.ts';
import { propertyNames } from './property-names.ts';
import { getProperty } from './members.ts';
import { CUSTOM_OBJECT } from './object-values.ts';
import { ShellObject } from './shell-object.ts';
import { ScriptError } from './script-error.ts';
import { toText, typeName } from './text.ts';
import { compileWildcard } from './wildcard.ts';

/** Behaves as a list in pipelines (see properties()), and takes names as an index. */
export class PropertyBag extends ShellObject {
  readonly opaque = 'PSObject';
  readonly owner: Exclude<Value, null>;
  constructor(owner: Exclude<Value, null>) {
    super();
    this.owner = owner;
  }
  override member(key: string): Value | undefined {
    if (key === 'properties' || key === 'members') return new PropertyCollection(this.owner);
    if (key === 'typenames') return typeNames(this.owner);
    return key === 'baseobject' ? this.owner : undefined;
  }
  override call(key: string): Value | undefined {
    return key === 'copy' ? copyOf(this.owner) : undefined;
  }
}

export function propertyBag(value: Exclude<Value, null>): PropertyBag {
  return new PropertyBag(value);
}

function copyOf(value: Exclude<Value, null>): Value {
  return value instanceof PsObject ? new PsObject(value.typeName, value.properties.entries()) : value;
}

export function typeNames(value: Exclude<Value, null>): readonly string[] {
  const own = typeName(value);
  return own === 'System.Object' ? [own] : [own === 'PSCustomObject' ? CUSTOM_OBJECT : own, 'System.Object'];
}

export class PropertyCollection extends ShellObject {
  readonly opaque = 'PSMemberInfoCollection';
  readonly #owner: Exclude<Value, null>;
  constructor(owner: Exclude<Value, null>) {
    super();
    this.#owner = owner;
  }
  get items(): readonly PsObject[] {
    return propertyNames(this.#owner).map((name) => this.#describe(name));
  }
  #describe(name: string): PsObject {
    const value = getProperty(this.#owner, name) ?? null;
    return new PsObject('System.Management.Automation.PSNoteProperty', [
      ['MemberType', this.#owner instanceof PsObject ? 'NoteProperty' : 'Property'],
      ['IsSettable', this.#owner instanceof PsObject],
      ['IsGettable', true],
      ['Value', value],
      ['TypeNameOfValue', typeName(value)],
      ['Name', name],
      ['IsInstance', true],
    ]);
  }
  index(name: string): Value {
    const found = propertyNames(this.#owner).find(
      (candidate) => candidate.toLowerCase() === name.toLowerCase(),
    );
    return found === undefined ? null : this.#describe(found);
  }
  override call(key: string, args: readonly Value[]): Value | undefined {
    const [first = null] = args;
    switch (key) {
      case 'match': {
        const matches = compileWildcard(toText(first));
        return this.items.filter((item) => matches(toText(item.get('Name') ?? null)));
      }
      case 'remove':
        if (!(this.#owner instanceof PsObject))
          throw new ScriptError('Properties can be removed from custom objects only.');
        this.#owner.properties.delete(toText(first));
        return null;
      case 'add':
        if (!(this.#owner instanceof PsObject) || !(first instanceof PsObject))
          throw new ScriptError(
            'A property made with New-Object PSNoteProperty is added to a custom object.',
          );
        this.#owner.properties.set(toText(first.get('Name') ?? null), first.get('Value') ?? null);
        return null;
      default:
        return undefined;
    }
  }
}
