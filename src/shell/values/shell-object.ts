// Values of the shell's own that answer for their members themselves ($Host, $PSCmdlet, an encoding). Keys come in lower
// case; undefined and false mean that there is no such member.
import type { Opaque, Value } from '#parameters/value.ts';

export abstract class ShellObject implements Opaque {
  abstract readonly opaque: string;

  member(_key: string): Value | undefined {
    return undefined;
  }
  setMember(_key: string, _value: Value): boolean {
    return false;
  }
  call(_key: string, _args: readonly Value[]): Value | undefined {
    return undefined;
  }
  /** For methods that have to wait for something. */
  callAsync(_key: string, _args: readonly Value[]): Promise<Value | undefined> {
    return Promise.resolve(undefined);
  }
}
