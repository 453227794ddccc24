import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParameterMetadata } from '#parameters/metadata.ts';
import { createTestShell } from '../../../test/support/shell-under-test.ts';
import { readFileParameters } from './file-parameters.ts';

const parameter = (name: string, more: Partial<ParameterMetadata> = {}): ParameterMetadata => ({
  name,
  aliases: [],
  type: 'String',
  values: [],
  isSwitch: false,
  isList: false,
  position: null,
  mandatory: false,
  pipeline: { byValue: false, byPropertyName: false },
  defaultValue: null,
  description: '',
  secret: false,
  completes: null,
  ...more,
});

const metadata = (contentIsList: boolean) => ({
  name: 'Test-Thing',
  synopsis: '',
  description: '',
  parameters: [
    parameter('Path', { fileFor: 'Content' }),
    parameter('Content', { isList: contentIsList }),
    parameter('Name'),
  ],
  supportsShouldProcess: false,
  confirmImpact: 'None' as const,
  outputType: null,
  examples: [],
});

async function read(
  files: Map<string, string> | null,
  given: Readonly<Record<string, string>>,
  contentIsList = false,
): Promise<unknown> {
  const { shell } = createTestShell({ files });
  let result: unknown;
  await shell.runIn({ file: null, text: '' }, null, async (frame) => {
    result = await readFileParameters(metadata(contentIsList), given, frame).catch((error: unknown) => error);
  });
  return result;
}

test('the text of the file goes in place of its path', async () => {
  const files = new Map([['/scripts/a.txt', '\uFEFFone\r\ntwo\n']]);
  const path = [...files.keys()][0] ?? '';
  assert.deepEqual(await read(files, { Path: path, Name: 'x' }), { Name: 'x', Content: 'one\r\ntwo\n' });
  assert.deepEqual(await read(files, { Path: path }, true), { Content: ['one\ntwo\n'] });
  assert.deepEqual(await read(files, { Path: path, Content: 'mine' }), { Path: path, Content: 'mine' });
  assert.deepEqual(await read(files, { Name: 'x' }), { Name: 'x' });
});

test('a long file becomes texts of whole lines', async () => {
  const lines = Array.from({ length: 1000 }, (_, index) => `${index} ${'x'.repeat(100)}`);
  const result = await read(
    new Map([['/scripts/a.txt', lines.join('\n')]]),
    { Path: '/scripts/a.txt' },
    true,
  );
  assert.ok(typeof result === 'object' && result !== null && 'Content' in result);
  assert.ok(Array.isArray(result.Content));
  const texts = result.Content.map(String);
  assert.ok(texts.length > 1 && texts.every((text) => text.length <= 30_000));
  assert.deepEqual(texts.join('\n').split('\n'), lines);
});

test('a file that is not there, or files that nobody may read, are errors', async () => {
  assert.match(String(await read(new Map(), { Path: '/none' })), /Cannot find path '\/none'/);
  assert.match(String(await read(null, { Path: '/none' })), /scripts that arrive over the network/);
});
