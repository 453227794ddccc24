// The one door to every cmdlet: finds it for this session, reads its parameters by the declaration, runs it. Throws
// CmdletError for everything an administrator can put right; anything else that comes out is a bug.
import { findCommonParameter } from '#parameters/common-parameters.ts';
import type { AnyParameter } from '#parameters/parameter-declaration.ts';
import { ConversionProblem } from '#parameters/parameter-type.ts';
import type { Value } from '#parameters/value.ts';
import { mistakes } from './cmdlet-error.ts';
import type { CmdletError } from './cmdlet-error.ts';
import type { Cmdlet, CmdletContext } from './cmdlet.ts';
import { commandHint } from './command-hint.ts';
import type { CmdletHost, Invocation } from './invocation.ts';
import { invocationRecord } from './invocation-record.ts';
import type { Registry } from './registry.ts';
import type { Session } from './session.ts';
import { createShouldProcess } from './should-process.ts';

/** Resolves when the cmdlet has ended; rejects with CmdletError. */
export type Invoke = (invocation: Invocation, session: Session, host: CmdletHost) => Promise<void>;

export function createInvoke<Services>(registry: Registry<Services>, services: Services): Invoke {
  return async (invocation, session, host) => {
    const cmdlet = registry.find(invocation.cmdlet, session);
    if (!cmdlet) throw unknownCmdlet(invocation.cmdlet, registry, session);
    const given = nameParameters(cmdlet, invocation.parameters, session);
    const bound = readParameters(cmdlet, given.own);
    const common = readCommon(cmdlet, given.common);
    const shouldProcess = createShouldProcess({
      verb: cmdlet.name.split('-')[0] ?? cmdlet.name,
      whatIf: common.get('WhatIf') === true,
      confirm: toBoolean(common.get('Confirm')),
      asksByItself: cmdlet.metadata.confirmImpact === 'High' && bound['Force'] !== true,
      host,
    });
    const context: CmdletContext<Services> = {
      services,
      session,
      catalogue: registry,
      record: invocationRecord(cmdlet.name, cmdlet.parameters, given.own, invocation.line),
      output(value) {
        if (host.signal.aborted) throw mistakes.stopped();
        return host.output(value);
      },
      warning: (text) => host.warning(text),
      verbose: (text) => host.verbose(text),
      progress: (activity, status, percent) => host.progress(activity, status, percent),
      error: (error) => host.error(error.toRecord()),
      shouldProcess,
      isWhatIf: common.get('WhatIf') === true,
      whatIf: (text) => host.whatIf(text),
      signal: host.signal,
    };
    await cmdlet.run(bound, context);
  };
}

function toBoolean(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}

function unknownCmdlet<S>(name: string, registry: Registry<S>, session: Session): CmdletError {
  const names = registry.list(session).map((metadata) => metadata.name);
  return mistakes.commandNotFound(name, commandHint(name, names));
}

interface GivenParameters {
  /** Declared name → value, of the cmdlet's own parameters. */
  readonly own: ReadonlyMap<string, Value>;
  readonly common: ReadonlyMap<string, Value>;
}

/** Full names and aliases without regard to case. What the session may not use doesn't exist. */
function nameParameters<S>(
  cmdlet: Cmdlet<S>,
  parameters: Invocation['parameters'],
  session: Session,
): GivenParameters {
  const own = new Map<string, Value>();
  const common = new Map<string, Value>();
  for (const [given, value] of Object.entries(parameters)) {
    const key = given.toLowerCase();
    const name = cmdlet.metadata.parameters.find(
      (parameter) =>
        parameter.name.toLowerCase() === key ||
        parameter.aliases.some((alias) => alias.toLowerCase() === key),
    )?.name;
    const known = name ?? findCommonParameter(given, cmdlet.metadata)?.[0];
    if (known === undefined || (name !== undefined && !session.allowsParameter(cmdlet.name, name))) {
      throw mistakes.parameterNotFound(given);
    }
    const target = name === undefined ? common : own;
    if (target.has(known)) throw mistakes.parameterTwice(known);
    target.set(known, value);
  }
  return { own, common };
}

function readParameters<S>(cmdlet: Cmdlet<S>, given: ReadonlyMap<string, Value>): Record<string, unknown> {
  const missing = Object.entries(cmdlet.parameters).filter(
    ([name, { mandatory }]) => mandatory && !given.has(name),
  );
  if (missing.length > 0) throw mistakes.missingMandatory(missing.map(([name]) => name));
  // Only declared names become keys.
  const bound: Record<string, unknown> = {};
  for (const [name, declaration] of Object.entries(cmdlet.parameters)) {
    const value = given.get(name);
    if (value !== undefined) bound[name] = readParameter(name, declaration, value);
    else if (declaration.default) bound[name] = declaration.default.value;
  }
  return bound;
}

function readCommon<S>(cmdlet: Cmdlet<S>, given: ReadonlyMap<string, Value>): ReadonlyMap<string, unknown> {
  const read = new Map<string, unknown>();
  for (const [name, value] of given) {
    const found = findCommonParameter(name, cmdlet.metadata);
    if (found) read.set(name, readParameter(name, found[1], value));
  }
  return read;
}

/** Throws CmdletError with the parameter's name; a secret's text is never part of it. */
function readParameter(name: string, { type, options }: AnyParameter, value: Value): unknown {
  try {
    return type.read(value);
  } catch (error) {
    if (!(error instanceof ConversionProblem)) throw error;
    if (error.reason === 'null') throw mistakes.nullNotAllowed(name);
    if (error.reason === 'emptyText') throw mistakes.emptyTextNotAllowed(name);
    if (error.reason === 'emptyList') throw mistakes.emptyListNotAllowed(name);
    if (error.reason === 'validation') throw mistakes.cannotValidate(name, error.message);
    const why =
      options.secret === true
        ? `The value can't be read as ${type.name}. ${error.cure}`.trimEnd()
        : error.message;
    throw mistakes.cannotTransform(name, why);
  }
}
