// PowerShell's ShouldProcess: -WhatIf prints and refrains, -Confirm (or a cmdlet of high impact) asks. A prompt that
// can't be shown is an error, never a silent yes.
import { mistakes } from './cmdlet-error.ts';
import type { CmdletHost } from './invocation.ts';

export interface ShouldProcessRequest {
  /** The default action: `Set` of Set-OutboundConnector. */
  readonly verb: string;
  readonly whatIf: boolean;
  /** null: -Confirm was not given. */
  readonly confirm: boolean | null;
  /** The cmdlet asks by itself, and -Force was not given. */
  readonly asksByItself: boolean;
  readonly host: Pick<CmdletHost, 'verbose' | 'whatIf' | 'confirm'>;
}

/** One for each invocation: it remembers "Yes to All" and "No to All". */
export function createShouldProcess(
  request: ShouldProcessRequest,
): (target: string, action?: string) => Promise<boolean> {
  const { host, whatIf } = request;
  const mustAsk = request.confirm ?? request.asksByItself;
  let forAll: boolean | null = null;
  return async (target, action = request.verb) => {
    const sentence = `Performing the operation "${action}" on target "${target}".`;
    if (whatIf) {
      host.whatIf(`What if: ${sentence}`);
      return false;
    }
    host.verbose(sentence);
    if (!mustAsk) return true;
    if (forAll !== null) return forAll;
    if (!host.confirm) throw mistakes.cannotPrompt(action, target);
    const answer = await host.confirm(target, action);
    if (answer === 'YesToAll') forAll = true;
    else if (answer === 'NoToAll') forAll = false;
    return answer === 'Yes' || answer === 'YesToAll';
  };
}
