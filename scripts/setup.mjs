// Makes a fresh clone ready: the pinned Node.js, then the exact packages of package-lock.json.
// Runs under any Node.js 20 or later. A second run finds its stamp and touches nothing, so it works offline.
//   node scripts/setup.mjs        what `postern serve` needs
//   node scripts/setup.mjs --dev  that and what the tests and checks need
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_VERSION = '24.21.0';
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const runtime = join(root, '.runtime');
const stamp = join(runtime, 'installed');
const nodePackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const nodeBinary = join(runtime, 'node_modules', nodePackage, 'bin', 'node');
const dev = process.argv.includes('--dev');

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}

/** npm, run by the given Node.js: its own choice of package versions follows the Node.js that runs it. */
function npm(node, args, cwd) {
  const cli = process.env.npm_execpath;
  const [command, first] = cli?.endsWith('.js') ? [node, [cli]] : ['npm', []];
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` };
  for (const key of Object.keys(env)) {
    if (
      /^npm_(config_(?!registry|cache|proxy|https_proxy|noproxy|cafile|userconfig|globalconfig)|package|lifecycle)/i.test(
        key,
      )
    )
      delete env[key];
  }
  const result = spawnSync(command, [...first, ...args], { cwd, env, stdio: ['ignore', 2, 2] });
  if (result.error) fail(`npm could not be started: ${result.error.message}`);
  if (result.status !== 0)
    fail(`npm ${args[0]} failed (exit ${result.status}); see above, mend the cause and run it again`);
}

function installNode() {
  if (existsSync(nodeBinary)) {
    const found = spawnSync(nodeBinary, ['--version'], { encoding: 'utf8' });
    if (found.stdout?.trim() === `v${NODE_VERSION}`) return;
  }
  say(`Node.js ${NODE_VERSION} for ${process.platform}-${process.arch} …`);
  mkdirSync(runtime, { recursive: true });
  writeFileSync(join(runtime, 'package.json'), '{"private":true}\n');
  npm(
    process.execPath,
    [
      'install',
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `${nodePackage}@${NODE_VERSION}`,
    ],
    runtime,
  );
  if (!existsSync(nodeBinary)) fail(`no Node.js binary is published for ${process.platform}-${process.arch}`);
}

function installPackages() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(NODE_VERSION)
    .digest('hex');
  const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8').trim() : '';
  if (
    existsSync(join(root, 'node_modules')) &&
    (installed === `${wanted} dev` || (!dev && installed === wanted))
  )
    return;
  say(dev ? 'packages, with the tools for tests and checks …' : 'packages …');
  rmSync(stamp, { force: true });
  npm(
    nodeBinary,
    ['ci', '--no-audit', '--no-fund', '--ignore-scripts', ...(dev ? [] : ['--omit=dev'])],
    root,
  );
  writeFileSync(stamp, dev ? `${wanted} dev\n` : `${wanted}\n`);
  say('done');
}

installNode();
installPackages();
