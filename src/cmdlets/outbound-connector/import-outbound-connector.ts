// Import-OutboundConnector: makes and updates connectors from JSON that Exchange Online or Postern wrote.
import type { Proposal } from '#directory/directory.ts';
import { outboundConnectorObject } from '#directory/outbound-connector.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { textOf } from '#parameters/parameter-type.ts';
import { listOf, objectType, textType } from '#parameters/scalar-types.ts';
import { Hashtable, PsObject } from '#parameters/value.ts';
import type { Value } from '#parameters/value.ts';
import { CmdletError, mistakes } from '../cmdlet-error.ts';
import { carryOut, sayImpact } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { forceParameter } from '../object-parameters.ts';
import { readConnectorJson, readImportedConnector } from './imported-connector.ts';
import type { ImportedConnector } from './imported-connector.ts';
import { planConnector } from './outbound-connector-plan.ts';

const declaration = outboundConnectorObject;

type Action = 'Created' | 'Updated' | 'Unchanged' | 'Failed' | 'Skipped';

export const importOutboundConnector: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Import-OutboundConnector',
  synopsis: 'Makes and updates outbound connectors from JSON.',
  description:
    'Takes what Export-OutboundConnector -As Json writes, and what Get-OutboundConnector | ConvertTo-Json writes in Exchange Online. A connector that is not there is made, one of the same name is updated; properties that the JSON does not have stay as they are. One that a rule forbids is reported, and the others go on.\n\n-WhatIf shows what would be made and changed.',
  supportsShouldProcess: true,
  parameters: {
    Path: parameter(textType, {
      fileFor: 'Content',
      position: 0,
      help: 'The JSON file. The shell reads it; over the network give -Content.',
    }),
    Content: parameter(listOf(textType), { help: 'The JSON text, or its lines.' }),
    InputObject: parameter(listOf(objectType), {
      pipeline: { byValue: true },
      help: 'Connectors as objects, such as ConvertFrom-Json makes.',
    }),
    Force: forceParameter(
      'Updates connectors even where transport rules that name them could not use them any more.',
    ),
  },
  outputType: 'ImportedConnector',
  examples: [
    {
      title: 'From Exchange Online',
      command: 'Import-OutboundConnector -Path connectors.json -WhatIf',
      description: 'Shows what the connectors in the file would change.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const given = givenObjects(bound);
    const seen = new Set<string>();
    const together: Proposal[] = [];
    for (const [index, object] of given.entries()) {
      const row = await importOne(context, object, index, { force: bound.Force, seen, together });
      await context.output(row);
      if (given.length > 1)
        context.progress('Import', `${index + 1} of ${given.length}`, ((index + 1) * 100) / given.length);
    }
    await sayImpact(context, together);
  },
});

function givenObjects(bound: {
  readonly Path?: string;
  readonly Content?: readonly string[];
  readonly InputObject?: readonly Value[];
}): readonly Value[] {
  const { Path, Content, InputObject } = bound;
  if (Content !== undefined) return readConnectorJson(Content.join('\n'));
  if (InputObject !== undefined) return InputObject;
  if (Path === undefined) {
    throw mistakes.invalidArgument(
      'Path',
      'There is nothing to import. Give -Path, -Content, or objects from the pipeline.',
    );
  }
  throw mistakes.invalidArgument(
    'Path',
    'Files are read by the postern shell only. Give the text itself with -Content.',
  );
}

interface Import {
  readonly force: boolean;
  /** Names so far, in lower case. */
  readonly seen: Set<string>;
  /** What -WhatIf would have changed. */
  readonly together: Proposal[];
}

async function importOne(
  context: CmdletContext<DirectoryServices>,
  object: Value,
  index: number,
  all: Import,
): Promise<PsObject> {
  let name = `object ${index + 1}`;
  try {
    if (!(object instanceof PsObject) && !(object instanceof Hashtable)) {
      throw mistakes.invalidArgument(
        'InputObject',
        `Object ${index + 1} is not a connector. Give objects with properties.`,
      );
    }
    const table = object instanceof PsObject ? object.properties : object;
    // What can't be taken over is reported under its name.
    name = textOf(table.get('Name') ?? null) || name;
    const imported = readImportedConnector(table, index);
    name = imported.name;
    if (all.seen.has(name.toLowerCase())) {
      throw mistakes.invalidArgument(
        'InputObject',
        `The connector "${name}" is there twice. Leave one of them out.`,
        name,
      );
    }
    all.seen.add(name.toLowerCase());
    if (imported.unknown.length > 0) {
      context.warning(`${name}: Postern doesn't know ${imported.unknown.join(', ')}; left out.`);
    }
    return importedRow(name, await makeOrUpdate(context, imported, all), imported.unknown);
  } catch (error) {
    if (!(error instanceof CmdletError)) throw error;
    context.error(error);
    return importedRow(name, 'Failed', [], error.message);
  }
}

async function makeOrUpdate(
  context: CmdletContext<DirectoryServices>,
  { name, asked }: ImportedConnector,
  { force, together }: Import,
): Promise<Action> {
  const { services } = context;
  const existing = services.directory.named(declaration, name);
  const guid = existing?.guid ?? services.directory.newGuid();
  const done = await carryOut(context, {
    declaration,
    action: existing ? 'Update' : 'Create',
    isQuietWhenIdle: true,
    together,
    plan: () => {
      const before = services.directory.get(declaration, guid);
      return planConnector(services, guid, before, { asked, force, credential: undefined });
    },
  });
  if (!done) return 'Skipped';
  if (!existing) return 'Created';
  return done === existing ? 'Unchanged' : 'Updated';
}

function importedRow(name: string, action: Action, unknown: readonly string[], detail = ''): PsObject {
  return new PsObject('ImportedConnector', [
    ['Name', name],
    ['Action', action],
    ['UnknownProperties', unknown],
    ['Detail', detail],
  ]);
}
