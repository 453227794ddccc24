// The header firewall, byte for byte: conversion, promotion, stripping, duplicates, folding, odd case, 8-bit; the body's
// hash stays, and a signature over fields that were not touched still verifies.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { headerEnd, readHeaderFacts } from '#mail/header-block.ts';
import { CROSS_PREMISES_NAMES } from '#directory/transport-config.ts';
import {
  convertibleNames,
  convertInbound,
  convertOutbound,
  needsOutboundFirewall,
} from './cross-premises-headers.ts';

const convertible = convertibleNames(CROSS_PREMISES_NAMES);
const preserve = (content: Uint8Array): Uint8Array =>
  convertOutbound(content, 'Preserve', 'gw.test', convertible);
const remove = (content: Uint8Array): Uint8Array =>
  convertOutbound(content, 'Remove', 'gw.test', convertible);
const trusted = (content: Uint8Array): Uint8Array => convertInbound(content, true, 'gw.test');
const untrusted = (content: Uint8Array): Uint8Array => convertInbound(content, false, 'gw.test');

const BODY = Buffer.from('\r\nX-MS-Exchange-Organization-SCL: -1\r\n\xff\x00 body\r\n', 'latin1');

/** Applies to header lines with a body behind them; gives the new lines, having checked that the body is the same. */
function lines(convert: (content: Uint8Array) => Uint8Array, ...header: string[]): readonly string[] {
  const content = Buffer.concat([Buffer.from(header.map((line) => `${line}\r\n`).join(''), 'latin1'), BODY]);
  const copy = Buffer.from(content);
  const converted = Buffer.from(convert(content));
  assert.deepEqual(content, copy, 'what came in stays as it was');
  const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  assert.equal(hash(converted.subarray(headerEnd(converted))), hash(BODY));
  // The header block alone gives the same.
  const alone = Buffer.from(convert(content.subarray(0, headerEnd(content))));
  assert.deepEqual(alone, converted.subarray(0, headerEnd(converted)));
  return converted.subarray(0, headerEnd(converted)).toString('latin1').split('\r\n').slice(0, -1);
}

test('out, preserved: convertible fields change their name, the rest of the families goes', () => {
  assert.deepEqual(
    lines(
      preserve,
      'Received: from a by b',
      'X-MS-Exchange-Organization-AuthAs: Internal',
      'From: a@b.test',
      'X-MS-Exchange-Organization-SCL: -1',
      'X-MS-Exchange-Organization-Secret: x',
      'X-MS-Exchange-Forest-Thing: y',
      'Subject: hi',
    ),
    [
      'X-OrganizationHeadersPreserved: gw.test',
      'Received: from a by b',
      'X-MS-Exchange-CrossPremises-AuthAs: Internal',
      'From: a@b.test',
      'X-MS-Exchange-CrossPremises-SCL: -1',
      'Subject: hi',
    ],
  );
});

test('out, preserved: duplicates, folding, odd case, blanks before the colon and 8-bit stay as they are', () => {
  assert.deepEqual(
    lines(
      preserve,
      'x-ms-EXCHANGE-organization-authMECHANISM :  04',
      'X-MS-Exchange-Organization-Antispam-ScanContext:DIR:Out\xe9',
      '\tfolded;',
      '   twice',
      'X-MS-Exchange-Organization-BCC:',
      'X-MS-Exchange-Organization-BCC: again',
    ),
    [
      'X-OrganizationHeadersPreserved: gw.test',
      'X-MS-Exchange-CrossPremises-authMECHANISM :  04',
      'X-MS-Exchange-CrossPremises-Antispam-ScanContext:DIR:Out\xe9',
      '\tfolded;',
      '   twice',
      'X-MS-Exchange-CrossPremises-BCC:',
      'X-MS-Exchange-CrossPremises-BCC: again',
    ],
  );
});

test('out, preserved: every name of the default list crosses, and the list is a setting', () => {
  for (const name of CROSS_PREMISES_NAMES) {
    assert.deepEqual(lines(preserve, `X-MS-Exchange-Organization-${name.toUpperCase()}: v`), [
      'X-OrganizationHeadersPreserved: gw.test',
      `X-MS-Exchange-CrossPremises-${name.toUpperCase()}: v`,
    ]);
  }
  const own = (content: Uint8Array): Uint8Array =>
    convertOutbound(content, 'Preserve', 'gw.test', convertibleNames(['Own']));
  assert.deepEqual(lines(own, 'X-MS-Exchange-Organization-OWN: 1', 'X-MS-Exchange-Organization-SCL: 1'), [
    'X-OrganizationHeadersPreserved: gw.test',
    'X-MS-Exchange-CrossPremises-OWN: 1',
  ]);
});

