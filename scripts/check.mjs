// Types, lint, format and dead code, each by its own tool; the first that fails ends the run.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const runtime = join(root, '.runtime', 'node_modules');
const nodeDirectory = join(
  runtime,
  readdirSync(runtime).find((name) => name.startsWith('node-')) ?? '',
  'bin',
);
const checks = {
  types: ['tsc', '--project', 'tsconfig.json'],
  lint: ['oxlint', '--type-aware', '--deny-warnings', 'src', 'test', 'bench', 'scripts'],
  format: ['biome', 'format', '.'],
  'dead code': ['knip', '--no-progress'],
};

for (const [name, [tool, ...args]] of Object.entries(checks)) {
  process.stderr.write(`check: ${name}\n`);
  const env = { ...process.env, PATH: `${nodeDirectory}:${process.env.PATH}` };
  const result = spawnSync(join(root, 'node_modules', '.bin', tool), args, {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  if (result.status !== 0) {
    process.stderr.write(`check: ${name} failed\n`);
    process.exit(1);
  }
}
