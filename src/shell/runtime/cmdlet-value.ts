// $PSCmdlet in functions: ShouldProcess, WriteError and ThrowTerminatingError, and what the function was called with.
import { isTrue } from '#shell/values/truth.ts';
import type { Value } from '#parameters/value.ts';
import { ErrorRecordValue, recordOfThrown } from '#shell/values/error-record.ts';
import { ShellObject } from '#shell/values/shell-object.ts';
import { toText } from '#shell/values/text.ts';
import type { Frame } from './frame.ts';
import { askToConfirm } from './prompt.ts';
import { writeError, writeMessage } from './report.ts';
import { RaisedError } from './signals.ts';

export class CmdletValue extends ShellObject {
  readonly opaque = 'System.Management.Automation.PSScriptCmdlet';
  readonly #frame: Frame;
  readonly #name: string;
  #always: boolean | null = null;

  constructor(frame: Frame, name: string) {
    super();
    this.#frame = frame;
    this.#name = name;
  }
  override member(key: string): Value | undefined {
    if (key === 'myinvocation') return this.#frame.scope.own('MyInvocation')?.value ?? null;
    return key === 'parametersetname' ? '__AllParameterSets' : undefined;
  }
  override async callAsync(key: string, args: readonly Value[]): Promise<Value | undefined> {
    const [first = null] = args;
    switch (key) {
      case 'shouldprocess':
        return this.#shouldProcess(args.map((argument) => toText(argument)));
      case 'shouldcontinue':
        return this.#confirm(toText(args[1] ?? null), toText(first));
      case 'writeerror':
        await writeError(this.#frame, recordOfThrown(first, null));
        return null;
      case 'throwterminatingerror':
        throw new RaisedError(first instanceof ErrorRecordValue ? first : recordOfThrown(first, null), false);
      case 'writeverbose':
        await writeMessage(this.#frame, 'verbose', toText(first));
        return null;
      case 'writewarning':
        await writeMessage(this.#frame, 'warning', toText(first));
        return null;
      case 'writeobject':
        await this.#frame.emit(first);
        return null;
      default:
        return undefined;
    }
  }

  async #shouldProcess(args: readonly string[]): Promise<boolean> {
    const [target = '', action = this.#name] = args;
    const { scope, session } = this.#frame;
    if (isTrue(scope.find('WhatIfPreference')?.value)) {
      await session.say(`What if: Performing the operation "${action}" on target "${target}".\n`);
      return false;
    }
    await writeMessage(this.#frame, 'verbose', `Performing the operation "${action}" on target "${target}".`);
    const preference = toText(scope.find('ConfirmPreference')?.value ?? 'High').toLowerCase();
    return preference === 'low' || preference === 'medium' ? this.#confirm(target, action) : true;
  }

  async #confirm(target: string, action: string): Promise<boolean> {
    if (this.#always !== null) return this.#always;
    const answer = await askToConfirm(this.#frame.session, target, action);
    if (answer === 'YesToAll' || answer === 'NoToAll') this.#always = answer === 'YesToAll';
    return answer === 'Yes' || answer === 'YesToAll';
  }
}
