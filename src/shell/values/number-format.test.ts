import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatNumber } from './number-format.ts';
import { numberText } from './text.ts';

describe('.NET number formats', () => {
  const rows: readonly [number: number, format: string, text: string][] = [
    [1234.567, 'N2', '1,234.57'],
    [1234.567, 'N', '1,234.57'],
    [-1234.5, 'N1', '-1,234.5'],
    [0.5, 'N0', '1'],
    [2.345, 'F2', '2.35'],
    [-0.001, 'F2', '0.00'],
    [5, 'D3', '005'],
    [-5, 'D3', '-005'],
    [255, 'x', 'ff'],
    [255, 'X4', '00FF'],
    [-1, 'X', 'FFFFFFFF'],
    [0.256, 'P0', '26%'],
    [1234.5, 'C', '$1,234.50'],
    [12345, 'E2', '1.23E+004'],
    [1.5, 'G', '1.5'],
    [7, '000', '007'],
    [1234567, '#,##0', '1,234,567'],
    [0, '#', ''],
    [8.14159, '0.##', '8.14'],
    [3, '0.##', '3'],
    [0.5, '0%', '50%'],
    [12, "0 'items'", '12 items'],
    [-3, '0;(0)', '(3)'],
  ];
  for (const [number, format, text] of rows)
    test(`${number} as ${format}`, () => assert.equal(formatNumber(number, format), text));
});

describe('numbers as text', () => {
  const rows: readonly [number, string][] = [
    [1, '1'],
    [1.5, '1.5'],
    [1e14, '100000000000000'],
    [2 ** 53, '9007199254740992'],
    [1e19, '1E+19'],
    [1.5e-7, '1.5E-07'],
    [0.0001, '0.0001'],
    [Number.NaN, 'NaN'],
  ];
  for (const [number, text] of rows) test(text, () => assert.equal(numberText(number), text));
});
