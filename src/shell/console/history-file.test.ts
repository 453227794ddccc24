import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { historyPath, openHistory } from './history-file.ts';

test('keeps lines across sessions, for the user alone, without passwords', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'postern-history-'));
  try {
    const path = join(directory, 'state', 'postern', 'history');
    const history = openHistory(path);
    await history.add('Get-OutboundConnector');
    await history.add('Get-OutboundConnector');
    await history.add('if ($x) {\n  "a\\n"\n}');
    await history.add('New-SubmissionUser x -Password y');
    assert.deepEqual(await openHistory(path).load(), ['if ($x) {\n  "a\\n"\n}', 'Get-OutboundConnector']);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await readFile(path, 'utf8')).includes('Password'), false);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test('no place for it is no failure', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'postern-history-'));
  try {
    await writeFile(join(directory, 'file'), '');
    const history = openHistory(join(directory, 'file', 'history'));
    await history.add('x');
    assert.deepEqual(await history.load(), []);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  assert.deepEqual(await openHistory(null).load(), []);
});

test('where it is', () => {
  assert.equal(historyPath({ HOME: '/home/a' }), '/home/a/.local/state/postern/history');
  assert.equal(historyPath({ HOME: '/home/a', XDG_STATE_HOME: '/s' }), '/s/postern/history');
  assert.equal(historyPath({}), null);
});
