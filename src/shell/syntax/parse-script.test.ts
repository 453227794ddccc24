import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ParseError } from './parse-error.ts';
import { parseScript } from './parse-script.ts';
import { placeOf } from './source-text.ts';

/** Parses; every extent of the tree, or the error's, lies inside the text, and children inside their parents. */
function checkPlaces(text: string): void {
  let tree: unknown;
  try {
    tree = parseScript(text);
  } catch (error) {
    assert.ok(error instanceof ParseError, `not a parse error: ${String(error)}`);
    checkExtent(error.extent, text.length);
    placeOf({ file: null, text }, error.extent.start);
    return;
  }
  checkNode(tree, text.length);
}

function checkExtent(extent: { start: number; end: number }, length: number): void {
  assert.ok(
    extent.start >= 0 && extent.start <= extent.end && extent.end <= length,
    `${JSON.stringify(extent)} of ${length}`,
  );
}

function checkNode(node: unknown, length: number): void {
  if (Array.isArray(node)) {
    assert.ok(Object.isFrozen(node), 'lists are frozen');
    for (const item of node) checkNode(item, length);
    return;
  }
  if (node === null || typeof node !== 'object') return;
  if ('extent' in node) {
    checkExtent(node.extent as { start: number; end: number }, length);
    assert.ok(Object.isFrozen(node), 'nodes are frozen');
  }
  for (const value of Object.values(node)) checkNode(value, length);
}

const FRAGMENTS = [
  '$x',
  '$x.Name',
  '"a $b $(1 + 2)"',
  "'it''s'",
  '@{ a = 1 }',
  '@(1, 2)',
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  '[int]',
  '$(',
  '@(',
  '@{',
  'if',
  'else',
  'foreach',
  'in',
  'while',
  'do',
  'until',
  'switch',
  'try',
  'catch',
  'finally',
  'function f',
  'param',
  'return',
  'throw',
  'Get-OutboundConnector',
  '-Name',
  '-Enabled:',
  '$false',
  '|',
  ';',
  '\n',
  '`\n',
  ',',
  '=',
  '+=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '..',
  '.',
  '::',
  '-eq',
  '-like',
  '-and',
  '-not',
  '!',
  '-f',
  '-join',
  '++',
  '--',
  '#',
  '<#',
  '#>',
  '@"\n',
  '\n"@',
  "@'\n",
  "\n'@",
  '"',
  "'",
  '`',
  '$',
  '@',
  '&',
  '&&',
  '||',
  '?',
  ':',
  '??',
  '>',
  '>>',
  '2>&1',
  '2>',
  '<',
  '1',
  '0x1F',
  '30MB',
  '1.5',
  ' ',
  '\u201c',
  '\u2013',
  '\u00a0',
  '$env:X',
  '${a b}',
  '@x',
]; // prettier-ignore

const SCRIPT = `
[CmdletBinding()]
param([Parameter(Mandatory = $true)][string]$Name, [switch]$Force = $false)
# Makes sure that the connector is there
try {
  $connector = Get-OutboundConnector -Identity $Name -ErrorAction Stop | Select-Object -First 1
  if ($connector.SmartHosts -notcontains "192.168.0.1" -and -not $Force) {
    Set-OutboundConnector $Name -UseMxRecord $false -SmartHosts @{Add="192.168.0.1"; Remove='a','b'}
  } elseif ($Force) { Write-Host "forced $($connector.Name.ToUpper())" -ForegroundColor Green }
  foreach ($d in 1..3 | ForEach-Object { "d$_.example" }) { $list += ,$d }
  switch -Wildcard ($Name) { 'con*' { 1 } default { 2 } }
} catch [System.Exception] { throw "bad: $_" } finally { do { $i++ } until ($i -ge 3) }
function Get-It { begin { } process { $_ } end { @"
text $x
"@ } }
`;

describe('any text', () => {
  test('is parsed or refused at a place inside it', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), checkPlaces), { numRuns: 2000 });
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), checkPlaces), { numRuns: 1000 });
  });
  test('of the language’s own pieces is too', () => {
    const pieces = fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 40 });
    fc.assert(
      fc.property(pieces, fc.boolean(), (list, spaced) => checkPlaces(list.join(spaced ? ' ' : ''))),
      { numRuns: 4000 },
    );
  });
  test('that is a script with a piece changed is too', () => {
    const change = fc.record({
      at: fc.nat(SCRIPT.length),
      length: fc.nat(20),
      text: fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ maxLength: 5 })),
    });
    fc.assert(
      fc.property(change, ({ at, length, text }) =>
        checkPlaces(SCRIPT.slice(0, at) + text + SCRIPT.slice(at + length)),
      ),
      { numRuns: 2000 },
    );
  });
  test('that is a script cut off is refused as incomplete, or parsed', () => {
    checkPlaces(SCRIPT);
    for (let length = 0; length <= SCRIPT.length; length++) checkPlaces(SCRIPT.slice(0, length));
  });
});

describe('no text takes long', () => {
  const hostile: Readonly<Record<string, string>> = {
    parentheses: '('.repeat(50_000),
    'open sub-expressions': '$('.repeat(50_000),
    braces: '{'.repeat(50_000),
    'strings in strings': '"$('.repeat(5_000),
    'unary operators': '!'.repeat(50_000),
    casts: '[int]'.repeat(20_000),
    commas: ','.repeat(50_000),
    members: `$x${'.a'.repeat(50_000)}`,
    operators: `1${'+1'.repeat(50_000)}`,
    pipes: `a${'|a'.repeat(20_000)}`,
    'comment openings': '<#'.repeat(50_000),
    'back-ticks': '`'.repeat(50_000),
    'generic types': `[${'a['.repeat(20_000)}`,
    'else if': `if(1){}${'elseif(1){}'.repeat(10_000)}`,
    indices: `$x${'['.repeat(20_000)}`,
    'here-strings': `@"\n`.repeat(10_000),
  };
  for (const [name, text] of Object.entries(hostile)) {
    test(name, { timeout: 5_000 }, () => {
      const start = performance.now();
      checkPlaces(text);
      assert.ok(performance.now() - start < 3_000);
    });
  }
});

describe('input that goes on', () => {
  const rows: readonly [text: string, incomplete: boolean][] = [
    ['if ($x) {', true],
    ['Get-OutboundConnector |', true],
    ['"text', true],
    ["@'\ntext", true],
    ['Set-OutboundConnector a `', true],
    ['@{ a = 1', true],
    ['1 +', true],
    ['function f {', true],
    ['$x = ', true],
    ['1 2', false],
    [')', false],
    ['if ($x) }', false],
    ['<# comment', true],
  ];
  for (const [text, incomplete] of rows) {
    test(text, () => {
      assert.throws(
        () => parseScript(text),
        (error: unknown) => error instanceof ParseError && error.incomplete === incomplete,
      );
    });
  }
});

test('a line is counted from any kind of line end', () => {
  const text = 'a\r\nb\rc\n  d';
  assert.deepEqual(placeOf({ file: null, text }, text.length - 1), { line: 4, column: 3, text: '  d' });
  assert.deepEqual(placeOf({ file: null, text }, 3), { line: 2, column: 1, text: 'b' });
});
