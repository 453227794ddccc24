import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readConsoleArguments, UsageError } from './console-arguments.ts';

const options = { data: null, url: null, token: null, ca: null, output: 'default' } as const;

describe('the command line', () => {
  const rows: readonly [words: readonly string[], request: unknown][] = [
    [[], { kind: 'input', options }],
    [['-'], { kind: 'input', options }],
    [['--help'], { kind: 'help', options }],
    [['--version'], { kind: 'version', options }],
    [['Get-X'], { kind: 'command', words: ['Get-X'], options }],
    [['Get-X', '-A', 'b'], { kind: 'command', words: ['Get-X', '-A', 'b'], options }],
    [
      ['--output', 'json', 'Get-X'],
      { kind: 'command', words: ['Get-X'], options: { ...options, output: 'json' } },
    ],
    [
      ['Get-X', '--output=json'],
      { kind: 'command', words: ['Get-X'], options: { ...options, output: 'json' } },
    ],
    [
      ['Get-X', '--output', 'Table'],
      { kind: 'command', words: ['Get-X'], options: { ...options, output: 'table' } },
    ],
    [
      ['Get-X', '-Comment', '--output', 'json'],
      { kind: 'command', words: ['Get-X', '-Comment', '--output', 'json'], options },
    ],
    [
      ['Set-X', '--url=https://elsewhere'],
      { kind: 'command', words: ['Set-X', '--url=https://elsewhere'], options },
    ],
    [['Set-X', '--data', '/tmp'], { kind: 'command', words: ['Set-X', '--data', '/tmp'], options }],
    [['--data', '/d', 'Get-X'], { kind: 'command', words: ['Get-X'], options: { ...options, data: '/d' } }],
    [
      ['--url=https://gw', '--token=t', 'Get-X'],
      { kind: 'command', words: ['Get-X'], options: { ...options, url: 'https://gw', token: 't' } },
    ],
    [['-c', '1 + 1', 'a'], { kind: 'script', text: '1 + 1', args: ['a'], options }],
    [['setup.ps1', '-Name', 'x'], { kind: 'file', path: 'setup.ps1', args: ['-Name', 'x'], options }],
  ];
  for (const [words, request] of rows)
    test(words.join(' ') || '(nothing)', () => assert.deepEqual(readConsoleArguments(words), request));

  for (const words of [
    ['--output', 'xml', 'Get-X'],
    ['--output'],
    ['--data'],
    ['-c'],
    ['--nope'],
    ['-x'],
    ['--data', '', 'Get-X'],
    ['Get-X', '--output', 'xml'],
  ]) {
    test(`refuses ${words.join(' ')}`, () => assert.throws(() => readConsoleArguments(words), UsageError));
  }
});
