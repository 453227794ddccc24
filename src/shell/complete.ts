// Completion: of commands, parameters, the values of enumerations and switches, names of objects, variables, properties of
// what a variable holds, and files. Looks at the text before the cursor alone; asks the daemon for names.
import { bindableParameters, type BindableParameters } from '#parameters/bind.ts';
import type { CmdletMetadata, ParameterMetadata } from '#parameters/metadata.ts';
import { Tokenizer } from './syntax/tokenizer.ts';
import type { Token } from './syntax/token.ts';
import { methodNames } from './values/methods.ts';
import { propertyNames } from './values/property-names.ts';
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
  const before = text.slice(0, cursor);
  const word = lastWord(before);
  const start = word.start;
  const list = (candidates: readonly string[]): Completion => ({
    start,
    candidates: [...new Set(candidates)].slice(0, MOST),
  });
  const member = /^\$([\w?]+(?::\w+)?)\.(\w*)$/.exec(word.text);
  if (member) return completeMember(member[1] ?? '', member[2] ?? '', start, session);
  if (/^\$[\w:]*$/.test(word.text)) return list(variables(word.text.slice(1), session));
  const command = commandBefore(before.slice(0, start));
  if (command === null) return list(await commandNames(word.text, session));
  const described = await describe(command.name, session);
  if (!described) return list([]);
  if (word.text.startsWith('-'))
    return list(parameterNames(described.bindable, word.text.slice(1)).map((name) => `-${name}`));
  const parameter = awaited(described.bindable, command.words);
  return parameter
    ? list(await values(parameter, word.text, described.metadata, command.words, session))
    : list([]);
}

/** The word under the cursor, with an opening quote. */
function lastWord(text: string): { readonly text: string; readonly start: number } {
  const quoted = /(?:^|[\s(,;|={])((["'])(?:(?!\2)[^\n])*)$/.exec(text);
  const unbalanced = (text.match(/"/g)?.length ?? 0) % 2 === 1 || (text.match(/'/g)?.length ?? 0) % 2 === 1;
  if (quoted && unbalanced) return { text: quoted[1] ?? '', start: text.length - (quoted[1] ?? '').length };
  const bare = /[^\s(,;|={}]*$/.exec(text)?.[0] ?? '';
  return { text: bare, start: text.length - bare.length };
}

interface CommandBefore {
  readonly name: string;
  readonly words: readonly Token[];
}

/** The command whose arguments are being written; null where a command's own name is. */
function commandBefore(text: string): CommandBefore | null {
  let name: string | null = null;
  let words: Token[] = [];
  try {
    const tokens = new Tokenizer(text);
    for (let count = 0; count < 10_000; count++) {
      const token = tokens.next('command');
      if (token.kind === 'end') break;
      const separates =
        token.kind === 'newline' ||
        (token.kind === 'sign' && [';', '|', '||', '&&', '(', '$(', '@(', '{', '&'].includes(token.text));
      if (separates || (token.kind === 'word' && token.value === '=')) {
        name = null;
        words = [];
      } else if (name === null)
        name = token.kind === 'word' ? token.value : token.kind === 'sign' ? null : '';
      else words.push(token);
    }
  } catch {
    return null;
  }
  return name === null || name === '' ? null : { name, words };
}

async function commandNames(prefix: string, session: Session): Promise<readonly string[]> {
  const wanted = prefix.toLowerCase();
  const cmdlets = (await session.source?.list()) ?? [];
  const names = [
    ...cmdlets.map(({ name }) => name),
    ...session.builtins.names,
    ...functionNames(session.globals),
  ];
  return names.filter((name) => name.toLowerCase().startsWith(wanted)).sort();
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

async function values(
  parameter: ParameterMetadata,
  prefix: string,
  metadata: CmdletMetadata | null,
  words: readonly Token[],
  session: Session,
): Promise<readonly string[]> {
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
  if (metadata?.name === 'Get-Help' && parameter.name === 'Name') return commandNames(bare, session);
  if (metadata?.name === 'Get-Command' && parameter.name === 'Name') return commandNames(bare, session);
  const isProperty =
    parameter.name === 'Property' || parameter.name === 'ExpandProperty' || parameter.name === 'FilterScript';
  return isProperty ? starting(propertyCandidates(words, session)) : [];
}

/** Names of properties that Select-Object and its like could be given: those of the connectors' own parameters. */
function propertyCandidates(_: readonly Token[], session: Session): readonly string[] {
  return session.source?.views.flatMap(({ table }) => table) ?? [];
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

function completeMember(variable: string, prefix: string, start: number, session: Session): Completion {
  const value = session.globals.find(variable)?.value ?? null;
  if (value === null) return { start, candidates: [] };
  const wanted = prefix.toLowerCase();
  const names = [...propertyNames(value), ...methodNames(value).map((name) => `${name}()`)].filter((name) =>
    name.toLowerCase().startsWith(wanted),
  );
  return { start, candidates: names.map((name) => `$${variable}.${name}`) };
}
