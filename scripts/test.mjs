// Runs the tests under the pinned Node.js: node scripts/test.mjs [file or folder …]
// Files run in parallel; without arguments, every *.test.ts below src/ and test/.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const runtime = join(root, '.runtime', 'node_modules');
const node = join(
  runtime,
  readdirSync(runtime).find((name) => name.startsWith('node-')) ?? '',
  'bin',
  'node',
);

function testFiles(place) {
  if (statSync(place).isFile()) return [place];
  return readdirSync(place, { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(place, name))
    .sort();
}

const places = process.argv.slice(2);
const files = (places.length > 0 ? places : ['src', 'test']).flatMap((place) => testFiles(join(root, place)));
const result = spawnSync(
  node,
  [
    '--disable-warning=ExperimentalWarning',
    '--test',
    '--test-concurrency=4',
    '--test-timeout=300000',
    '--test-reporter=spec',
    ...files,
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, '.runtime', 'compile-cache') },
  },
);
process.exit(result.status ?? 1);
