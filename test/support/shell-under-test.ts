// A shell on its own, for tests: a few connectors in memory in place of the daemon, a fixed clock, and everything that is
// written kept apart by stream. Cmdlets: Get-, Set-, Remove-OutboundConnector and Get-Message (without end).
import { posix } from 'node:path';
import { mistakes } from '#cmdlets/cmdlet-error.ts';
import type { CmdletHost, Invocation } from '#cmdlets/invocation.ts';
import type { CmdletMetadata, ParameterMetadata } from '#parameters/metadata.ts';
import { PsObject, type Value } from '#parameters/value.ts';
import { createBuiltinTable } from '#shell/commands/builtin-table.ts';
import type { CommandSource, FileAccess, ShellHost, ShellLimits } from '#shell/runtime/shell-host.ts';
import { LOCAL_LIMITS } from '#shell/runtime/shell-host.ts';
import { createShell, type Shell } from '#shell/shell.ts';
import { toText } from '#shell/values/text.ts';
import { createRegexEngine, type RegexEngine } from '#shell/values/regex.ts';

export interface TestShell {
  readonly shell: Shell;
  readonly source: FakeSource;
  /** Runs a script; what was written meanwhile. */
  run(
    script: string,
    file?: string | null,
    args?: readonly Value[],
  ): Promise<{ readonly out: string; readonly err: string; readonly exitCode: number }>;
}

export interface TestShellOptions {
  readonly limits?: ShellLimits;
  readonly answers?: readonly string[];
  readonly interactive?: boolean;
  readonly files?: Map<string, string> | null;
  readonly regex?: RegexEngine;
  readonly width?: number;
  readonly now?: () => number;
}

export const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);

export function createTestShell(options: TestShellOptions = {}): TestShell {
  let out = '';
  let err = '';
  const answers = [...(options.answers ?? [])];
  const source = createFakeSource();
  const host: ShellHost = {
    write: (text) => void (out += text),
    say: (text) => void (out += text),
    writeError: (text) => void (err += text),
    ...(options.answers
      ? {
          readLine: async (prompt: string) => {
            out += prompt;
            const answer = answers.shift();
            out += answer === undefined ? '' : '\n';
            return answer ?? null;
          },
        }
      : {}),
    interactive: options.interactive ?? false,
    width: options.width ?? 80,
    colour: false,
    errorColour: false,
    files: options.files === null ? null : memoryFiles(options.files ?? new Map()),
    resolveName: async (name, type) =>
      type === 'MX' && name === 'contoso.com'
        ? [{ Name: name, Type: 'MX', NameExchange: 'mx.contoso.com', Preference: 10 }]
        : [],
  };
  let guids = 0;
  const shell = createShell({
    host,
    source,
    builtins: createBuiltinTable(),
    surroundings: {
      now: options.now ?? (() => NOW),
      random: () => 0.5,
      newGuid: () => `00000000-0000-4000-8000-${String(++guids).padStart(12, '0')}`,
      regex: options.regex ?? createRegexEngine(),
      environment: new Map([['HOME', '/home/admin']]),
    },
    limits: options.limits ?? LOCAL_LIMITS,
    signal: new AbortController().signal,
    version: '1.0.0',
  });
  return {
    shell,
    source,
    async run(script, file = null, args = []) {
      out = '';
      err = '';
      const { exitCode } = await shell.run(script, { file, args });
      return { out, err, exitCode };
    },
  };
}

function memoryFiles(files: Map<string, string>): FileAccess {
  return {
    readText: async (path) => files.get(path) ?? '',
    writeText: async (path, text, append) =>
      void files.set(path, append ? (files.get(path) ?? '') + text : text),
    exists: async (path) => (files.has(path) ? 'file' : null),
    resolve: (path) => posix.resolve('/scripts', path),
  };
}

export interface FakeSource extends CommandSource {
  readonly invocations: Invocation[];
  /** Messages that Get-Message has given so far. */
  readonly produced: () => number;
}

function parameter(name: string, type: string, more: Partial<ParameterMetadata> = {}): ParameterMetadata {
  return {
    name,
    aliases: [],
    type,
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
  };
}

const identity = (mandatory: boolean): ParameterMetadata =>
  parameter('Identity', 'OutboundConnectorIdParameter', {
    position: 0,
    mandatory,
    pipeline: { byValue: true, byPropertyName: true },
    completes: 'OutboundConnector',
  });

function cmdlet(
  name: string,
  parameters: readonly ParameterMetadata[],
  more: Partial<CmdletMetadata> = {},
): CmdletMetadata {
  return {
    name,
    synopsis: `${name} for tests.`,
    description: '',
    parameters,
    supportsShouldProcess: false,
    confirmImpact: 'None',
    outputType: null,
    examples: [],
    ...more,
  };
}

