import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { bind, bindableParameters, bindPipelineInput, matchParameter } from './bind.ts';
import type { Argument, BindableParameters, Binding } from './bind.ts';
import { commonParameterMetadata, shouldProcessMetadata } from './common-parameters.ts';
import { identity } from './identity.ts';
import { parameter, parameterMetadata } from './parameter-declaration.ts';
import type { ParameterSet } from './parameter-declaration.ts';
import { booleanType, enumeration, int32Type, objectType, switchType, textType } from './scalar-types.ts';
import { multiValued } from './multi-valued-property.ts';
import { PsObject } from './value.ts';
import type { Value } from './value.ts';

const connector: ParameterSet = {
  Identity: parameter(identity('OutboundConnector'), {
    help: '',
    position: 0,
    mandatory: true,
    pipeline: { byValue: true, byPropertyName: true },
  }),
  Comment: parameter(textType, { help: '', position: 1 }),
  ConnectorType: parameter(enumeration('TenantConnectorType', ['OnPremises', 'Partner']), { help: '' }),
  ConnectorSource: parameter(enumeration('TenantConnectorSource', ['Default', 'AdminUI']), { help: '' }),
  Enabled: parameter(booleanType, { help: '' }),
  SmartHosts: parameter(multiValued(textType), { help: '', aliases: ['Hosts'] }),
  Value: parameter(textType, { help: '' }),
  Force: parameter(switchType, { help: '' }),
};

function bindable(set: ParameterSet, supportsShouldProcess = true): BindableParameters {
  const parameters = Object.entries(set).map(([name, declaration]) => parameterMetadata(name, declaration));
  return bindableParameters({ parameters, supportsShouldProcess });
}

const parameters = bindable(connector);

/** `-Name:value` */
class Colon {
  readonly name: string;
  readonly value: Value;
  constructor(name: string, value: Value) {
    this.name = name;
    this.value = value;
  }
}

/** A text that begins with a dash is a name, anything else a value. */
function args(...words: (Value | Colon)[]): Argument[] {
  return words.map((word) => {
    if (word instanceof Colon)
      return { kind: 'name', name: word.name, text: `-${word.name}:`, value: word.value };
    if (typeof word === 'string' && /^-[a-z]/i.test(word))
      return { kind: 'name', name: word.slice(1), text: word };
    return { kind: 'value', value: word };
  });
}

function values(binding: Binding): Record<string, Value> {
  assert.ok(binding.ok, binding.ok ? '' : binding.error.message);
  return Object.fromEntries(binding.bound);
}

describe('binding by name, prefix, alias and position', () => {
  const rows: [string, Argument[], Record<string, Value>][] = [
    ['position', args('Contoso'), { Identity: 'Contoso' }],
    ['two positions', args('Contoso', 'note'), { Identity: 'Contoso', Comment: 'note' }],
    ['case', args('-IDENTITY', 'Contoso', '-enabled', false), { Identity: 'Contoso', Enabled: false }],
    ['named first, then position', args('note', '-Identity', 'A'), { Identity: 'A', Comment: 'note' }],
    ['prefix', args('A', '-Smart', ['x', 'y']), { Identity: 'A', SmartHosts: ['x', 'y'] }],
    ['alias', args('A', '-hosts', 'x'), { Identity: 'A', SmartHosts: 'x' }],
    ['prefix of an alias', args('A', '-ho', 'x'), { Identity: 'A', SmartHosts: 'x' }],
    ['own parameter before a common one', args('A', '-V', 'x'), { Identity: 'A', Value: 'x' }],
    ['switch', args('A', '-Force'), { Identity: 'A', Force: true }],
    ['switch with value', args('A', new Colon('Force', false)), { Identity: 'A', Force: false }],
    ['switch takes no next value', args('-WhatIf', 'A'), { WhatIf: true, Identity: 'A' }],
    ['colon value', args('A', new Colon('Enabled', 'false')), { Identity: 'A', Enabled: 'false' }],
    ['common alias', args('A', '-ea', 'Stop', '-wi'), { Identity: 'A', ErrorAction: 'Stop', WhatIf: true }],
    ['confirm off', args('A', new Colon('Confirm', false)), { Identity: 'A', Confirm: false }],
    ['null is a value', args('A', '-SmartHosts', null), { Identity: 'A', SmartHosts: null }],
    [
      'a dashed word that names nothing is a value',
      args('A', '-Comment', '-foo'),
      { Identity: 'A', Comment: '-foo' },
    ],
  ];
  for (const [name, given, expected] of rows) {
    test(name, () => assert.deepEqual(values(bind(parameters, given)), expected));
  }
});

