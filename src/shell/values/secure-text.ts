// A password in a script: never shown, never turned into text by accident. Given to cmdlets as it is.
import type { Value } from '#parameters/value.ts';
import { ShellObject } from './shell-object.ts';

export class SecureText extends ShellObject {
  readonly opaque = 'System.Security.SecureString';
  readonly #text: string;
  constructor(text: string) {
    super();
    this.#text = text;
  }
  /** For the cmdlet that needs it. */
  reveal(): string {
    return this.#text;
  }
  override member(key: string): Value | undefined {
    return key === 'length' ? this.#text.length : undefined;
  }
  toJSON(): string {
    return this.opaque;
  }
}
