import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNetworkRules } from './network-rules.ts';

const PUBLIC = [
  '8.8.8.8',
  '1.1.1.1',
  '172.15.255.255',
  '172.32.0.1',
  '192.167.0.1',
  '100.63.0.1',
  '2606:4700::1111',
  '2a00:1450::1',
];
const OWN = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  'fc00::1',
  'fd12::1',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  '2001:db8::1',
  '2002:7f00:1::1',
  '2001:0:1::1',
];

test('only public addresses are fetched from', () => {
  const rules = createNetworkRules();
  for (const address of PUBLIC) assert.equal(rules.allows(address), true, address);
  for (const address of OWN) assert.equal(rules.allows(address), false, address);
  for (const text of ['', 'localhost', '127.1', '0x7f000001', '[::1]'])
    assert.equal(rules.allows(text), false, text);
});

test('the operator may allow more', () => {
  const rules = createNetworkRules(['10.0.0.0/8', '127.0.0.1', 'fd00::/8', '::1']);
  for (const address of ['10.1.2.3', '127.0.0.1', 'fd12::1', '::1', '8.8.8.8'])
    assert.equal(rules.allows(address), true);
  for (const address of ['127.0.0.2', '192.168.1.1', 'fe80::1']) assert.equal(rules.allows(address), false);
});

test('what is no network is refused by name', () => {
  for (const bad of ['10.0.0.0/33', '10.0.0.0/x', 'intranet', '::1/129', '10.0.0.0/-1', '10.0.0.0/']) {
    assert.throws(() => createNetworkRules([bad]), new RegExp(bad.replace(/[/.]/g, '\\$&')), bad);
  }
});