describe('binding errors', () => {
  const rows: [string, Argument[], string, string, number | null][] = [
    [
      'unknown name',
      args('A', '-Colour', 'red'),
      'NamedParameterNotFound',
      "A parameter cannot be found that matches parameter name 'Colour'.",
      1,
    ],
    [
      'one value too many',
      args('A', 'B', 'C'),
      'PositionalParameterNotFound',
      "A positional parameter cannot be found that accepts argument 'C'.",
      2,
    ],
    [
      'no value',
      args('A', '-Comment'),
      'MissingArgument',
      "Missing an argument for parameter 'Comment'. Specify a parameter of type 'String' and try again.",
      1,
    ],
    [
      'no value before a known name',
      args('A', '-Comment', '-Force'),
      'MissingArgument',
      "Missing an argument for parameter 'Comment'. Specify a parameter of type 'String' and try again.",
      1,
    ],
    [
      'a Boolean without value shows what to type in a POSIX shell',
      args('A', '-Enabled'),
      'MissingArgument',
      "Missing an argument for parameter 'Enabled'. Specify a parameter of type 'Boolean' and try again. In a POSIX shell write -Enabled false, or quote the value: -Enabled '$false'.",
      1,
    ],
    [
      'twice',
      args('A', '-Identity', 'B', '-Id', 'C'),
      'ParameterAlreadyBound',
      'Cannot bind parameter because parameter \'Identity\' is specified more than once. To provide multiple values to parameters that can accept multiple values, use the array syntax. For example, "-parameter value1,value2,value3".',
      3,
    ],
    [
      'ambiguous prefix',
      args('A', '-Connector', 'x'),
      'AmbiguousParameter',
      "Parameter cannot be processed because the parameter name 'Connector' is ambiguous. Possible matches include: -ConnectorType -ConnectorSource.",
      1,
    ],
    [
      'mandatory',
      args('-Force'),
      'MissingMandatoryParameter',
      'Cannot process command because of one or more missing mandatory parameters: Identity.',
      null,
    ],
  ];
  for (const [name, given, errorId, message, argument] of rows) {
    test(name, () => {
      const binding = bind(parameters, given);
      assert.ok(!binding.ok);
      assert.equal(binding.error.errorId, errorId);
      assert.equal(binding.error.message, message);
      assert.equal(binding.error.argument, argument);
    });
  }

  test('WhatIf belongs only to cmdlets that change something', () => {
    const binding = bind(bindable(connector, false), args('A', '-WhatIf'));
    assert.equal(binding.ok ? '' : binding.error.errorId, 'NamedParameterNotFound');
  });
});

test('what is splatted gives way to what is named, in either order', () => {
  const splatted: Argument = {
    kind: 'name',
    name: 'Comment',
    text: '-Comment',
    value: 'old',
    splatted: true,
  };
  const named = args('-Comment', 'new');
  assert.equal(values(bind(parameters, [...args('A'), splatted, ...named]))['Comment'], 'new');
  assert.equal(values(bind(parameters, [...args('A'), ...named, splatted]))['Comment'], 'new');
  const twice = bind(parameters, [...args('A'), splatted, splatted]);
  assert.equal(twice.ok ? '' : twice.error.errorId, 'ParameterAlreadyBound');
});

test('a remaining parameter takes what nothing else takes, dashed words too', () => {
  const host = bindableParameters({
    parameters: [
      { ...parameterMetadata('Object', parameter(objectType, { help: '', position: 0 })), remaining: true },
    ],
    supportsShouldProcess: false,
  });
  assert.deepEqual(values(bind(host, args('a', '-nope', 1))), { Object: ['a', '-nope', 1] });
  assert.deepEqual(values(bind(host, args('a'))), { Object: 'a' });
});

