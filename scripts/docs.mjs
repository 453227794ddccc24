// Writes docs/cmdlets from the cmdlets' declarations and docs/operating/settings.md from the settings': node scripts/docs.mjs
// Runs itself again under the pinned Node.js where the one at hand can't read TypeScript.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
if (Number(process.versions.node.split('.')[0]) < 24) {
  const runtime = join(root, '.runtime', 'node_modules');
  const name = readdirSync(runtime).find((entry) => entry.startsWith('node-')) ?? '';
  const { status } = spawnSync(join(runtime, name, 'bin', 'node'), [fileURLToPath(import.meta.url)], {
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}

const { cmdlets } = await import('../src/cmdlets/catalog.ts');
const { referenceFiles } = await import('../src/cmdlets/help/reference.ts');
const folder = join(root, 'docs', 'cmdlets');
const files = referenceFiles(cmdlets.map(({ metadata }) => metadata));
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder))
  if (name.endsWith('.md') && !files.has(name)) rmSync(join(folder, name));
for (const [name, text] of files) writeFileSync(join(folder, name), text);
process.stderr.write(`docs/cmdlets: ${files.size} pages\n`);

const { settingsPage } = await import('../src/gateway/settings.ts');
writeFileSync(join(root, 'docs', 'operating', 'settings.md'), settingsPage());