const CMDLETS: readonly CmdletMetadata[] = [
  cmdlet('Get-OutboundConnector', [identity(false), parameter('ResultSize', 'Unlimited')]),
  cmdlet(
    'Set-OutboundConnector',
    [
      identity(true),
      parameter('Name', 'String'),
      parameter('Comment', 'String'),
      parameter('Enabled', 'Boolean'),
      parameter('UseMXRecord', 'Boolean'),
      parameter('SmartHosts', 'MultiValuedProperty', { isList: true }),
      parameter('RecipientDomains', 'MultiValuedProperty', { isList: true }),
      parameter('ConnectorType', 'TenantConnectorType', { values: ['OnPremises', 'Partner'] }),
      parameter('ConnectorSource', 'TenantConnectorSource', { values: ['Default', 'AdminUI'] }),
      parameter('LastValidationTimestamp', 'DateTime'),
    ],
    { supportsShouldProcess: true, confirmImpact: 'Medium' },
  ),
  cmdlet('Remove-OutboundConnector', [identity(true)], {
    supportsShouldProcess: true,
    confirmImpact: 'High',
  }),
  cmdlet('Get-Message', [parameter('ResultSize', 'Unlimited')]),
];

function connector(Name: string, Enabled: boolean, SmartHosts: readonly string[], Guid: string): PsObject {
  return new PsObject('OutboundConnector', [
    ['Name', Name],
    ['Enabled', Enabled],
    ['ConnectorType', 'Partner'],
    ['UseMXRecord', SmartHosts.length === 0],
    ['SmartHosts', SmartHosts],
    ['Comment', ''],
    ['Identity', Name],
    ['Guid', Guid],
  ]);
}

function createFakeSource(): FakeSource {
  const connectors = new Map<string, PsObject>(
    [
      connector('Contoso', true, ['192.168.0.1', '192.168.0.2'], '11111111-1111-4111-8111-111111111111'),
      connector('Fabrikam', false, [], '22222222-2222-4222-8222-222222222222'),
      connector('Tailspin', true, ['smtp.tailspin.example'], '33333333-3333-4333-8333-333333333333'),
    ].map((object) => [toText(object.get('Name') ?? null), object]),
  );
  const invocations: Invocation[] = [];
  let produced = 0;
  const find = (value: Value): PsObject => {
    const wanted = toText(value).toLowerCase();
    const found = [...connectors.values()].find(
      (object) =>
        toText(object.get('Name') ?? null).toLowerCase() === wanted || object.get('Guid') === wanted,
    );
    if (!found) throw mistakes.objectNotFound(toText(value));
    return found;
  };
  const run = async ({ cmdlet: name, parameters }: Invocation, host: CmdletHost): Promise<void> => {
    const given = new Map(Object.entries(parameters));
    const target = given.get('Identity');
    switch (name) {
      case 'Get-OutboundConnector':
        if (target === null) throw mistakes.nullNotAllowed('Identity');
        for (const object of target === undefined ? connectors.values() : [find(target)])
          await host.output(new PsObject(object.typeName, object.properties.entries()));
        host.verbose('Connectors were read.');
        return;
      case 'Get-Message':
        for (;;) {
          if (host.signal.aborted) throw mistakes.stopped();
          produced++;
          await host.output(
            new PsObject('Message', [
              ['Identity', `message ${produced}`],
              ['Size', produced * 10],
            ]),
          );
        }
      case 'Remove-OutboundConnector':
        return remove(find(target ?? null), given, host);
      default: {
        const object = find(target ?? null);
        if (given.get('WhatIf') === true)
          return host.whatIf(
            `What if: Performing the operation "Set" on target "${toText(object.get('Name') ?? null)}".`,
          );
        if (
          typeof given.get('ConnectorType') === 'string' &&
          !/^(?:OnPremises|Partner)$/i.test(toText(given.get('ConnectorType') ?? null))
        ) {
          throw mistakes.cannotTransform(
            'ConnectorType',
            `Cannot convert value "${toText(given.get('ConnectorType') ?? null)}" to type "TenantConnectorType". Error: "Unable to match the identifier name ${toText(given.get('ConnectorType') ?? null)} to a valid enumerator name. Specify one of the following enumerator names and try again: OnPremises, Partner"`,
          );
        }
        for (const [key, value] of given) if (key !== 'Identity') object.properties.set(key, value);
        if (given.has('SmartHosts')) host.warning('The connector is not validated any more.');
      }
    }
  };
  const remove = async (
    object: PsObject,
    given: ReadonlyMap<string, Value>,
    host: CmdletHost,
  ): Promise<void> => {
    const name = toText(object.get('Name') ?? null);
    if (given.get('WhatIf') === true)
      return host.whatIf(`What if: Performing the operation "Remove" on target "${name}".`);
    if (given.get('Confirm') !== false) {
      if (!host.confirm) throw mistakes.cannotPrompt('Remove', name);
      const answer = await host.confirm(name, 'Remove');
      if (answer === 'No' || answer === 'NoToAll') return;
    }
    connectors.delete(name);
  };
  return {
    views: [{ typeName: 'Message', table: ['Identity', 'Size'] }],
    invocations,
    produced: () => produced,
    list: async () => CMDLETS,
    describe: async (name) =>
      CMDLETS.find((metadata) => metadata.name.toLowerCase() === name.toLowerCase()) ?? null,
    complete: async (_, prefix) =>
      [...connectors.keys()].filter((name) => name.toLowerCase().startsWith(prefix.toLowerCase())),
    async invoke(invocation, host) {
      invocations.push(invocation);
      await run(invocation, host);
    },
  };
}
