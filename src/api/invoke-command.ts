// InvokeCommand: one cmdlet over the wire. Output is collected a page at a time; the next page is asked for by posting the
// same body to `@odata.nextLink`, which holds all there is to know (nothing is kept here). Prompts can't be shown on
// the wire: Confirm counts as given (cmdlets.md).
import { CmdletError, mistakes } from '#cmdlets/cmdlet-error.ts';
import type { CmdletHost, ErrorRecord } from '#cmdlets/invocation.ts';
import type { Invoke } from '#cmdlets/invoke.ts';
import type { Catalogue } from '#cmdlets/registry.ts';
import type { Session } from '#cmdlets/session.ts';
import type { Value } from '#parameters/value.ts';
import { isObject } from './control-protocol.ts';
import { answerForError, errorAnswer, refusal } from './odata-error.ts';
import type { WireAnswer } from './odata-error.ts';
import { fromOData, parameterEntries, toOData } from './odata-value.ts';

export interface CommandRequest {
  readonly body: unknown;
  readonly session: Session;
  /** `https://gateway/adminapi/beta/contoso.com`, as the client knows it. */
  readonly base: string;
  /** From `Prefer: odata.maxpagesize`; null: the default. */
  readonly pageSize: number | null;
  /** Objects that earlier pages had. */
  readonly skip: number;
  readonly signal: AbortSignal;
  readonly logged: (error: unknown) => void;
}

export interface CommandParts {
  readonly invoke: Invoke;
  readonly catalogue: Catalogue;
}

const DEFAULT_PAGE = 1000;
const MAX_PAGE = 5000;
/** What a cmdlet that can't be run twice may put out. */
const MAX_OBJECTS = 50_000;
const MAX_WARNINGS = 1000;
/** Cmdlets that change nothing: only these may be run again for their next page. */
const PAGED = /^(?:Get|Search|Test)-/i;

export async function invokeCommand(
  request: CommandRequest,
  { invoke, catalogue }: CommandParts,
): Promise<WireAnswer> {
  const command = readCommand(request.body);
  if (typeof command === 'string') return refusal(400, command);
  const { session } = request;
  const hidden = hiddenCmdlet(command.cmdlet, session, catalogue);
  if (hidden !== null) return errorAnswer(403, [mistakes.accessDenied(hidden).toRecord()], []);
  const page = createPage(request, PAGED.test(command.cmdlet));
  try {
    await invoke({ ...command, line: '' }, session, page.host);
  } catch (error) {
    if (!page.isFull()) return answerForError(error, page.warnings, request.logged);
  }
  const [first] = page.errors;
  if (first) return errorAnswer(statusOf(first), page.errors, page.warnings);
  return {
    status: 200,
    body: {
      '@odata.context': `${request.base}/$metadata#Collection(Exchange.GenericHashTable)`,
      ...(page.isFull() ? { '@odata.nextLink': nextLink(request, page.objects.length) } : {}),
      'adminapi.warnings@odata.type': '#Collection(String)',
      '@adminapi.warnings': page.warnings,
      value: page.objects,
    },
  };
}

function nextLink({ base, skip }: CommandRequest, count: number): string {
  return `${base}/InvokeCommand?%24skiptoken=${skip + count}`;
}

interface Command {
  readonly cmdlet: string;
  readonly parameters: Readonly<Record<string, Value>>;
}

/** The words say what is missing. */
function readCommand(body: unknown): Command | string {
  const input = isObject(body) ? member(body, 'CmdletInput') : undefined;
  if (!isObject(input)) return 'The body must be {"CmdletInput":{"CmdletName":"…","Parameters":{…}}}.';
  const cmdlet = member(input, 'CmdletName');
  const given = member(input, 'Parameters') ?? {};
  if (typeof cmdlet !== 'string' || cmdlet === '' || cmdlet.length > 200)
    return 'CmdletInput.CmdletName must name a cmdlet.';
  if (!isObject(given)) return 'CmdletInput.Parameters must be an object: {"Identity":"…"}.';
  const parameters: (readonly [string, Value])[] = [];
  for (const [name, json] of parameterEntries(given)) {
    const value = fromOData(json);
    if (value === undefined) return `The value of ${name.slice(0, 100)} is nested too deep.`;
    parameters.push([name, value]);
  }
  return { cmdlet, parameters: Object.fromEntries(parameters) };
}

/** Names without regard to case (cmdlets.md). */
function member(object: Readonly<Record<string, unknown>>, name: string): unknown {
  const key = name.toLowerCase();
  return Object.entries(object).find(([candidate]) => candidate.toLowerCase() === key)?.[1];
}

/** A cmdlet that there is, but not for this session: the reason, readable; else null. */
function hiddenCmdlet(name: string, session: Session, catalogue: Catalogue): string | null {
  const known = catalogue.everything.find((metadata) => metadata.name.toLowerCase() === name.toLowerCase());
  if (!known || session.allows(known.name)) return null;
  return (
    `Your roles don't hold ${known.name}. An administrator finds the roles that do with ` +
    `Get-ManagementRole -Cmdlet ${known.name}.`
  );
}

function statusOf(record: ErrorRecord): number {
  if (record.category === 'ObjectNotFound') return 404;
  return record.category === 'PermissionDenied' ? 403 : 400;
}

interface Page {
  readonly host: CmdletHost;
  readonly objects: readonly unknown[];
  readonly warnings: readonly string[];
  readonly errors: readonly ErrorRecord[];
  /** There is more than the page holds. */
  isFull(): boolean;
}

function createPage({ skip, pageSize, signal }: CommandRequest, isPaged: boolean): Page {
  const limit = isPaged ? Math.min(pageSize ?? DEFAULT_PAGE, MAX_PAGE) : MAX_OBJECTS;
  const objects: unknown[] = [];
  const warnings: string[] = [];
  const errors: ErrorRecord[] = [];
  let toSkip = isPaged ? skip : 0;
  let full = false;
  const warn = (text: string): void => {
    if (warnings.length < MAX_WARNINGS) warnings.push(text);
  };
  const output = (value: Value): Promise<void> => {
    if (toSkip > 0) toSkip -= 1;
    else if (objects.length < limit) objects.push(toOData(value));
    else if (isPaged) {
      full = true;
      throw mistakes.stopped();
    } else
      throw new CmdletError(TOO_MUCH, {
        message: `The cmdlet put out more than ${MAX_OBJECTS} objects. Narrow it down.`,
      });
    return Promise.resolve();
  };
  const host: CmdletHost = {
    output,
    warning: warn,
    // What -WhatIf says has no other place on the wire.
    whatIf: warn,
    verbose: () => undefined,
    progress: () => undefined,
    error: (record) => void (errors.length < MAX_WARNINGS && errors.push(record)),
    confirm: () => Promise.resolve('Yes'),
    signal,
  };
  return { host, objects, warnings, errors, isFull: () => full };
}

const TOO_MUCH = {
  category: 'LimitsExceeded',
  errorId: 'TooManyObjects',
  exception: 'LimitsExceededException',
  status: 400,
} as const;
