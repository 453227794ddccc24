import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../test/support/gateway.ts';
import { readSettings, settingsPage, unknownVariables } from './settings.ts';
import { SettingsError } from './settings-values.ts';

test('defaults are those of the documentation', async () => {
  const settings = await readSettings([], {});
  assert.deepEqual(settings.smtp, [{ host: '127.0.0.1', port: 2525 }]);
  assert.deepEqual(settings.http, { host: '127.0.0.1', port: 8025 });
  assert.equal(settings['mx-port'], 25);
  assert.equal(settings.workers === 0, availableParallelism() <= 2);
});

test('a flag wins over the environment, the environment over the file', async (t) => {
  const file = join(await temporaryDirectory(t), 'postern.yaml');
  writeFileSync(
    file,
    'hostname: file.test\nmx-port: 2501\nsmtp: [127.0.0.1:26, "[::1]:26"]\nlog-level: warn\n',
  );
  const environment = { POSTERN_CONFIG: file, POSTERN_HOSTNAME: 'environment.test', POSTERN_MX_PORT: '2502' };
  const settings = await readSettings(['--mx-port', '2503', '--workers=3'], environment);
  assert.equal(settings.hostname, 'environment.test');
  assert.equal(settings['mx-port'], 2503);
  assert.equal(settings.workers, 3);
  assert.equal(settings['log-level'], 'warn');
  assert.deepEqual(settings.smtp, [
    { host: '127.0.0.1', port: 26 },
    { host: '::1', port: 26 },
  ]);
});

const REFUSED: readonly (readonly [readonly string[], Record<string, string>, RegExp])[] = [
  [['--nonsense', '1'], {}, /^unknown option '--nonsense'/],
  [['serve'], {}, /^unknown option 'serve'/],
  [['--smtp'], {}, /^--smtp needs a value$/],
  [['--workers', '2', '--workers', '2'], {}, /^--workers is given twice$/],
  [['--workers', '13'], {}, /^--workers: '13' is not a whole number from 0 to 12$/],
  [['--smtp', 'nowhere'], {}, /^--smtp: 'nowhere' is not HOST:PORT/],
  [['--min-free-disk', 'much'], {}, /^--min-free-disk: 'much' is not a size/],
  [['--log-level', 'loud'], {}, /^--log-level: 'loud' is not one of error, warn, info, debug$/],
  [['--crl-allow', '10.0.0.0/99'], {}, /^--crl-allow: '10\.0\.0\.0\/99' is not an address or a network/],
  [['--tls-cert', 'a.pem'], {}, /^--tls-cert and --tls-key go together$/],
  [['--http-key', 'a.pem'], {}, /^--http-cert and --http-key go together$/],
  [[], { POSTERN_WORKERS: 'x' }, /^POSTERN_WORKERS: 'x'/],
  [['--data', ''], {}, /^--data: '' names no directory$/],
  [['--dns', 'resolver.test'], {}, /^--dns: 'resolver\.test' is not the IP address of a resolver/],
  [['--smtp', '[::1]:25,[::1]:25'], {}, /^--smtp: ::1 port 25 is given twice$/],
  [['--organization', 'a/b\n'], {}, /^--organization: 'a\/b ' is not a name/],
  [['--config', '/does/not/exist.yaml'], {}, /^\/does\/not\/exist\.yaml: ENOENT/],
];

for (const [args, environment, message] of REFUSED) {
  test(`refused: ${[...args, ...Object.keys(environment)].join(' ')}`, async () => {
    await assert.rejects(
      readSettings(args, environment),
      (error: Error) =>
        error instanceof SettingsError && message.test(error.message) && !error.message.includes('\n'),
    );
  });
}

test('an empty variable is as good as none', async () => {
  const settings = await readSettings([], { POSTERN_DATA: '', POSTERN_WORKERS: '' });
  assert.equal(settings.data, join(process.cwd(), 'var'));
});

test('variables that only look like ours are named, and stop nothing', async () => {
  const environment = {
    POSTERN_SMPT: '127.0.0.1:25',
    POSTERN_SMTP: '127.0.0.1:26',
    POSTERN_TOKEN: 'x',
    HOME: '/',
  };
  assert.deepEqual(unknownVariables(environment), ['POSTERN_SMPT']);
  assert.equal((await readSettings([], environment)).smtp[0]?.port, 26);
});

test('an unknown key of the file is refused by name', async (t) => {
  const file = join(await temporaryDirectory(t), 'postern.yaml');
  writeFileSync(file, 'smpt: 127.0.0.1:25\n');
  await assert.rejects(readSettings(['--config', file], {}), /unknown key 'smpt'/);
});

test('the page of settings is up to date: node scripts/docs.mjs writes it', () => {
  assert.equal(
    readFileSync(new URL('../../docs/operating/settings.md', import.meta.url), 'utf8'),
    settingsPage(),
  );
});
