// Every mistake an administrator can make, in one table: category, error id, exception, HTTP status and words. A
// CmdletError is shown as a PowerShell error, as an OData error or at a form's field; nothing else is an
// administrator's mistake, so whatever else is thrown is a bug.
// Rules of an object use `invalidArgument` (one parameter is wrong) or `invalidOperation` (the state forbids it).
import {
  missingMandatoryParameter,
  namedParameterNotFound,
  parameterAlreadyBound,
} from '#parameters/binding-error.ts';
import type { ErrorRecord } from './invocation.ts';

interface Mistake {
  readonly category: string;
  readonly errorId: string;
  readonly exception: string;
  /** What the wire API answers. */
  readonly status: number;
}

interface Details {
  readonly message: string;
  readonly parameter?: string | null;
  readonly target?: string | null;
}

export class CmdletError extends Error {
  readonly category: string;
  readonly errorId: string;
  readonly exception: string;
  readonly status: number;
  /** Full name of the parameter at fault; null where none is. */
  readonly parameter: string | null;
  readonly target: string | null;

  constructor(mistake: Mistake, details: Details) {
    super(details.message);
    this.name = 'CmdletError';
    this.category = mistake.category;
    this.errorId = mistake.errorId;
    this.exception = mistake.exception;
    this.status = mistake.status;
    this.parameter = details.parameter ?? null;
    this.target = details.target ?? null;
  }

  toRecord(): ErrorRecord {
    const { message, category, errorId, exception, parameter, target } = this;
    return { message, category, errorId, exception, parameter, target };
  }
}

function mistake<A extends readonly unknown[]>(
  kind: Mistake,
  describe: (...args: A) => Details,
): (...args: A) => CmdletError {
  return (...args) => new CmdletError(kind, describe(...args));
}

const invalid = { category: 'InvalidArgument', status: 400 } as const;
const binding = { category: 'InvalidArgument', exception: 'ParameterBindingException', status: 400 } as const;
const transformation = {
  category: 'InvalidData',
  exception: 'ParameterBindingArgumentTransformationException',
  status: 400,
} as const;
const validation = {
  category: 'InvalidData',
  exception: 'ParameterBindingValidationException',
  status: 400,
} as const;

