// The settings of the process, each declared once: flag, environment variable, YAML key, default, meaning and check.
// A flag wins over the environment, the environment over the file, the file over the default. Whatever is unknown or
// can't be read is refused at start in one line (SettingsError); nothing is guessed.
import { readFileSync } from 'node:fs';
import { hostname as machineName, availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { defaultConnections } from './open-files.ts';
import {
  list,
  oneOf,
  readEndpoint,
  readHostname,
  readListeners,
  readNetwork,
  readOrganization,
  readResolver,
  readSize,
  SettingsError,
  wholeNumber,
} from './settings-values.ts';

interface Setting<T> {
  /** The flag without its dashes; `POSTERN_` + upper case is the variable; the same word is the YAML key. */
  readonly value: string;
  readonly help: string;
  readonly fallback: () => T;
  readonly shown: string;
  readonly read: (text: string) => T;
}

function setting<T>(
  value: string,
  help: string,
  shown: string,
  fallback: () => T,
  read: (text: string) => T,
): Setting<T> {
  return { value, help, shown, fallback, read };
}

function path(value: string): string {
  if (value === '') throw new SettingsError("'' names no directory");
  return resolve(value);
}
const optionalPath = (value: string): string | null => (value === '' ? null : resolve(value));

const DECLARED = {
  data: setting(
    'DIR',
    'where everything is kept: store, spool, keys, control socket',
    './var',
    () => resolve('var'),
    path,
  ),
  hostname: setting(
    'FQDN',
    "the gateway's own name",
    "the machine's name",
    () => readHostname(machineName() || 'localhost'),
    readHostname,
  ),
  smtp: setting(
    'HOST:PORT,…',
    'where mail comes in',
    '127.0.0.1:2525',
    () => [{ host: '127.0.0.1', port: 2525 }],
    readListeners,
  ),
  http: setting(
    'HOST:PORT',
    'health, metrics and the administrative interface',
    '127.0.0.1:8025',
    () => ({ host: '127.0.0.1', port: 8025 }),
    (part) => readEndpoint(part),
  ),
  'http-cert': setting(
    'FILE',
    'certificate chain for the HTTP listener, PEM; with it, HTTPS alone is served there',
    'none: HTTP, and administration from this machine alone',
    () => null,
    optionalPath,
  ),
  'http-key': setting('FILE', 'its private key, PEM', 'none', () => null, optionalPath),
  dns: setting('HOST:PORT,…', 'resolvers to ask', 'those of /etc/resolv.conf', () => [], list(readResolver)),
  'dns-trusted': setting(
    'true|false',
    'the resolvers validate DNSSEC and the way to them is safe (DANE)',
    'only on loopback',
    (): 'true' | 'false' => 'false',
    oneOf('true', 'false'),
  ),
  'mx-port': setting('N', 'the port of mail exchangers', '25', () => 25, wholeNumber(1, 65535)),
  ca: setting('FILE', 'trusted roots, PEM', "the system's", () => null, optionalPath),
  'tls-cert': setting(
    'FILE',
    'certificate chain for STARTTLS, PEM',
    'one that Postern makes',
    () => null,
    optionalPath,
  ),
  'tls-key': setting('FILE', 'its private key, PEM', 'one that Postern makes', () => null, optionalPath),
  'client-cert': setting(
    'FILE',
    'certificate chain shown to next hops that ask, PEM',
    'none',
    () => null,
    optionalPath,
  ),
  'client-key': setting('FILE', 'its private key, PEM', 'none', () => null, optionalPath),
  'crl-allow': setting(
    'NETWORK,…',
    'private networks from which revocation lists may be fetched',
    'none',
    () => [] as readonly string[],
    list(readNetwork),
  ),
  'mta-sts-port': setting(
    'N',
    'the port from which MTA-STS policies are fetched',
    '443',
    () => 443,
    wholeNumber(1, 65535),
  ),
  'proxy-from': setting(
    'NETWORK,…',
    'load balancers: their connections begin with a PROXY header that names the client',
    'none',
    () => [] as readonly string[],
    list(readNetwork),
  ),
  'xclient-from': setting(
    'NETWORK,…',
    "proxies and filters that may name the client with Postfix's XCLIENT",
    'none',
    () => [] as readonly string[],
    list(readNetwork),
  ),
  workers: setting(
    'N',
    'threads that receive and deliver mail; 0: the main thread does that too, which takes the least memory',
    'one per core but one, which the store has; 0 on one or two cores',
    () => (availableParallelism() <= 2 ? 0 : Math.min(availableParallelism() - 1, 12)),
    wholeNumber(0, 12),
  ),
  'min-free-disk': setting(
    'SIZE',
    'below this, new mail is put off (452)',
    '256MB',
    () => 256 * 1024 ** 2,
    readSize,
  ),
  'max-queue': setting(
    'N',
    'above this many queued messages, new mail is put off (452)',
    '2000000',
    () => 2_000_000,
    wholeNumber(1, 1e9),
  ),
  'max-memory': setting(
    'SIZE',
    'above this resident memory, new mail is put off (452)',
    '2GB',
    () => 2 * 1024 ** 3,
    readSize,
  ),
  'max-connections': setting(
    'N',
    'connections that bring mail, at a time',
    '2000, or half of the files that the process may have open',
    defaultConnections,
    wholeNumber(1, 60_000),
  ),
  'max-connections-per-address': setting(
    'N',
    'of these, connections from one address',
    '200',
    () => 200,
    wholeNumber(1, 60_000),
  ),
  organization: setting(
    'NAME',
    'how the organization is called in identities and by the wire API',
    "the host name's domain",
    () => '',
    readOrganization,
  ),
  'log-level': setting(
    'LEVEL',
    'error, warn, info or debug',
    'info',
    (): 'error' | 'warn' | 'info' | 'debug' => 'info',
    oneOf('error', 'warn', 'info', 'debug'),
  ),
} as const;

type Declared = typeof DECLARED;
export type Settings = {
  readonly [Key in keyof Declared]: Declared[Key] extends Setting<infer T> ? T : never;
};
type Name = keyof Declared;
const NAMES = Object.keys(DECLARED) as Name[];

const variable = (name: string): string => `POSTERN_${name.toUpperCase().replaceAll('-', '_')}`;

/** One line of the settings' table: flag, environment variable, key in the file, meaning with the default. */
type SettingRow = readonly [string, string, string, string];

function settingRows(): readonly SettingRow[] {
  const rows = NAMES.map((name): SettingRow => {
    const { value, help, shown } = DECLARED[name];
    return [`--${name} ${value}`, variable(name), name, `${help} (default: ${shown})`];
  });
  return [
    ['--config FILE', 'POSTERN_CONFIG', '', 'a YAML file with the keys of this table (default: none)'],
    ...rows,
  ];
}

const TITLES: SettingRow = ['flag', 'environment', 'key in the file', 'meaning'];

/** What `serve --help` prints. */
export function settingsHelp(): string {
  const rows = [TITLES, ...settingRows()];
  const widths = TITLES.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return ['Runs the gateway in the foreground.\n', ...lines, `\n${PRECEDENCE}`].join('\n');
}

const PRECEDENCE = 'A flag wins over the environment, the environment over the file.';

/** docs/operating/settings.md. */
export function settingsPage(): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const lines = settingRows().map(
    ([flag, environment, key, meaning]) =>
      `| \`${cell(flag)}\` | \`${environment}\` | ${key === '' ? '' : `\`${key}\``} | ${cell(meaning)} |`,
  );
  return `# Settings of the process\n\nWritten by \`node scripts/docs.mjs\` from src/gateway/settings.ts. ${PRECEDENCE} Whatever is unknown or can't be read is refused at start, in one line, with exit code 2.\n\n| ${TITLES.join(' | ')} |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`;
}

