// A password in a script: never shown, never turned into text by accident. Given to cmdlets as it is.
import type { Opaque, Value } from '#parameters/value.ts';

export class SecureText implements Opaque {
  readonly opaque = 'System.Security.SecureString';
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  /** For the cmdlet that needs it. */
  reveal(): string {
    return this.#text;
  }
  member(key: string): Value | undefined {
    return key === 'length' ? this.#text.length : undefined;
  }
  toJSON(): string {
    return this.opaque;
  }
}
