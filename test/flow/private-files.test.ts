// What Postern keeps is for its own user alone, also in a directory that lets others look in.
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startGateway, temporaryDirectory } from '../support/gateway.ts';

test('nobody else may read what Postern keeps', async (t) => {
  const data = await temporaryDirectory(t);
  chmodSync(data, 0o755);
  await startGateway(t, { data });
  const readable = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter(
    (name) => (statSync(join(data, name)).mode & 0o077) !== 0,
  );
  assert.deepEqual(readable, []);
  assert.ok(readdirSync(data).includes('postern.db'));
});
