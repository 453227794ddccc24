// The key file is gone and the database is not: the start says so and makes no other key; put back, all is as before.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startGateway, temporaryDirectory } from '../support/gateway.ts';

test('a lost key file is told at start, and nothing hides that it is lost', async (t) => {
  const data = await temporaryDirectory(t);
  const key = join(data, 'keys', 'credential.key');
  const first = await startGateway(t, { data });
  assert.equal(await first.stop(), 0);
  await rename(key, `${key}.kept`);
  await assert.rejects(
    startGateway(t, { data }),
    /exit 2\)[^]*credential\.key is missing[^\n]*Put the file back/,
  );
  assert.equal(existsSync(key), false);
  await rename(`${key}.kept`, key);
  const again = await startGateway(t, { data });
  assert.equal(await again.stop(), 0);
});
