// One shell session: its global variables and functions, what it can call, its errors, its limits. Made once by whoever
// runs scripts (the console, the wire API, a test); holds no state of any script beyond what PowerShell's session does.
import { DateTime } from '#parameters/date-time.ts';
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import { ErrorRecordValue } from '#shell/values/error-record.ts';
import { ListValue } from '#shell/values/object-values.ts';
import type { Surroundings } from '#shell/values/surroundings.ts';
import { Budget } from './budget.ts';
import type { BuiltinTable } from './builtin-command.ts';
import { HostValue } from './host-value.ts';
import { INITIAL_PREFERENCES } from './preferences.ts';
import { Scope } from './scope.ts';
import type { CommandSource, ShellHost, ShellLimits } from './shell-host.ts';

export interface SessionParts {
  readonly host: ShellHost;
  /** null: there are no cmdlets but the shell's own. */
  readonly source: CommandSource | null;
  readonly builtins: BuiltinTable;
  readonly surroundings: Surroundings;
  readonly limits: ShellLimits;
  readonly signal: AbortSignal;
  readonly version: string;
}

const KEPT_ERRORS = 256;

export class Session {
  readonly host: ShellHost;
  readonly source: CommandSource | null;
  readonly builtins: BuiltinTable;
  readonly surroundings: Surroundings;
  readonly budget: Budget;
  readonly globals: Scope;
  readonly aliases = new Map<string, string>();
  readonly version: string;
  /** $?: whether the last pipeline had no error. */
  succeeded = true;
  /** An error was shown: the exit code is 1. */
  showedError = false;
  readonly #errors: Value[] = [];

  constructor(parts: SessionParts) {
    this.host = parts.host;
    this.source = parts.source;
    this.builtins = parts.builtins;
    this.surroundings = parts.surroundings;
    this.version = parts.version;
    this.budget = new Budget(parts.limits, parts.surroundings.now, parts.signal);
    this.globals = new Scope(null, true);
    this.#defineVariables();
  }

  /** The latest of $Error; null where there is none. */
  get lastError(): ErrorRecordValue | null {
    const [latest] = this.#errors;
    return latest instanceof ErrorRecordValue ? latest : null;
  }

  /** $Error, the latest first. */
  remember(record: ErrorRecordValue): void {
    if (this.#errors[0] === record) return;
    this.#errors.unshift(record);
    if (this.#errors.length > KEPT_ERRORS) this.#errors.length = KEPT_ERRORS;
  }

  #defineVariables(): void {
    const { globals } = this;
    for (const [name, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const)
      globals.set(name, value, { readonly: true });
    for (const [name, value] of Object.entries(INITIAL_PREFERENCES)) globals.set(name, value);
    globals.set('ConfirmPreference', 'High');
    globals.set('WhatIfPreference', false);
    globals.set('Error', new ListValue('System.Collections.ArrayList', this.#errors), { readonly: true });
    globals.set('Host', new HostValue(this), { readonly: true });
    globals.set('OFS', ' ');
    globals.set('LASTEXITCODE', 0);
    globals.set('PSVersionTable', this.#versionTable(), { readonly: true });
    globals.set('PSCulture', 'en-US', { readonly: true });
    globals.set('PSUICulture', 'en-US', { readonly: true });
    globals.set('ShellId', 'Postern', { readonly: true });
    globals.set('PID', this.host.files ? process.pid : 0, { readonly: true });
    globals.set('HOME', this.surroundings.environment.get('HOME') ?? '', { readonly: true });
    globals.set('PWD', this.host.files?.resolve('.') ?? '');
    globals.set('IsLinux', true, { readonly: true });
    globals.set('IsWindows', false, { readonly: true });
    globals.set('IsMacOS', false, { readonly: true });
    globals.set('IsCoreCLR', true, { readonly: true });
    globals.set('MaximumHistoryCount', 4096);
    globals.set('NestedPromptLevel', 0);
    globals.set('args', []);
  }

  #versionTable(): Hashtable {
    // Scripts ask for a major version of at least 5; the language is that of 7.
    const version = new PsObject('System.Version', [
      ['Major', 7],
      ['Minor', 4],
      ['Build', 0],
      ['Revision', -1],
    ]);
    return new Hashtable()
      .set('PSVersion', version)
      .set('PSEdition', 'Core')
      .set('GitCommitId', this.version)
      .set('OS', 'Postern')
      .set('Platform', 'Unix');
  }

  /** Text for standard output, counted against the limit. */
  write(text: string): void | Promise<void> {
    this.budget.written(text.length);
    return this.host.write(text);
  }
  /** To the person at the terminal: Write-Host, `What if:` and questions. Never mixed into output that a program reads. */
  say(text: string): void | Promise<void> {
    this.budget.written(text.length);
    return this.host.say(text);
  }
  writeError(text: string): void | Promise<void> {
    this.budget.written(text.length);
    return this.host.writeError(text);
  }
  get now(): DateTime {
    return DateTime.fromUtcMilliseconds(this.surroundings.now());
  }
}
