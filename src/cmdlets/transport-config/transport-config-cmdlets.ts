// Get- and Set-TransportConfig: how the gateway as a whole delivers (delivery.md, Failures).
import { applyChanges, propertyParameters, requestedChanges } from '#directory/declared-object.ts';
import { update } from '#directory/directory.ts';
import { transportConfigObject } from '#directory/transport-config.ts';
import { transportConfigProblems, transportConfigWarnings } from '#directory/transport-config-rules.ts';
import { assertNoProblems, carryOut, showObject } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { onlyObject } from '../object-cmdlets.ts';

const declaration = transportConfigObject;

const getTransportConfig: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Get-TransportConfig',
  synopsis: 'Shows how the gateway delivers: times, sizes and limits.',
  description: 'There is one transport configuration; its values hold for all connectors.',
  parameters: {},
  outputType: 'TransportConfig',
  examples: [
    { title: 'All values', command: 'Get-TransportConfig | Format-List', description: 'Shows every value.' },
  ],
  async run(_bound, context: CmdletContext<DirectoryServices>) {
    const { directory } = context.services;
    await context.output(showObject(directory, declaration, onlyObject(directory, declaration)));
  },
});

const setTransportConfig: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Set-TransportConfig',
  synopsis: 'Changes how the gateway delivers: times, sizes and limits.',
  description:
    'Times are given as days.hours:minutes:seconds ("00:15:00", "2.00:00:00"), sizes with a unit ("35 MB"). Mail that waits already is tried by the new times from its next attempt on.',
  supportsShouldProcess: true,
  parameters: propertyParameters(declaration, 'Set'),
  outputType: null,
  examples: [
    {
      title: 'Try for two days, tell the sender after an hour',
      command: 'Set-TransportConfig -MessageExpirationTimeout 2.00:00:00 -DelayNotificationTimeout 01:00:00',
      description:
        'Mail that cannot be delivered is given up after two days, and its sender hears of the delay after one hour.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { directory } = context.services;
    const asked = requestedChanges(declaration, bound);
    await carryOut(context, {
      declaration,
      plan() {
        const before = onlyObject(directory, declaration);
        const { after, warnings } = applyChanges(declaration, before.values, asked);
        assertNoProblems(transportConfigProblems(after, asked), before.values.Name);
        return {
          proposal: update(declaration, before, after),
          warnings: [...warnings, ...transportConfigWarnings(after)],
        };
      },
    });
  },
});

export const transportConfigCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  getTransportConfig,
  setTransportConfig,
];
