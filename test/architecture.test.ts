// The shape of the house, kept by machine: imports go downwards only, folders are entered by '#folder/file.ts',
// a file is named for what it owns and says so in its first lines. docs/architecture.md tells the reasons.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const source = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src');

/** From the top down; rooms on one floor don't know each other, unless NEIGHBOURS says so. */
const FLOORS: readonly (readonly string[])[] = [
  ['main'],
  ['gateway'],
  ['api'],
  ['shell'],
  ['cmdlets', 'ingress'],
  ['queue'],
  ['store', 'delivery', 'dsn', 'tracking'],
  ['routing', 'directory'],
  ['tls'],
  ['smtp', 'dns', 'parameters'],
  ['mail'],
];

/** Who may look sideways, and why: store and delivery write the trace's events; routing takes the directory's snapshot. */
const NEIGHBOURS = new Set(['store>tracking', 'delivery>tracking', 'dsn>tracking', 'routing>directory']);

const FORBIDDEN_FOLDERS = new Set(['utils', 'helpers', 'common', 'types', 'lib', 'misc']);

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort();

const room = (file: string): string => (file.includes('/') ? (file.split('/')[0] as string) : 'main');
const floor = (name: string): number => FLOORS.findIndex((rooms) => rooms.includes(name));

/** Specifiers of static and dynamic imports, re-exports and import types. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(source, file), 'utf8').replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  const found = text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)'([^']+)'/gm);
  return [...found].map((match) => match[1] as string);
}

const isTest = (file: string): boolean => file.endsWith('.test.ts');

test('every import goes downwards', () => {
  const wrong: string[] = [];
  for (const file of files.filter((name) => !isTest(name))) {
    for (const specifier of importsOf(file)) {
      if (!specifier.startsWith('#')) continue;
      const target = specifier.slice(1);
      const [from, to] = [room(file), room(target)];
      if (from === to || NEIGHBOURS.has(`${from}>${to}`)) continue;
      if (floor(from) === -1 || floor(to) === -1) wrong.push(`${file} → ${target}: a room no floor has`);
      else if (floor(from) >= floor(to)) wrong.push(`${file} → ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("folders are left by '#folder/file.ts' only, and every import names a file that exists", () => {
  const wrong: string[] = [];
  for (const file of files) {
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('#')) {
        if (!files.includes(specifier.slice(1))) wrong.push(`${file}: ${specifier} doesn't exist`);
        if (room(specifier.slice(1)) === room(file) && room(file) !== 'main' && !isTest(file)) {
          const within = relative(dirname(file), specifier.slice(1));
          if (!within.startsWith('..')) wrong.push(`${file}: ${specifier} is in its own folder`);
        }
      } else if (specifier.startsWith('.')) {
        const target = normalize(join(dirname(file), specifier));
        if (target.startsWith('..') && isTest(file)) continue;
        if (room(target) !== room(file)) wrong.push(`${file}: ${specifier} leaves its folder without '#'`);
        if (!files.includes(target)) wrong.push(`${file}: ${specifier} doesn't exist`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test('no drawers, no indexes, no default exports', () => {
  const wrong: string[] = [];
  for (const file of files) {
    if (file.split('/').some((part) => FORBIDDEN_FOLDERS.has(part.replace(/\.ts$/, ''))))
      wrong.push(`${file}: a drawer`);
    if (/(^|\/)index\.ts$/.test(file)) wrong.push(`${file}: an index`);
    if (/^export default/m.test(readFileSync(join(source, file), 'utf8')))
      wrong.push(`${file}: a default export`);
    if (!/^(?:[a-z0-9-]+\/)*[a-z0-9-]+(?:\.test)?\.ts$/.test(file)) wrong.push(`${file}: not kebab-case`);
  }
  assert.deepEqual(wrong, []);
});

test('every file opens by saying what it owns', () => {
  const silent = files.filter(
    (file) => !isTest(file) && !/^(?:#!.*\n)?(?:\/\/ |\/\*\*)/.test(readFileSync(join(source, file), 'utf8')),
  );
  assert.deepEqual(silent, []);
});

/** A flat state machine may be longer (CONTRIBUTING.md). */
const STATE_MACHINES = new Set(['smtp/server-connection.ts', 'smtp/server-session.ts']);

test('files stay short enough to be read in one go', () => {
  const long = files
    .filter((file) => !isTest(file))
    .map((file) => [file, readFileSync(join(source, file), 'utf8').split('\n').length] as const)
    .filter(([file, lines]) => lines > (STATE_MACHINES.has(file) ? 400 : 330));
  assert.deepEqual(long, []);
});
