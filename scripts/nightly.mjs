// What takes too long for every change: two hundred kills under full load, with a ledger. node scripts/nightly.mjs [--kills N]
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const runtime = join(root, '.runtime', 'node_modules');
const name = readdirSync(runtime).find((each) => each.startsWith('node-')) ?? '';
const flags = ['--disable-warning=ExperimentalWarning', join(root, 'bench', 'kill-loop.ts')];
const result = spawnSync(join(runtime, name, 'bin', 'node'), [...flags, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, NODE_COMPILE_CACHE: join(root, '.runtime', 'compile-cache') },
});
process.exit(result.status ?? 1);
