// $Error's items: what went wrong, on what, and where in which text. Made from a ScriptError, a cmdlet's error or a value
// that was thrown; shown by display/error-view.ts.
import type { ErrorRecord as CmdletErrorRecord } from '#cmdlets/invocation.ts';
import type { Opaque, Value } from '#parameters/value.ts';
import { type Extent, placeOf, type SourceText } from '#shell/syntax/source-text.ts';
import { ExceptionValue, shortTypeName } from './exception-value.ts';
import { ScriptError } from './script-error.ts';
import { toText, typeName } from './text.ts';

/** Where in a text it happened. */
export interface ErrorPosition {
  readonly source: SourceText;
  readonly extent: Extent;
}

interface ErrorParts {
  readonly exception: ExceptionValue;
  readonly category: string;
  readonly errorId: string;
  readonly target: Value;
  readonly command: string | null;
  readonly position: ErrorPosition | null;
  /** Set where the message isn't the exception's. */
  readonly message?: string;
}

export class ErrorRecordValue implements Opaque {
  readonly opaque = 'ErrorRecord';
  readonly exception: ExceptionValue;
  readonly category: string;
  /** Without the command. */
  readonly errorId: string;
  readonly target: Value;
  /** The command that raised it; null for an expression. */
  readonly command: string | null;
  readonly position: ErrorPosition | null;
  readonly message: string;

  constructor(parts: ErrorParts) {
    this.exception = parts.exception;
    this.category = parts.category;
    this.errorId = parts.errorId;
    this.target = parts.target;
    this.command = parts.command;
    this.position = parts.position;
    this.message = parts.message ?? parts.exception.message;
  }
  get fullyQualifiedErrorId(): string {
    return this.command === null ? this.errorId : `${this.errorId},${this.command}`;
  }
  get targetName(): string {
    return this.target === null ? '' : toText(this.target);
  }
  get targetType(): string {
    return this.target === null ? '' : shortTypeName(typeName(this.target));
  }
  /** `ObjectNotFound: (x:String) [Get-X], CommandNotFoundException` */
  get categoryText(): string {
    const target = this.target === null ? ':' : `${shorten(this.targetName)}:${this.targetType}`;
    return `${this.category}: (${target}) [${this.command ?? ''}], ${this.exception.shortName}`;
  }
  toString(): string {
    return this.message;
  }
  /** `At line:1 char:5`, the line, and the part of it that is meant. */
  get positionMessage(): string {
    if (!this.position) return '';
    const { source, extent } = this.position;
    const place = placeOf(source, extent.start);
    const where = source.file === null ? 'line' : source.file;
    const width = Math.max(1, Math.min(extent.end - extent.start, place.text.length - place.column + 1));
    const { text, before } = excerpt(place.text, place.column - 1, width);
    const mark = `${' '.repeat(before)}${'~'.repeat(Math.max(1, Math.min(width, text.length - before)))}`;
    return `At ${where}:${place.line} char:${place.column}\n+ ${text}\n+ ${mark}`;
  }
}

const WIDEST_LINE = 160;

/** A long line is shown around the place. */
function excerpt(line: string, offset: number, width: number): { text: string; before: number } {
  const flat = line.replaceAll('\t', ' ');
  const indent = flat.length - flat.trimStart().length;
  const from = Math.min(indent, offset);
  if (flat.length - from <= WIDEST_LINE) return { text: flat.slice(from).trimEnd(), before: offset - from };
  const start = Math.max(from, offset - 60);
  const end = Math.min(flat.length, Math.max(offset + width, start + WIDEST_LINE));
  const head = start > from ? '... ' : '';
  return {
    text: `${head}${flat.slice(start, Math.min(end, start + WIDEST_LINE))}${end < flat.length ? ' ...' : ''}`,
    before: offset - start + head.length,
  };
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 18)}...${line.slice(-19)}` : line;
}

export function recordOfScriptError(
  error: ScriptError,
  command: string | null,
  position: ErrorPosition | null,
): ErrorRecordValue {
  return new ErrorRecordValue({
    exception: error.exception,
    category: error.category,
    errorId: error.errorId,
    target: error.target,
    command,
    position,
  });
}

export function recordOfCmdletError(
  error: CmdletErrorRecord,
  command: string,
  position: ErrorPosition | null,
): ErrorRecordValue {
  const details = new Map<string, Value>([['ParameterName', error.parameter]]);
  return new ErrorRecordValue({
    exception: new ExceptionValue(error.exception, error.message, null, details),
    category: error.category,
    errorId: error.errorId,
    target: error.target,
    command,
    position,
  });
}

/** `throw $value`: an exception and an error record stay themselves, anything else becomes the message. */
export function recordOfThrown(value: Value, position: ErrorPosition | null): ErrorRecordValue {
  if (value instanceof ErrorRecordValue) return value;
  const isException = value instanceof ExceptionValue;
  const message = isException ? value.message : value === null ? 'ScriptHalted' : toText(value);
  return new ErrorRecordValue({
    exception: isException
      ? value
      : new ExceptionValue('System.Management.Automation.RuntimeException', message),
    category: 'OperationStopped',
    errorId: message.length > 200 ? message.slice(0, 200) : message,
    target: isException ? null : value,
    command: null,
    position,
  });
}
