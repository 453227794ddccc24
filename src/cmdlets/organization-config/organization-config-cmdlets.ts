// Get- and Set-OrganizationConfig.
import { applyChanges, propertyParameters, requestedChanges } from '#directory/declared-object.ts';
import { update } from '#directory/directory.ts';
import { organizationConfigObject } from '#directory/organization-config.ts';
import { carryOut, showObject } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { onlyObject } from '../object-cmdlets.ts';
import { renameParameter } from '../object-parameters.ts';

const declaration = organizationConfigObject;

const getOrganizationConfig: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Get-OrganizationConfig',
  synopsis: 'Shows the organization.',
  description:
    'There is one organization on a gateway. Its name or its GUID is the tenant in addresses of the wire API.',
  parameters: {},
  outputType: 'OrganizationConfig',
  examples: [{ title: 'Its name', command: '(Get-OrganizationConfig).Name', description: 'Shows the name.' }],
  async run(_bound, context: CmdletContext<DirectoryServices>) {
    const { directory } = context.services;
    await context.output(showObject(directory, declaration, onlyObject(directory, declaration)));
  },
});

const setOrganizationConfig: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Set-OrganizationConfig',
  synopsis: 'Changes the names of the organization.',
  description:
    'With another Name the distinguished names of all objects change, and so do addresses of the wire API that hold the name; its GUID stays.',
  supportsShouldProcess: true,
  parameters: { ...propertyParameters(declaration, 'Set'), Name: renameParameter(declaration) },
  outputType: null,
  examples: [
    {
      title: 'For people',
      command: 'Set-OrganizationConfig -DisplayName "Contoso Ltd."',
      description: 'The web admin shows this name.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { directory } = context.services;
    await carryOut(context, {
      declaration,
      plan() {
        const before = onlyObject(directory, declaration);
        const { after, warnings } = applyChanges(
          declaration,
          before.values,
          requestedChanges(declaration, bound),
        );
        return { proposal: update(declaration, before, after), warnings };
      },
    });
  },
});

export const organizationConfigCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  getOrganizationConfig,
  setOrganizationConfig,
];
