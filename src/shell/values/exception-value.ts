// Exceptions as scripts see them: a type name with its ancestry, a message, an inner exception. `catch [Type]` matches the
// type or an ancestor. The ancestry is .NET's for the exceptions that scripts name; Exchange's own derive from Exception.
import type { Opaque, Value } from '#parameters/value.ts';

export class ExceptionValue implements Opaque {
  readonly opaque = 'Exception';
  readonly typeName: string;
  readonly message: string;
  readonly inner: ExceptionValue | null;
  /** What a cmdlet adds: parameter, command, data. */
  readonly details: ReadonlyMap<string, Value>;

  constructor(
    typeName: string,
    message: string,
    inner: ExceptionValue | null = null,
    details: ReadonlyMap<string, Value> = new Map(),
  ) {
    this.typeName = typeName;
    this.message = message;
    this.inner = inner;
    this.details = details;
  }
  /** Without its namespace. */
  get shortName(): string {
    return shortTypeName(this.typeName);
  }
  toString(): string {
    return `${this.typeName}: ${this.message}`;
  }
}

export function shortTypeName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

const AUTOMATION = 'System.Management.Automation.';

/** Full name → its base. */
const BASES: ReadonlyMap<string, string> = new Map(
  [
    ['System.Exception', ''],
    ['System.SystemException', 'System.Exception'],
    ['System.ApplicationException', 'System.Exception'],
    ['System.ArgumentException', 'System.SystemException'],
    ['System.ArgumentNullException', 'System.ArgumentException'],
    ['System.ArgumentOutOfRangeException', 'System.ArgumentException'],
    ['System.ArithmeticException', 'System.SystemException'],
    ['System.DivideByZeroException', 'System.ArithmeticException'],
    ['System.OverflowException', 'System.ArithmeticException'],
    ['System.FormatException', 'System.SystemException'],
    ['System.UriFormatException', 'System.FormatException'],
    ['System.IndexOutOfRangeException', 'System.SystemException'],
    ['System.InvalidCastException', 'System.SystemException'],
    ['System.InvalidOperationException', 'System.SystemException'],
    ['System.NotImplementedException', 'System.SystemException'],
    ['System.NotSupportedException', 'System.SystemException'],
    ['System.NullReferenceException', 'System.SystemException'],
    ['System.OperationCanceledException', 'System.SystemException'],
    ['System.OutOfMemoryException', 'System.SystemException'],
    ['System.RankException', 'System.SystemException'],
    ['System.TimeoutException', 'System.SystemException'],
    ['System.UnauthorizedAccessException', 'System.SystemException'],
    ['System.Collections.Generic.KeyNotFoundException', 'System.SystemException'],
    ['System.ComponentModel.Win32Exception', 'System.SystemException'],
    ['System.IO.IOException', 'System.SystemException'],
    ['System.IO.FileNotFoundException', 'System.IO.IOException'],
    ['System.IO.DirectoryNotFoundException', 'System.IO.IOException'],
    ['System.IO.InvalidDataException', 'System.SystemException'],
    ['System.Net.WebException', 'System.InvalidOperationException'],
    ['System.Net.Sockets.SocketException', 'System.ComponentModel.Win32Exception'],
    ['System.Security.SecurityException', 'System.SystemException'],
    ['System.Security.Authentication.AuthenticationException', 'System.SystemException'],
    ['System.Text.RegularExpressions.RegexParseException', 'System.ArgumentException'],
    [`${AUTOMATION}RuntimeException`, 'System.SystemException'],
    [`${AUTOMATION}ActionPreferenceStopException`, `${AUTOMATION}RuntimeException`],
    [`${AUTOMATION}CmdletInvocationException`, `${AUTOMATION}RuntimeException`],
    [`${AUTOMATION}CommandNotFoundException`, `${AUTOMATION}RuntimeException`],
    [`${AUTOMATION}ParameterBindingException`, `${AUTOMATION}RuntimeException`],
    [`${AUTOMATION}ParameterBindingValidationException`, `${AUTOMATION}ParameterBindingException`],
    [
      `${AUTOMATION}ParameterBindingArgumentTransformationException`,
      `${AUTOMATION}ParameterBindingException`,
    ],
    [`${AUTOMATION}MetadataException`, `${AUTOMATION}RuntimeException`],
    [`${AUTOMATION}ValidationMetadataException`, `${AUTOMATION}MetadataException`],
    [`${AUTOMATION}ParseException`, `${AUTOMATION}RuntimeException`],
    [`${AUTOMATION}PipelineStoppedException`, `${AUTOMATION}RuntimeException`],
    [`${AUTOMATION}RemoteException`, `${AUTOMATION}RuntimeException`],
    [`${AUTOMATION}ItemNotFoundException`, `${AUTOMATION}SessionStateException`],
    [`${AUTOMATION}SessionStateException`, `${AUTOMATION}RuntimeException`],
    [`${AUTOMATION}SessionStateUnauthorizedAccessException`, `${AUTOMATION}SessionStateException`],
    [`${AUTOMATION}ExtendedTypeSystemException`, `${AUTOMATION}RuntimeException`],
    [`${AUTOMATION}MethodException`, `${AUTOMATION}ExtendedTypeSystemException`],
    [`${AUTOMATION}MethodInvocationException`, `${AUTOMATION}MethodException`],
    [`${AUTOMATION}SetValueException`, `${AUTOMATION}ExtendedTypeSystemException`],
    [`${AUTOMATION}PSInvalidCastException`, 'System.InvalidCastException'],
    [`${AUTOMATION}PSArgumentException`, 'System.ArgumentException'],
    [`${AUTOMATION}PSArgumentNullException`, 'System.ArgumentNullException'],
    [`${AUTOMATION}PSInvalidOperationException`, 'System.InvalidOperationException'],
    [`${AUTOMATION}PSNotSupportedException`, 'System.NotSupportedException'],
    [`${AUTOMATION}WriteErrorException`, 'System.SystemException'],
    [`${AUTOMATION}HaltCommandException`, 'System.SystemException'],
    ['Microsoft.PowerShell.Commands.WriteErrorException', 'System.SystemException'],
    ['Microsoft.PowerShell.Commands.HttpResponseException', 'System.Net.Http.HttpRequestException'],
    ['System.Net.Http.HttpRequestException', 'System.Exception'],
  ].map(([name = '', base = '']) => [name.toLowerCase(), base]),
);
const PROPER_NAMES: ReadonlyMap<string, string> = new Map(
  [...BASES].flatMap(([, base]) => (base === '' ? [] : [[base.toLowerCase(), base] as const])),
);
/** Exchange's and Postern's own exceptions are known by their last name alone. */
const FOREIGN = /^(?:microsoft\.exchange\.[\w.]+|microsoft\.sharepoint\.[\w.]+)$/i;