/** `throw mistakes.objectNotFound('Contoso')`. */
export const mistakes = {
  // ——— objects ———
  /** connectors.md rule 2; Exchange's words. */
  objectNotFound: mistake(
    {
      category: 'ObjectNotFound',
      errorId: 'ManagementObjectNotFound',
      exception: 'ManagementObjectNotFoundException',
      status: 404,
    },
    (identity: string, parameter: string | null = 'Identity') => ({
      message: `The operation couldn't be performed because object '${identity}' couldn't be found.`,
      parameter,
      target: identity,
    }),
  ),
  ambiguousObject: mistake(
    {
      category: 'InvalidArgument',
      errorId: 'ManagementObjectAmbiguous',
      exception: 'ManagementObjectAmbiguousException',
      status: 400,
    },
    (identity: string, parameter: string | null = 'Identity') => ({
      message: `The operation couldn't be performed because '${identity}' matches multiple entries. Use the GUID.`,
      parameter,
      target: identity,
    }),
  ),
  /** `kind` as a reader says it: `connector`, `accepted domain`. */
  objectExists: mistake(
    {
      category: 'ResourceExists',
      errorId: 'ObjectAlreadyExists',
      exception: 'ADObjectAlreadyExistsException',
      status: 400,
    },
    (kind: string, name: string, parameter: string | null = 'Name') => ({
      message: `There is already a ${kind} named '${name}'. Choose another name.`,
      parameter,
      target: name,
    }),
  ),
  /** The object was changed by someone else meanwhile. */
  conflict: mistake(
    { category: 'ResourceBusy', errorId: 'ObjectChanged', exception: 'ADStaleObjectException', status: 400 },
    (identity: string) => ({
      message: `'${identity}' was changed by someone else at the same time. Look at it again and repeat the command.`,
      target: identity,
    }),
  ),

  // ——— rules of objects ———
  /** One parameter's value breaks a rule: the sentence names the cure. */
  invalidArgument: mistake(
    { ...invalid, errorId: 'InvalidArgument', exception: 'DataValidationException' },
    (parameter: string | null, message: string, target: string | null = null) => ({
      message,
      parameter,
      target,
    }),
  ),
  /** Nothing is wrong with a value, but as things stand it can't be done. */
  invalidOperation: mistake(
    {
      category: 'InvalidOperation',
      errorId: 'InvalidOperation',
      exception: 'InvalidOperationException',
      status: 400,
    },
    (message: string, parameter: string | null = null, target: string | null = null) => ({
      message,
      parameter,
      target,
    }),
  ),
  /** Something outside (a file, a host, the disk) didn't do its part; trying again later may help. */
  unavailable: mistake(
    {
      category: 'ResourceUnavailable',
      errorId: 'ResourceUnavailable',
      exception: 'TransientException',
      status: 503,
    },
    (message: string, target: string | null = null) => ({ message, target }),
  ),

  // ——— binding: PowerShell's words ———
  /** Also for what Exchange has and Postern hasn't, and for what one's roles don't hold. */
  commandNotFound: mistake(
    {
      category: 'ObjectNotFound',
      errorId: 'CommandNotFoundException',
      exception: 'CommandNotFoundException',
      status: 404,
    },
    (name: string, hint: string | null = null) => ({
      message:
        `The term '${name}' is not recognized as a name of a cmdlet, function, script file, or executable program.` +
        (hint === null ? '' : ` ${hint}`),
      target: name,
    }),
  ),
  helpNotFound: mistake(
    {
      category: 'ResourceUnavailable',
      errorId: 'HelpNotFound',
      exception: 'HelpNotFoundException',
      status: 404,
    },
    (topic: string) => ({
      message: `Get-Help could not find ${topic} among the cmdlets that you may use. Get-Command lists them.`,
      target: topic,
    }),
  ),
  parameterNotFound: mistake({ ...binding, errorId: 'NamedParameterNotFound' }, (name: string) => ({
    message: namedParameterNotFound(name, null).message,
    parameter: name,
  })),
  parameterTwice: mistake({ ...binding, errorId: 'ParameterAlreadyBound' }, (name: string) => ({
    message: parameterAlreadyBound(name, 0).message,
    parameter: name,
  })),
  missingMandatory: mistake(
    { ...binding, errorId: 'MissingMandatoryParameter' },
    (names: readonly string[]) => ({
      message: missingMandatoryParameter(names).message,
      parameter: names[0] ?? null,
    }),
  ),
  /** `why` is a whole sentence, as ConversionProblem carries it. */
  cannotTransform: mistake(
    { ...transformation, errorId: 'ParameterArgumentTransformationError' },
    (parameter: string, why: string) => ({
      message: `Cannot process argument transformation on parameter '${parameter}'. ${why}`,
      parameter,
    }),
  ),
  cannotValidate: mistake(
    { ...validation, errorId: 'ParameterArgumentValidationError' },
    (parameter: string, why: string) => ({
      message: `Cannot validate argument on parameter '${parameter}'. ${why}`,
      parameter,
    }),
  ),
  nullNotAllowed: mistake(
    { ...validation, errorId: 'ParameterArgumentValidationErrorNullNotAllowed' },
    (parameter: string) => ({
      message: `Cannot bind argument to parameter '${parameter}' because it is null.`,
      parameter,
    }),
  ),
  emptyTextNotAllowed: mistake(
    { ...validation, errorId: 'ParameterArgumentValidationErrorEmptyStringNotAllowed' },
    (parameter: string) => ({
      message: `Cannot bind argument to parameter '${parameter}' because it is an empty string.`,
      parameter,
    }),
  ),
  emptyListNotAllowed: mistake(
    { ...validation, errorId: 'ParameterArgumentValidationErrorEmptyArrayNotAllowed' },
    (parameter: string) => ({
      message: `Cannot bind argument to parameter '${parameter}' because it is an empty array.`,
      parameter,
    }),
  ),

  // ——— confirming, stopping, permissions ———
  cannotPrompt: mistake(
    {
      category: 'InvalidOperation',
      errorId: 'PromptNotAvailable',
      exception: 'PSInvalidOperationException',
      status: 400,
    },
    (action: string, target: string) => ({
      message:
        `"${action}" on "${target}" has to be confirmed, and no prompt can be shown here. ` +
        'Nothing was changed. Give -Confirm:$false to go on without being asked.',
      parameter: 'Confirm',
      target,
    }),
  ),
  stopped: mistake(
    {
      category: 'OperationStopped',
      errorId: 'PipelineStopped',
      exception: 'PipelineStoppedException',
      status: 400,
    },
    () => ({ message: 'The pipeline has been stopped.' }),
  ),
  /** A bug of ours, told without its details. `where` says where they are. */
  internal: mistake(
    { category: 'NotSpecified', errorId: 'InternalError', exception: 'SystemException', status: 500 },
    (where: string) => ({ message: `Postern made a mistake and can't say more here; ${where}.` }),
  ),
  accessDenied: mistake(
    {
      category: 'PermissionDenied',
      errorId: 'AccessDenied',
      exception: 'UnauthorizedAccessException',
      status: 403,
    },
    (message: string, parameter: string | null = null) => ({ message, parameter }),
  ),
} as const;
