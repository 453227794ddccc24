// New-, Get-, Set-, Remove-, Enable- and Disable-TransportRule (routing.md, Transport rules).
import { propertyParameters, requestedChanges } from '#directory/declared-object.ts';
import { inOrderOfPriority, transportRuleObject } from '#directory/transport-rule.ts';
import type { TypeView } from '#parameters/metadata.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { booleanType, enumeration } from '#parameters/scalar-types.ts';
import { carryOut, findObject } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { removeCmdlet, showOf } from '../object-cmdlets.ts';
import {
  forceParameter,
  identityParameter,
  newNameParameter,
  optionalIdentityParameter,
  renameParameter,
  resultSizeParameter,
} from '../object-parameters.ts';
import { writeObjects } from '../written-objects.ts';
import { planRule, priorityParameter, ruleKind } from './transport-rule-plan.ts';

const declaration = transportRuleObject;
const FORCE_HELP = 'Allows a rule without any condition, which acts on every message.';

const newTransportRule: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'New-TransportRule',
  synopsis: 'Makes a transport rule.',
  description:
    'A rule acts on messages for which all its conditions hold and none of its exceptions does. Values within one condition are alternatives. Rules run in order of priority.',
  supportsShouldProcess: true,
  parameters: {
    Name: newNameParameter(declaration),
    Priority: priorityParameter,
    Enabled: parameter(booleanType, {
      default: true,
      help: 'With $false the rule is made, but does not run yet.',
    }),
    ...propertyParameters(declaration, 'New'),
    Force: forceParameter(FORCE_HELP),
  },
  outputType: 'TransportRule',
  examples: [
    {
      title: 'One sender by another way',
      command:
        'New-TransportRule -Name "Invoices" -From invoices@contoso.com -RouteMessageOutboundConnector "Archive relay"',
      description:
        'Mail from that address leaves over the connector Archive relay, which has IsTransportRuleScoped.',
    },
    {
      title: 'Try it first',
      command:
        'New-TransportRule -Name "No executables" -AttachmentExtensionMatchesWords exe,js -RejectMessageReasonText "Not by mail, please." -Mode Audit',
      description: 'The message trace says which messages the rule would refuse; nothing is refused yet.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { services } = context;
    const guid = services.directory.newGuid();
    const request = {
      asked: requestedChanges(declaration, bound),
      priority: bound.Priority,
      state: bound.Enabled ? ('Enabled' as const) : ('Disabled' as const),
      force: bound.Force,
    };
    const made = await carryOut(context, {
      declaration,
      plan: () => planRule(services, guid, null, request),
    });
    if (made) await context.output(showOf(ruleKind, services.directory, made));
  },
});

const setTransportRule: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Set-TransportRule',
  synopsis: 'Changes a transport rule.',
  description:
    'Only what the command names is changed; $null takes a condition, an exception or an action away.',
  supportsShouldProcess: true,
  parameters: {
    Identity: identityParameter(declaration),
    ...propertyParameters(declaration, 'Set'),
    Priority: priorityParameter,
    Name: renameParameter(declaration),
    Force: forceParameter(FORCE_HELP),
  },
  outputType: null,
  examples: [
    {
      title: 'Run first',
      command: 'Set-TransportRule "Invoices" -Priority 0 -StopRuleProcessing $true',
      description: 'The rule runs before all others, and no other rule runs for the messages it matches.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { services } = context;
    const request = {
      asked: requestedChanges(declaration, bound),
      priority: bound.Priority,
      force: bound.Force,
    };
    await carryOut(context, {
      declaration,
      plan() {
        const before = findObject(services.directory, declaration, bound.Identity);
        return planRule(services, before.guid, before, request);
      },
    });
  },
});

const getTransportRule: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Get-TransportRule',
  synopsis: 'Shows transport rules.',
  description: 'Without -Identity all rules are returned in the order in which they run.',
  parameters: {
    Identity: optionalIdentityParameter(declaration),
    State: parameter(enumeration('RuleState', ['Enabled', 'Disabled']), {
      help: 'Only rules that run, or only those that do not.',
    }),
    ResultSize: resultSizeParameter,
  },
  outputType: 'TransportRule',
  examples: [
    { title: 'In order', command: 'Get-TransportRule', description: 'Lists the rules as they run.' },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { directory } = context.services;
    if (bound.Identity !== undefined) {
      await context.output(showOf(ruleKind, directory, findObject(directory, declaration, bound.Identity)));
      return;
    }
    const rules = inOrderOfPriority(directory.list(declaration));
    const wanted = rules.filter(({ values }) => bound.State === undefined || values.State === bound.State);
    await writeObjects(context, wanted, bound.ResultSize, (rule) => showOf(ruleKind, directory, rule));
  },
});

function stateCmdlet(
  verb: 'Enable' | 'Disable',
  synopsis: string,
  description: string,
): Cmdlet<DirectoryServices> {
  const state = `${verb}d` as const;
  return defineCmdlet({
    name: `${verb}-TransportRule`,
    synopsis,
    description,
    supportsShouldProcess: true,
    parameters: { Identity: identityParameter(declaration) },
    outputType: null,
    examples: [
      {
        title: 'One rule',
        command: `${verb}-TransportRule "Invoices"`,
        description: `${verb}s the rule Invoices.`,
      },
    ],
    async run(bound, context: CmdletContext<DirectoryServices>) {
      const { services } = context;
      await carryOut(context, {
        declaration,
        plan() {
          const before = findObject(services.directory, declaration, bound.Identity);
          return planRule(services, before.guid, before, { asked: {}, state, force: true });
        },
      });
    },
  });
}

export const transportRuleCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  getTransportRule,
  newTransportRule,
  setTransportRule,
  stateCmdlet(
    'Enable',
    'Lets a transport rule run.',
    'A connector that the rule names must be enabled and be for rules.',
  ),
  stateCmdlet(
    'Disable',
    'Keeps a transport rule from running.',
    'The rule stays as it is, and keeps its priority.',
  ),
  removeCmdlet(ruleKind, {
    synopsis: 'Removes a transport rule.',
    description: 'Rules behind it move up by one.',
    examples: [
      {
        title: 'Without being asked',
        command: 'Remove-TransportRule "Invoices" -Confirm:$false',
        description: 'Removes the rule at once.',
      },
    ],
  }),
];

export const transportRuleViews: readonly TypeView[] = [
  { typeName: 'TransportRule', table: ['Name', 'State', 'Mode', 'Priority', 'Comments'] },
];
