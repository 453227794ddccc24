// The text is not PowerShell, or not the part of it that Postern runs. Names the place. `incomplete` says that more text
// could make it right, so that a prompt asks for the next line.
import type { Extent } from './source-text.ts';

export class ParseError extends Error {
  readonly errorId: string;
  readonly extent: Extent;
  readonly incomplete: boolean;

  constructor(errorId: string, message: string, extent: Extent, incomplete = false) {
    super(message);
    this.name = 'ParseException';
    this.errorId = errorId;
    this.extent = extent;
    this.incomplete = incomplete;
  }
}
