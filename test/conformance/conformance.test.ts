// Runs every row of the conformance chapters in a shell of its own and compares output and error to the letter.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTestShell } from '../support/shell-under-test.ts';
import { binding } from './binding.ts';
import { controlFlow } from './control-flow.ts';
import { dates } from './dates.ts';
import { formatting } from './formatting.ts';
import { functions } from './functions.ts';
import { literals } from './literals.ts';
import { members } from './members.ts';
import { operators } from './operators.ts';
import { pipelineCommands } from './pipeline-commands.ts';
import type { Chapter, ExpectedError, Outcome } from './row.ts';
import { streams } from './streams.ts';
import { variables } from './variables.ts';

process.env['TZ'] = 'America/New_York';

const chapters: Readonly<Record<string, Chapter>> = {
  literals,
  operators,
  variables,
  'control flow': controlFlow,
  functions,
  members,
  dates,
  streams,
  binding,
  'pipeline commands': pipelineCommands,
  formatting,
};

function isError(outcome: Outcome): outcome is ExpectedError {
  return typeof outcome === 'object' && 'error' in outcome;
}

function lines(expected: string | readonly string[]): string {
  return typeof expected === 'string' ? expected : expected.join('\n');
}

/** Without the blank lines that PowerShell puts around tables and lists. */
function trimmed(output: string): string {
  return output.replace(/^\n+/, '').replace(/\n+$/, '');
}

for (const [name, { topic, rows }] of Object.entries(chapters)) {
  describe(`${name} (${topic})`, () => {
    for (const [line, outcome] of rows) {
      test(line, async () => {
        const shell = createTestShell();
        const { out, err, exitCode } = await shell.run(line);
        if (!isError(outcome)) {
          assert.equal(trimmed(out), lines(outcome).replace(/^\n+|\n+$/g, ''));
          assert.equal(err, '');
          assert.equal(exitCode, 0);
          return;
        }
        const record = shell.shell.session.lastError;
        assert.ok(record, `no error; output: ${out}`);
        assert.equal(record.message, outcome.error);
        assert.equal(record.fullyQualifiedErrorId, outcome.id);
        assert.equal(record.category, outcome.category);
        const { start = 0, end = 0 } = record.position?.extent ?? {};
        assert.equal(line.slice(start, end), outcome.at, 'the place');
        assert.equal(trimmed(out), lines(outcome.out ?? ''));
        assert.ok(err.includes(record.message), 'the error is shown');
        assert.ok(err.includes(`FullyQualifiedErrorId : ${record.fullyQualifiedErrorId}`));
        assert.equal(exitCode, 1);
      });
    }
  });
}
