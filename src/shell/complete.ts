// Completion: of commands, parameters, the values of enumerations and switches, names of objects, variables, properties of
// what a variable holds, and files. Looks at the text before the cursor alone; asks the daemon for names.
import { bindableParameters, type BindableParameters } from '#parameters/bind.ts';
import type { CmdletHost } from '#cmdlets/invocation.ts';
import type { CmdletMetadata, ParameterMetadata } from '#parameters/metadata.ts';
import type { Token } from './syntax/token.ts';
import { methodNames } from './values/methods.ts';
import { propertyNames } from './values/property-names.ts';
import { inputContext } from './input-context.ts';
import { bindableParametersOfFunction } from './runtime/function-signature.ts';
import type { Scope } from './runtime/scope.ts';
import type { Session } from './runtime/session.ts';

export interface Completion {
  /** Offset from which the text is replaced. */
  readonly start: number;
  readonly candidates: readonly string[];
}

const MOST = 500;

/** Never throws for text that is not PowerShell; an empty list then. */
export async function completeInput(text: string, cursor: number, session: Session): Promise<Completion> {
  const { word, command, pipelineSource } = inputContext(text.slice(0, cursor));
  const { start } = word;
  const list = (candidates: readonly string[]): Completion => ({
    start,
    candidates: [...new Set(candidates)].slice(0, MOST),
  });
  const member = /^(\$([\w?]+(?::\w+)?)|.*\))\.(\w*)$/.exec(word.text);
  if (member) return list(await completeMember(member, text.slice(0, cursor), pipelineSource, session));
  if (/^\$[\w:]*$/.test(word.text)) return list(variables(word.text.slice(1), session));
  if (!command) return list(await commandNames(word.text, session));
  const described = await describe(command.name, session);
  if (!described) return list([]);
  if (word.text.startsWith('-'))
    return list(parameterNames(described.bindable, word.text.slice(1)).map((name) => `-${name}`));
  const parameter = awaited(described.bindable, command.words);
  if (!parameter) return list([]);
  return list(await values(parameter, word.text, { metadata: described.metadata, pipelineSource, session }));
}

async function commandNames(prefix: string, session: Session): Promise<readonly string[]> {
  const wanted = prefix.toLowerCase();
  const cmdlets = (await session.source?.list()) ?? [];
  const names = [
    ...cmdlets.map(({ name }) => name),
    ...session.builtins.names,
    ...functionNames(session.globals),
  ];
  return [...new Set(names)].filter((name) => name.toLowerCase().startsWith(wanted)).sort();
}

function functionNames(scope: Scope): readonly string[] {
  return [...scope.functions()].map(({ name }) => name);
}

interface Described {
  readonly bindable: BindableParameters;
  readonly metadata: CmdletMetadata | null;
}

async function describe(written: string, session: Session): Promise<Described | null> {
  const name =
    session.aliases.get(written.toLowerCase()) ??
    session.builtins.aliases.get(written.toLowerCase()) ??
    written;
  const own = session.globals.findFunction(name);
  if (own) return { bindable: bindableParametersOfFunction(own.block), metadata: null };
  const metadata =
    (await session.builtins.find(name))?.metadata ?? (await session.source?.describe(name)) ?? null;
  return metadata && { bindable: bindableParameters(metadata), metadata };
}

function parameterNames({ declared, common }: BindableParameters, prefix: string): readonly string[] {
  const wanted = prefix.toLowerCase();
  const matching = (parameters: readonly ParameterMetadata[]): readonly string[] =>
    parameters
      .map(({ name }) => name)
      .filter((name) => /^\w/.test(name) && name.toLowerCase().startsWith(wanted));
  return [...matching(declared), ...matching(common)];
}

/** The parameter that the next value is for: the one named last, else the next position. */
function awaited(bindable: BindableParameters, words: readonly Token[]): ParameterMetadata | null {
  const last = words.at(-1);
  const find = (name: string): ParameterMetadata | null =>
    bindable.byKey.get(name.toLowerCase()) ??
    bindable.declared.find((parameter) => parameter.name.toLowerCase().startsWith(name.toLowerCase())) ??
    null;
  if (last?.kind === 'parameter') {
    const named = find(last.name);
    if (named && !named.isSwitch) return named;
  }
  if (last?.kind === 'sign' && last.text === ',') {
    const index = words.findLastIndex(({ kind }) => kind === 'parameter');
    const token = words[index];
    if (token?.kind === 'parameter') return find(token.name);
  }
  const taken = new Set<string>();
  let position = 0;
  for (const [index, token] of words.entries()) {
    if (token.kind === 'parameter') taken.add(find(token.name)?.name ?? '');
    else if (token.kind !== 'sign') {
      const before = words[index - 1];
      const named = before?.kind === 'parameter' ? find(before.name) : null;
      if (!named || named.isSwitch) position++;
    }
  }
  return bindable.positional.filter(({ name }) => !taken.has(name))[position] ?? null;
}

