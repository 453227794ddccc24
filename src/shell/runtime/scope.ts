// Variables and functions by scope. A name is looked up from the innermost scope outwards along the calls (dynamic scope);
// setting one sets it in the current scope. Names are without regard to case.
import type { Value } from '#parameters/value.ts';
import type { VariableName } from '#shell/syntax/token.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import type { TypeDefinition } from '#shell/values/type-value.ts';
import type { ScriptFunction } from './script-function.ts';

/** undefined: a pipeline that gave nothing was assigned; it counts as $null and as an empty list. */
export type Stored = Value | undefined;

export interface Variable {
  readonly name: string;
  value: Stored;
  /** From `[int]$x = …`: what is assigned later is converted too. */
  type: TypeDefinition | null;
  readonly: boolean;
}

export class Scope {
  readonly parent: Scope | null;
  /** A script's or module's outermost scope, which `script:` means. */
  readonly isScript: boolean;
  readonly #variables = new Map<string, Variable>();
  readonly #functions = new Map<string, ScriptFunction>();

  constructor(parent: Scope | null, isScript = false) {
    this.parent = parent;
    this.isScript = isScript;
  }

  get global(): Scope {
    return this.parent ? this.parent.global : this;
  }
  get script(): Scope {
    return this.parent && !this.isScript ? this.parent.script : this;
  }
  /** The scope that a prefix means; null where the prefix is none of these. */
  named(prefix: string | null): Scope | null {
    switch (prefix) {
      case null:
      case 'local':
      case 'private':
      case 'variable':
      case 'using':
        return this;
      case 'script':
        return this.script;
      case 'global':
        return this.global;
      default:
        return null;
    }
  }

  find(name: string): Variable | undefined {
    return this.#lookUp(name.toLowerCase());
  }
  #lookUp(key: string): Variable | undefined {
    const found = this.#variables.get(key);
    return found || !this.parent ? found : this.parent.#lookUp(key);
  }
  own(name: string): Variable | undefined {
    return this.#variables.get(name.toLowerCase());
  }
  get(variable: VariableName): Variable | undefined {
    const scope = this.named(variable.scope);
    if (!scope) return undefined;
    return variable.scope === null || variable.scope === 'variable' || variable.scope === 'using'
      ? scope.find(variable.name)
      : scope.own(variable.name);
  }

  /** Sets the variable in this very scope. Throws ScriptError where it can't be changed. */
  set(
    name: string,
    value: Stored,
    options: { readonly readonly?: boolean; readonly force?: boolean } = {},
  ): Variable {
    const key = name.toLowerCase();
    const found = this.#variables.get(key);
    if (found) {
      if (found.readonly && options.force !== true) throw readOnly(name);
      found.value = value;
      if (options.readonly !== undefined) found.readonly = options.readonly;
      return found;
    }
    const made = { name, value, type: null, readonly: options.readonly ?? false };
    this.#variables.set(key, made);
    return made;
  }
  delete(name: string): boolean {
    return this.#variables.delete(name.toLowerCase());
  }
  variables(): Iterable<Variable> {
    return this.#variables.values();
  }

  findFunction(name: string): ScriptFunction | undefined {
    return this.#functions.get(name.toLowerCase()) ?? this.parent?.findFunction(name);
  }
  setFunction(name: string, value: ScriptFunction): void {
    this.#functions.set(name.toLowerCase(), value);
  }
  functions(): Iterable<ScriptFunction> {
    return this.#functions.values();
  }
}

export function readOnly(name: string): ScriptError {
  return new ScriptError(`Cannot overwrite variable ${name} because it is read-only or constant.`, {
    category: 'WriteError',
    errorId: 'VariableNotWritable',
    exception: 'System.Management.Automation.SessionStateUnauthorizedAccessException',
    target: name,
  });
}