test('out, removed: all three families go, and it is said if the cross-premises ones were there', () => {
  assert.deepEqual(
    lines(
      remove,
      'X-MS-Exchange-CrossPremises-SCL: -1',
      'To: x',
      'x-ms-exchange-crosspremises-anything: a',
      ' folded',
      'X-MS-Exchange-Organization-SCL: -1',
      'X-MS-Exchange-Forest-X: 1',
    ),
    ['X-CrossPremisesHeadersFilteredBySendConnector: gw.test', 'To: x'],
  );
  assert.deepEqual(lines(remove, 'X-MS-Exchange-Organization-SCL: -1', 'To: x'), ['To: x']);
});

test('in, trusted: cross-premises fields become the organization’s and replace those of the same name', () => {
  assert.deepEqual(
    lines(
      trusted,
      'X-MS-Exchange-Organization-scl: 9',
      'X-MS-Exchange-CrossPremises-SCL: -1',
      'Subject: x',
      'X-MS-Exchange-Organization-Other: kept',
      'X-MS-Exchange-Organization-SCL: 8',
      ' folded',
      'x-ms-exchange-crosspremises-AuthAs: Internal',
      '\tfolded',
      'X-MS-Exchange-CrossPremises-AuthAs: again',
    ),
    [
      'X-CrossPremisesHeadersPromoted: gw.test',
      'X-MS-Exchange-Organization-SCL: -1',
      'Subject: x',
      'X-MS-Exchange-Organization-Other: kept',
      'X-MS-Exchange-Organization-AuthAs: Internal',
      '\tfolded',
      'X-MS-Exchange-Organization-AuthAs: again',
    ],
  );
});

test('in, from anyone else: all three families go', () => {
  assert.deepEqual(
    lines(
      untrusted,
      'X-MS-Exchange-Organization-AuthAs: Internal',
      'x-ms-exchange-FOREST-a: 1',
      'X-MS-Exchange-CrossPremises-SCL : -1',
      'From: a@b.test',
    ),
    ['X-CrossPremisesHeadersFiltered: gw.test', 'From: a@b.test'],
  );
});

test('names that only look alike stay', () => {
  const alike = [
    'X-MS-Exchange-Organisation-SCL: 1',
    'X-MS-Exchange-SenderADCheck: 1',
    'X-MS-Exchange-Organization: 1',
    'XX-MS-Exchange-Organization-SCL: 1',
    'Subject: X-MS-Exchange-Organization-SCL: 1',
    ' X-MS-Exchange-Organization-SCL: folded into the subject',
  ];
  assert.deepEqual(lines(remove, ...alike), alike);
  assert.deepEqual(lines(untrusted, ...alike), alike);
});

test('nothing to do gives the same array back', () => {
  const content = Buffer.from('From: a@b.test\r\nSubject: x\r\n\r\nbody\r\n');
  assert.equal(remove(content), content);
  assert.equal(untrusted(content), content);
  assert.equal(needsOutboundFirewall(readHeaderFacts(content), 'Remove'), false);
  assert.equal(needsOutboundFirewall(readHeaderFacts(content), 'Preserve'), true);
  const exchange = Buffer.from('x-ms-exchange-forest-a: 1\r\n\r\n');
  assert.equal(needsOutboundFirewall(readHeaderFacts(exchange), 'Remove'), true);
});

test('out one side and in at the other: trust crosses, and nothing else does', () => {
  const content = Buffer.from('X-MS-Exchange-Organization-AuthAs: Internal\r\nFrom: a@b.test\r\n\r\nbody');
  const arrived = Buffer.from(trusted(preserve(content))).toString();
  assert.match(arrived, /^X-MS-Exchange-Organization-AuthAs: Internal\r$/m);
  const forged = Buffer.from(untrusted(preserve(content))).toString();
  assert.doesNotMatch(forged, /AuthAs/);
});

test('whatever the header, every other line stays byte for byte and in order', () => {
  const name = fc.constantFrom(
    'From',
    'X-MS-Exchange-Organization-SCL',
    'x-ms-exchange-crosspremises-SCL',
    'X-MS-Exchange-Forest-A',
    'DKIM-Signature',
    'X-MS-Exchange-Organization-Other',
    'no colon',
  );
  const value = fc.constantFrom(': a', ':\r\n\tfolded \xe9', ' : b', ':', '');
  const header = fc.array(fc.tuple(name, value), { maxLength: 10 });
  const isExchanges = /^x-ms-exchange-(?:organization|crosspremises|forest)-[^\s:]*[ \t]*:/i;
  fc.assert(
    fc.property(header, (given) => {
      const fields = given.map(([first, rest]) => `${first}${rest}\r\n`);
      const content = Buffer.from(`${fields.join('')}\r\nbody`, 'latin1');
      const others = fields.filter((one) => !isExchanges.test(one)).join('');
      for (const convert of [remove, untrusted]) {
        const converted = Buffer.from(convert(content)).toString('latin1');
        assert.equal(converted.replace(/^X-CrossPremisesHeaders.*\r\n/, ''), `${others}\r\nbody`);
      }
    }),
  );
});
