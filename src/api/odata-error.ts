// Errors on the wire: readable, and in the places where Exchange's clients look for them (error.details[].message with
// `Ex<6 hex>|<type>|<text>`, error.innererror.internalexception). Our own members are `target` (the parameter), `errorId`
// and `category`.
import { createHash } from 'node:crypto';
import { CmdletError, mistakes } from '#cmdlets/cmdlet-error.ts';
import type { ErrorRecord } from '#cmdlets/invocation.ts';

export interface WireAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const CODES: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  413: 'PayloadTooLarge',
  415: 'UnsupportedMediaType',
  421: 'MisdirectedRequest',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
};

/** A refusal by the API itself, before any cmdlet ran. */
export function refusal(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): WireAnswer {
  const record = { message, category: 'InvalidOperation', errorId: CODES[status] ?? 'BadRequest' };
  return errorAnswer(
    status,
    [{ ...record, exception: 'AdminApiException', parameter: null, target: null }],
    [],
    headers,
  );
}

/** `logged` hears of what is no administrator's mistake. */
export function answerForError(
  error: unknown,
  warnings: readonly string[],
  logged: (error: unknown) => void,
): WireAnswer {
  if (error instanceof CmdletError) return errorAnswer(error.status, [error.toRecord()], warnings);
  logged(error);
  const internal = mistakes.internal('the log has the details under the Request-Id of this answer');
  return errorAnswer(internal.status, [internal.toRecord()], warnings);
}

/** The first record is the one that counts; the others are told in `details`. */
export function errorAnswer(
  status: number,
  records: readonly ErrorRecord[],
  warnings: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): WireAnswer {
  const [first] = records;
  const message = first?.message ?? '';
  return {
    status,
    headers,
    body: {
      error: {
        code: CODES[status] ?? 'BadRequest',
        message,
        target: first?.parameter ?? '',
        details: records.map((record) => ({
          code: 'Context',
          target: record.parameter ?? '',
          message: `Ex${shortHash(record.exception)}|${typeOf(record)}|${record.message}`,
        })),
        innererror: {
          message: 'Error executing cmdlet',
          type: 'Microsoft.Exchange.Admin.OData.Core.ODataServiceException',
          errorId: first?.errorId ?? '',
          category: first?.category ?? '',
          internalexception: { message, type: first ? typeOf(first) : '' },
        },
      },
      'adminapi.warnings@odata.type': '#Collection(String)',
      '@adminapi.warnings': warnings,
    },
  };
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 6).toUpperCase();
}

/** Exchange's own for what it knows, PowerShell's for binding, ours for the rest. */
function typeOf({ exception }: ErrorRecord): string {
  if (/^(?:ManagementObject|ADObject|ADStale|DataValidation|Transient)/.test(exception)) {
    return `Microsoft.Exchange.Configuration.Tasks.${exception}`;
  }
  if (/^(?:ParameterBinding|Command|Pipeline|PSInvalid|Help)/.test(exception)) {
    return `System.Management.Automation.${exception}`;
  }
  return `System.${exception}`;
}