interface ValueSite {
  readonly metadata: CmdletMetadata | null;
  readonly pipelineSource: string | null;
  readonly session: Session;
}

async function values(
  parameter: ParameterMetadata,
  prefix: string,
  site: ValueSite,
): Promise<readonly string[]> {
  const { metadata, session } = site;
  const bare = prefix.replace(/^["']/, '').toLowerCase();
  const starting = (candidates: readonly string[]): readonly string[] =>
    candidates.filter((candidate) => candidate.toLowerCase().startsWith(bare));
  if (parameter.values.length > 0) return starting(parameter.values);
  if (parameter.type === 'Boolean') return starting(['$true', '$false']);
  if (parameter.completes !== null && session.source) {
    const names = await session.source.complete(parameter.completes, bare);
    return names.map((name) =>
      /^[\w.-]+$/.test(name) && !prefix.startsWith('"') ? name : `"${name.replaceAll('"', '`"')}"`,
    );
  }
  const isCommandName = metadata?.name === 'Get-Help' || metadata?.name === 'Get-Command';
  if (isCommandName && parameter.name === 'Name') return commandNames(bare, session);
  if (!PROPERTY_PARAMETERS.has(parameter.name)) return [];
  return starting(await pipelineProperties(site.pipelineSource, session));
}

const PROPERTY_PARAMETERS: ReadonlySet<string> = new Set([
  'Property',
  'ExpandProperty',
  'ExcludeProperty',
  'FilterScript',
  'GroupBy',
]);

/** What a cmdlet's objects have: asked of the first one, since Get- cmdlets change nothing. Kept for the session. */
const peeked = new WeakMap<Session, Map<string, readonly string[]>>();

async function pipelineProperties(command: string | null, session: Session): Promise<readonly string[]> {
  const name = command?.toLowerCase() ?? '';
  if (!name.startsWith('get-') || !session.source) return [];
  const known = peeked.get(session) ?? new Map<string, readonly string[]>();
  peeked.set(session, known);
  const names = known.get(name) ?? (await peek(name, session));
  if (names.length > 0) known.set(name, names);
  return names;
}

const PEEK_MILLISECONDS = 1_000;

async function peek(name: string, session: Session): Promise<readonly string[]> {
  let names: readonly string[] = [];
  const enough = new AbortController();
  const silent = (): void => undefined;
  const host: CmdletHost = {
    output: (value) => {
      names = propertyNames(value);
      enough.abort();
      return Promise.reject(new Error('one object is enough'));
    },
    warning: silent,
    verbose: silent,
    whatIf: silent,
    progress: silent,
    error: silent,
    confirm: null,
    signal: AbortSignal.any([enough.signal, AbortSignal.timeout(PEEK_MILLISECONDS)]),
  };
  const cmdlet = (await session.source?.describe(name))?.name;
  if (cmdlet === undefined) return [];
  await session.source?.invoke({ cmdlet, parameters: {}, line: cmdlet }, host).catch(silent);
  return names;
}

function variables(prefix: string, session: Session): readonly string[] {
  const wanted = prefix.toLowerCase();
  if (wanted.startsWith('env:'))
    return [...session.surroundings.environment.keys()]
      .map((name) => `$env:${name}`)
      .filter((name) => name.toLowerCase().startsWith(`$${wanted}`))
      .sort();
  return [...session.globals.variables()]
    .map(({ name }) => name)
    .filter((name) => name.toLowerCase().startsWith(wanted))
    .sort()
    .map((name) => `$${name}`);
}

/** `$x.Na`, `$_.Na` in a script block behind a cmdlet, `(Get-X …).Na`. */
async function completeMember(
  [, target = '', variable, prefix = '']: RegExpExecArray,
  before: string,
  pipelineSource: string | null,
  session: Session,
): Promise<readonly string[]> {
  const wanted = prefix.toLowerCase();
  const named = (names: readonly string[]): readonly string[] =>
    names.filter((name) => name.toLowerCase().startsWith(wanted)).map((name) => `${target}.${name}`);
  if (variable === undefined) {
    const called = /\(\s*([\w-]+)[^()]*\)\.\w*$/.exec(before);
    return named(await pipelineProperties(called?.[1] ?? null, session));
  }
  const value = session.globals.find(variable)?.value ?? null;
  if (value !== null)
    return named([...propertyNames(value), ...methodNames(value).map((name) => `${name}()`)]);
  return variable === '_' || variable.toLowerCase() === 'psitem'
    ? named(await pipelineProperties(pipelineSource, session))
    : [];
}
