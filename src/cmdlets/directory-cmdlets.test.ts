import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directoryCmdlets, directoryViews } from './directory-cmdlets.ts';

test('every cmdlet and parameter says what it is for, and every change can be tried with WhatIf', () => {
  for (const { name, metadata } of directoryCmdlets) {
    assert.ok(metadata.synopsis.endsWith('.') && metadata.description.length > 25, name);
    assert.ok(metadata.examples.length > 0, name);
    for (const example of metadata.examples) {
      const noun = name.slice(name.indexOf('-'));
      assert.ok(example.command.includes(noun), `${name}: ${example.command}`);
    }
    for (const parameter of metadata.parameters) {
      assert.ok(parameter.description.length > 15, `${name} -${parameter.name}`);
    }
    const reads = /^(?:Get|Search|Export)-/.test(name);
    assert.equal(metadata.supportsShouldProcess, !reads, name);
    if (name.startsWith('Remove-')) assert.equal(metadata.confirmImpact, 'High', name);
  }
});

test('what identifies an object comes from the pipeline, by value and by property name', () => {
  for (const { name, metadata } of directoryCmdlets) {
    const identity = metadata.parameters.find((parameter) => parameter.name === 'Identity');
    if (!identity) continue;
    assert.deepEqual(identity.pipeline, { byValue: true, byPropertyName: true }, name);
    assert.equal(identity.position, 0, name);
  }
});

test('tables show properties that exist', () => {
  const types = new Set(directoryCmdlets.map(({ metadata }) => metadata.outputType));
  const parts = new Set(['AdminAuditLogCmdletParameter', 'AdminAuditLogModifiedProperty']);
  for (const { typeName } of directoryViews) assert.ok(types.has(typeName) || parts.has(typeName), typeName);
});
