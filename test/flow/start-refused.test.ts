// What can't work is refused at start: exit code 2 and one line that says what is wrong.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startGateway, temporaryDirectory } from '../support/gateway.ts';
import { portOf } from '../support/loopback-port.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Standard error and exit code of a daemon that doesn't come up. */
async function refusal(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(root, 'src/main.ts'), ...args],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (/^ready /m.test(text)) child.kill('SIGKILL');
    });
  const [code] = await once(child, 'close');
  return `${code}: ${text.trimEnd()}`;
}

test('a gateway that cannot start', async (t) => {
  const data = await temporaryDirectory(t);
  const files = await temporaryDirectory(t);
  const running = await startGateway(t, { data });
  const fresh = async (...more: string[]) => [
    '--data',
    await temporaryDirectory(t),
    '--smtp',
    '127.0.0.1:0',
    '--http',
    '127.0.0.1:0',
    ...more,
  ];

  await t.test('a second daemon on the same data', async () => {
    const said = await refusal(['--data', data, '--smtp', '127.0.0.1:0', '--http', '127.0.0.1:0']);
    assert.match(said, /^2: postern: .*(in use|running|already)[^\n]*$/i);
    assert.equal((await fetch(`${running.http}/readyz`)).status, 200);
  });

  await t.test('ports in use, for mail and for HTTP', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const taken = `127.0.0.1:${portOf(server)}`;
    const base = await fresh();
    const withSmtp = base.with(3, taken);
    assert.match(
      await refusal(withSmtp),
      /^2: postern: --smtp: 127\.0\.0\.1:\d+ [^\n]*another program has it[^\n]*$/,
    );
    const withHttp = (await fresh()).with(5, taken);
    assert.match(
      await refusal(withHttp),
      /^2: postern: --http: 127\.0\.0\.1:\d+ [^\n]*another program has it[^\n]*$/,
    );
    const other = (await fresh()).with(3, `127.0.0.1:${running.smtp.port}`);
    assert.match(await refusal(other), /^2: postern: --smtp: [^\n]*another program has it[^\n]*$/);
    server.close();
  });

  await t.test('unknown flags and keys; bad values of flags, variables and keys', async () => {
    assert.match(
      await refusal(await fresh('--colour', 'red')),
      /^2: postern: [^\n]*'--colour'[^\n]*--help[^\n]*$/,
    );
    assert.match(
      await refusal(await fresh(), { POSTERN_MX_PORT: '70000' }),
      /^2: postern: POSTERN_MX_PORT[^\n]*65535[^\n]*$/,
    );
    const file = join(files, 'postern.yaml');
    await writeFile(file, 'workers: 1\ncolour: red\n');
    assert.match(await refusal(await fresh('--config', file)), /^2: postern: [^\n]*'colour'[^\n]*$/);
    await writeFile(file, 'workers: many\n');
    assert.match(await refusal(await fresh('--config', file)), /^2: postern: [^\n]*workers[^\n]*$/);
    assert.match(
      await refusal(await fresh('--mx-port', '70000')),
      /^2: postern: --mx-port[^\n]*65535[^\n]*$/,
    );
    assert.match(
      await refusal(await fresh('--config', join(files, 'none.yaml'))),
      /^2: postern: [^\n]*none\.yaml[^\n]*$/,
    );
  });

  await t.test('certificates and roots that are none', async () => {
    const none = join(files, 'none.pem');
    const rubbish = join(files, 'rubbish.pem');
    await writeFile(rubbish, 'rubbish\n');
    for (const [flags, name] of [
      [['--ca', none], 'none.pem'],
      [['--ca', rubbish], 'rubbish.pem'],
      [['--tls-cert', none, '--tls-key', none], 'none.pem'],
      [['--tls-cert', rubbish, '--tls-key', rubbish], 'rubbish.pem'],
      [['--tls-cert', rubbish], '--tls-key'],
    ] as const)
      assert.match(await refusal(await fresh(...flags)), new RegExp(`^2: postern: [^\\n]*${name}[^\\n]*$`));
  });

  await t.test('a data directory that is none', async () => {
    const file = join(files, 'a-file');
    await writeFile(file, '');
    assert.match(
      await refusal((await fresh()).with(1, join(file, 'data'))),
      /^2: postern: [^\n]*a-file[^\n]*$/,
    );
  });

  await t.test('a data directory whose files can not be used', async () => {
    const within = async (...path: string[]) => join(await temporaryDirectory(t), ...path);
    const damaged = await within('postern.db');
    await writeFile(damaged, 'no database at all, whatever its name says\n'.repeat(100));
    assert.match(
      await refusal((await fresh()).with(1, dirname(damaged))),
      /^2: postern: [^\n]*postern\.db can't be opened[^\n]*Put back the database[^\n]*$/,
    );
    const inTheWay = await within('control.sock');
    await writeFile(inTheWay, '');
    assert.match(
      await refusal((await fresh()).with(1, dirname(inTheWay))),
      /^2: postern: [^\n]*control\.sock[^\n]*Remove it[^\n]*$/,
    );
    assert.match(
      await refusal((await fresh()).with(1, await within('long'.repeat(40)))),
      /^2: postern: [^\n]*too long for a socket[^\n]*$/,
    );
  });
});