describe('pipeline input', () => {
  const bound = new Map<string, Value>([['Enabled', false]]);

  test('a text is the identity', () => {
    assert.deepEqual(values(bindPipelineInput(parameters, bound, 'A')), { Enabled: false, Identity: 'A' });
  });
  test('an object names itself by its GUID', () => {
    const object = new PsObject('OutboundConnector', [
      ['Identity', 'A'],
      ['Guid', '6f0e2f6c-0000-4000-8000-000000000001'],
    ]);
    assert.equal(
      values(bindPipelineInput(parameters, bound, object))['Identity'],
      '6f0e2f6c-0000-4000-8000-000000000001',
    );
  });
  test('a property goes by name or alias', () => {
    const rows = bindable({
      Name: parameter(textType, { help: '', mandatory: true, pipeline: { byPropertyName: true } }),
      Count: parameter(int32Type, { help: '', aliases: ['Number'], pipeline: { byPropertyName: true } }),
    });
    const row = new PsObject('PSCustomObject', [
      ['name', 'A'],
      ['number', '3'],
    ]);
    assert.deepEqual(values(bindPipelineInput(rows, new Map(), row)), { Name: 'A', Count: '3' });
    const without = bindPipelineInput(rows, new Map(), new PsObject('PSCustomObject', [['Number', 1]]));
    assert.equal(without.ok ? '' : without.error.errorId, 'InputObjectMissingMandatory');
  });
  test('what was given on the line is not overwritten, and nothing left to bind is an error', () => {
    const binding = bindPipelineInput(parameters, new Map([['Identity', 'A']]), 'B');
    assert.equal(binding.ok ? '' : binding.error.errorId, 'InputObjectNotBound');
  });
  test('a mandatory parameter may wait for the pipeline', () => {
    assert.ok(bind(parameters, args('-Force'), { pipelineInput: true }).ok);
  });
});

describe('properties of binding', () => {
  const all = [...parameters.declared, ...parameters.common];

  test('a prefix means a parameter only if it can mean no other', () => {
    const anyPrefix = fc
      .constantFrom(...all)
      .chain(({ name }) => fc.integer({ min: 1, max: name.length }).map((length) => name.slice(0, length)));
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        const match = matchParameter(parameters, prefix);
        assert.notEqual(match, null);
        const key = prefix.toLowerCase();
        const fits = (p: (typeof all)[number]): boolean =>
          [p.name, ...p.aliases].some((name) => name.toLowerCase().startsWith(key));
        const own = parameters.declared.filter(fits);
        if (match === null || !('name' in match)) assert.ok(own.length !== 1);
        else assert.ok(fits(match));
      }),
    );
  });

  test('the order of named arguments does not matter', () => {
    const names = fc.shuffledSubarray(all.map(({ name }) => name).filter((name) => name !== 'Identity'));
    fc.assert(
      fc.property(names, (chosen) => {
        const given = chosen.flatMap((name) => args(new Colon(name, name)));
        const forward = values(bind(parameters, [...args('A'), ...given]));
        const backward = values(bind(parameters, [...given.toReversed(), ...args('A')]));
        assert.deepEqual(forward, backward);
        assert.equal(Object.keys(forward).length, chosen.length + 1);
      }),
    );
  });

  test('binding never throws, and an error points at an argument that exists', () => {
    const word = fc.oneof(
      fc.constantFrom('-WhatIf', '-Enabled', '-C', '-x', '-Identity', '-SmartHosts', 'a', '-Value'),
      fc.integer(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        const given = args(...words);
        const binding = bind(parameters, given);
        if (binding.ok) return;
        const { argument } = binding.error;
        assert.ok(argument === null || (argument >= 0 && argument < given.length));
      }),
    );
  });
});

test('the common parameters are the seed’s, with PowerShell’s aliases', () => {
  const shown = [...commonParameterMetadata, ...shouldProcessMetadata].map(
    (p) => `${p.name}/${p.aliases.join()}`,
  );
  assert.deepEqual(shown, [
    'Debug/db',
    'ErrorAction/ea',
    'ErrorVariable/ev',
    'InformationAction/infa',
    'InformationVariable/iv',
    'OutVariable/ov',
    'OutBuffer/ob',
    'PipelineVariable/pv',
    'Verbose/vb',
    'WarningAction/wa',
    'WarningVariable/wv',
    'WhatIf/wi',
    'Confirm/cf',
  ]);
});