const OTHER_VARIABLES = ['POSTERN_CONFIG', 'POSTERN_URL', 'POSTERN_TOKEN'];

/**
 * Variables that look like ours and mean nothing: misspelt, or somebody else's (Kubernetes names a service's address so).
 * They are told to the operator, and stop nothing.
 */
export function unknownVariables(environment: NodeJS.ProcessEnv): readonly string[] {
  const known = new Set([...OTHER_VARIABLES, ...NAMES.map(variable)]);
  return Object.keys(environment).filter((key) => key.startsWith('POSTERN_') && !known.has(key));
}

function readFlags(args: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const [, name = '', attached] = /^--([a-z-]+)(?:=(.*))?$/s.exec(args[i] ?? '') ?? [];
    if (name !== 'config' && !(NAMES as string[]).includes(name)) {
      throw new SettingsError(`unknown option '${args[i]}'; './postern serve --help' lists what there is`);
    }
    const value = attached ?? args[++i];
    if (value === undefined) throw new SettingsError(`--${name} needs a value`);
    if (found.has(name)) throw new SettingsError(`--${name} is given twice`);
    found.set(name, value);
  }
  return found;
}

async function readFile(file: string): Promise<Map<string, string>> {
  const { parse } = await import('yaml');
  let document: unknown;
  try {
    document = parse(readFileSync(file, 'utf8'), { maxAliasCount: 10 });
  } catch (error) {
    throw new SettingsError(`${file}: ${(error as Error).message.split('\n')[0]}`);
  }
  if (document === null || document === undefined) return new Map();
  if (typeof document !== 'object' || Array.isArray(document))
    throw new SettingsError(`${file}: expected 'key: value' lines`);
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(document)) {
    if (!(NAMES as string[]).includes(key))
      throw new SettingsError(`${file}: unknown key '${key}'; './postern serve --help' lists what there is`);
    if (value === null || (typeof value === 'object' && !Array.isArray(value)))
      throw new SettingsError(`${file}: '${key}' needs a value`);
    found.set(key, Array.isArray(value) ? value.map(String).join(',') : String(value));
  }
  return found;
}

/**
 * Reads flags, environment and file.
 * @throws SettingsError with one clear line
 */
export async function readSettings(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<Settings> {
  const flags = readFlags(args);
  const file = flags.get('config') ?? environment['POSTERN_CONFIG'];
  const fromFile = file ? await readFile(file) : new Map<string, string>();
  const entries = NAMES.map((name) => {
    const sources = [
      [`--${name}`, flags.get(name)],
      // Empty is unset: that is how containers and units pass on what nobody gave.
      [variable(name), environment[variable(name)] || undefined],
      [`${file}: ${name}`, fromFile.get(name)],
    ] as const;
    const given = sources.find(([, value]) => value !== undefined);
    if (given?.[1] === undefined) return [name, DECLARED[name].fallback()];
    try {
      return [name, DECLARED[name].read(given[1])];
    } catch (error) {
      throw new SettingsError(`${given[0]}: ${(error as Error).message}`);
    }
  });
  const settings = Object.fromEntries(entries) as Settings;
  if (settings.smtp.length === 0) throw new SettingsError('--smtp names no address');
  for (const pair of ['http', 'tls', 'client'] as const)
    if ((settings[`${pair}-cert`] === null) !== (settings[`${pair}-key`] === null))
      throw new SettingsError(`--${pair}-cert and --${pair}-key go together`);
  return settings;
}