/** The full name of an exception type as a script writes it (`Exception`, `System.Exception`); null for an unknown one. */
export function findExceptionType(written: string): string | null {
  const wanted = written.toLowerCase();
  for (const candidate of [wanted, `system.${wanted}`, `${AUTOMATION.toLowerCase()}${wanted}`]) {
    if (BASES.has(candidate)) return properName(candidate, written);
  }
  if (FOREIGN.test(written)) return written;
  return /^[a-z]\w*Exception$/i.test(written) && !written.includes('.') ? written : null;
}

function properName(key: string, written: string): string {
  const known = PROPER_NAMES.get(key);
  if (known !== undefined) return known;
  if (key === 'system.exception') return 'System.Exception';
  const prefix = key.slice(0, key.length - written.length);
  const spelled = prefix === 'system.' ? 'System.' : prefix === '' ? '' : AUTOMATION;
  return `${spelled}${written}`;
}

/** Whether an exception of `typeName` is caught by `[caught]`. */
export function isExceptionOf(typeName: string, caught: string): boolean {
  const wanted = caught.toLowerCase();
  const byLastName = FOREIGN.test(caught) || !caught.includes('.');
  for (let name = typeName.toLowerCase(), steps = 0; name !== '' && steps < 20; steps++) {
    if (name === wanted || (byLastName && shortTypeName(name) === shortTypeName(wanted))) return true;
    name = (BASES.get(name) ?? (name === 'system.exception' ? '' : 'System.Exception')).toLowerCase();
  }
  return false;
}
