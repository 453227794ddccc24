// Rotate-SenderRewritingKey: a new key for the addresses that sender rewriting makes. Named as Exchange names the
// rotation of DKIM keys. Never shows a key.
import { update } from '#directory/directory.ts';
import { MAX_SRS_KEYS, sealNewSrsKey, srsKeysObject } from '#directory/srs-keys.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { switchType } from '#parameters/scalar-types.ts';
import { carryOut } from '../configured-object.ts';
import { type Cmdlet, type CmdletContext, defineCmdlet } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { onlyObject } from '../object-cmdlets.ts';

const declaration = srsKeysObject;

export const rotateSenderRewritingKey: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Rotate-SenderRewritingKey',
  synopsis: 'Makes a new key for rewritten sender addresses.',
  description: `Connectors with SenderRewritingEnabled give foreign senders an address of this organization, signed with a secret key, so that bounces find their way back and nobody else can make such addresses. This cmdlet makes a new key, which signs from now on. Bounces to addresses that were signed with one of the ${MAX_SRS_KEYS - 1} keys before it are still accepted for as long as an address is good, 21 days.\n\nA fresh installation has a key; it need not be rotated unless somebody may have learned it.`,
  supportsShouldProcess: true,
  parameters: {
    RemoveOldKeys: parameter(switchType, {
      help: 'Forgets all earlier keys at once: bounces to addresses that were rewritten before are refused. For a key that others may have learned.',
    }),
  },
  outputType: null,
  examples: [
    {
      title: 'As a routine',
      command: 'Rotate-SenderRewritingKey',
      description: 'New addresses are signed with a new key; bounces to earlier ones still arrive.',
    },
    {
      title: 'After a leak',
      command: 'Rotate-SenderRewritingKey -RemoveOldKeys',
      description: 'Addresses that were made with the leaked key are refused with 550 5.7.1 from now on.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { directory, vault } = context.services;
    await carryOut(context, {
      declaration,
      plan() {
        const before = onlyObject(directory, declaration);
        const older = bound.RemoveOldKeys ? [] : before.values.SealedKeys.slice(0, MAX_SRS_KEYS - 1);
        const SealedKeys = [sealNewSrsKey(before.guid, vault), ...older];
        return {
          proposal: update(declaration, before, { ...before.values, SealedKeys }),
          warnings: [],
          shownChanges: [
            {
              name: 'keys that signed and still count',
              before: before.values.SealedKeys.length - 1,
              after: older.length,
            },
          ],
        };
      },
    });
  },
});
