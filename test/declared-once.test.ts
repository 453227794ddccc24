// A parameter is declared once; binder, completion, help, reference, OpenAPI and roles read that declaration. Here it is
// proved that none has drifted, for every cmdlet there is.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openApiDocument } from '#api/openapi.ts';
import { cmdlets, views } from '#cmdlets/catalog.ts';
import { ABOUT } from '#cmdlets/help/about-postern.ts';
import { renderHelp, renderParameterHelp } from '#cmdlets/help/render-help.ts';
import { referenceFiles } from '#cmdlets/help/reference.ts';
import { shownParameters, syntaxParts } from '#cmdlets/help/cmdlet-syntax.ts';
import { builtInEntries } from '#cmdlets/permissions/built-in-roles.ts';
import { createRegistry } from '#cmdlets/registry.ts';
import { unrestrictedSession } from '#cmdlets/session.ts';
import { bind, bindableParameters, matchParameter } from '#parameters/bind.ts';
import { commonParameterMetadata } from '#parameters/common-parameters.ts';

const registry = createRegistry(cmdlets, views);
const everything = unrestrictedSession('test');
const pages = referenceFiles(registry.everything);
const openApi = openApiDocument(cmdlets, everything, { version: '0', organization: 'contoso.com' });
const schemas = member(member(openApi, 'components'), 'schemas');

function member(object: unknown, name: string): unknown {
  assert.ok(typeof object === 'object' && object !== null && Object.hasOwn(object, name), name);
  return Object.entries(object).find(([key]) => key === name)?.[1];
}

test('what is told of cmdlets beside their own pages names only those there are', () => {
  const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
  const names = new Set(cmdlets.map(({ name }) => name));
  const told = [...`${ABOUT}\n${readme}`.matchAll(/\b(?:Get|New|Set|Remove|Test|Validate)-[A-Z]\w+/g)];
  assert.deepEqual(
    [...new Set(told.map(([name]) => name))].filter((name) => !names.has(name)),
    [],
  );
});

for (const { name, metadata, parameters } of cmdlets) {
  describe(name, () => {
    const shown = shownParameters(metadata);

    test('is well declared', () => {
      assert.match(name, /^[A-Z][a-z]+-[A-Z]\w+$/);
      assert.ok(metadata.synopsis.endsWith('.') && metadata.description !== '', 'synopsis and description');
      assert.ok(metadata.examples.length > 0, 'an example');
      const words = [...shown, ...commonParameterMetadata].flatMap((one) => [one.name, ...one.aliases]);
      const keys = words.map((word) => word.toLowerCase());
      assert.equal(new Set(keys).size, keys.length, `a name or alias is taken twice: ${words.join(' ')}`);
      const positions = metadata.parameters.flatMap(({ position }) => position ?? []).sort((a, b) => a - b);
      assert.deepEqual(positions, [...positions.keys()], 'positions are 0, 1, …');
      for (const parameter of metadata.parameters)
        assert.ok(parameter.description.endsWith('.'), parameter.name);
    });

    test('has every parameter in metadata, binder, help, reference and OpenAPI', () => {
      assert.deepEqual(
        metadata.parameters.map((parameter) => parameter.name),
        Object.keys(parameters),
      );
      const bindable = bindableParameters(metadata);
      const help = renderHelp(metadata, 'Full');
      const page = pages.get(`${name}.md`) ?? '';
      const input = member(member(member(schemas, name), 'properties'), 'CmdletInput');
      const properties = member(member(member(input, 'properties'), 'Parameters'), 'properties');
      assert.ok(typeof properties === 'object' && properties !== null);
      const inOpenApi = Object.keys(properties);
      assert.deepEqual(inOpenApi, [
        ...metadata.parameters.map((parameter) => parameter.name),
        ...shown.slice(metadata.parameters.length).map((parameter) => parameter.name),
        ...commonParameterMetadata.map((parameter) => parameter.name),
      ]);
      for (const parameter of shown) {
        for (const word of [parameter.name, ...parameter.aliases]) {
          assert.equal(matchParameter(bindable, word), parameter, word);
        }
        assert.ok(help.includes(`    -${parameter.name} `), `help: ${parameter.name}`);
        assert.ok(
          renderParameterHelp(metadata, (one) => one === parameter.name),
          parameter.name,
        );
        assert.ok(page.includes(`\n### -${parameter.name}\n`), `reference: ${parameter.name}`);
        assert.ok(
          syntaxParts(metadata).some((part) => part.includes(`-${parameter.name}`)),
          `syntax: ${parameter.name}`,
        );
      }
    });

    test('is in the role that holds everything, with everything', () => {
      const entry = builtInEntries('Organization Configuration', registry.everything)?.find(
        ({ cmdlet }) => cmdlet === name,
      );
      assert.deepEqual(entry?.parameters, Object.keys(parameters));
    });

    test('has examples that its own parameters can be bound from', () => {
      for (const { command } of metadata.examples) {
        for (const call of callsOf(name, command)) {
          for (const word of call) {
            const match = matchParameter(bindableParameters(metadata), word);
            assert.ok(match !== null && !Array.isArray(match), `${command}: -${word}`);
          }
        }
      }
      assert.ok(bind(bindableParameters({ ...metadata, parameters: [] }), []).ok);
    });
  });
}

/** The parameter names in each call of the cmdlet in a line, up to the end of its command. */
function callsOf(name: string, command: string): readonly (readonly string[])[] {
  const plain = command.replace(/'(?:[^']|'')*'|"[^"]*"/g, 'x').replace(/\{[^{}]*\}/g, 'x');
  return plain
    .split(/[|;\n()]/)
    .filter((part) => part.toLowerCase().includes(name.toLowerCase()))
    .map((part) => [
      ...part
        .slice(part.toLowerCase().indexOf(name.toLowerCase()) + name.length)
        .matchAll(/\s-([A-Za-z]\w*)/g),
    ])
    .map((found) => found.map((match) => match[1] ?? ''));
}

test('docs/cmdlets is what the declarations say (run: node scripts/docs.mjs)', () => {
  const folder = join(import.meta.dirname, '..', 'docs', 'cmdlets');
  assert.deepEqual(readdirSync(folder).sort(), [...pages.keys()].sort());
  for (const [name, text] of pages) assert.equal(readFileSync(join(folder, name), 'utf8'), text, name);
});

test('every view is of a type that some cmdlet returns', () => {
  for (const { typeName, table } of views) {
    assert.ok(table.length > 0 && new Set(table).size === table.length, typeName);
  }
  assert.equal(new Set(views.map(({ typeName }) => typeName)).size, views.length);
});
