// New-, Get-, Set- and Remove-AcceptedDomain: the organization's own domains (routing.md).
import { acceptedDomainObject, defaultDomain } from '#directory/accepted-domain.ts';
import type {
  AcceptedDomainObject,
  AcceptedDomainProperties,
  AcceptedDomainValues,
} from '#directory/accepted-domain.ts';
import {
  applyChanges,
  initialValues,
  propertyParameters,
  requestedChanges,
} from '#directory/declared-object.ts';
import { create, update } from '#directory/directory.ts';
import type { Directory } from '#directory/directory.ts';
import { domainKey, domainNameType } from '#directory/property-types.ts';
import type { Problem } from '#directory/rule-outcome.ts';
import type { TypeView } from '#parameters/metadata.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { booleanType } from '#parameters/scalar-types.ts';
import { PsObject } from '#parameters/value.ts';
import { assertNoProblems, carryOut, showObject } from '../configured-object.ts';
import type { Plan } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { findOf, getCmdlet, nameProblems, removeCmdlet, showOf } from '../object-cmdlets.ts';
import type { ObjectKindCmdlets } from '../object-cmdlets.ts';
import { identityParameter, newNameParameter, renameParameter } from '../object-parameters.ts';

const declaration = acceptedDomainObject;

const kind: ObjectKindCmdlets<AcceptedDomainProperties> = {
  declaration,
  findAlso: (directory, identity) => ofDomain(directory, identity),
  show: (directory, domain) => {
    const shown = showObject(directory, declaration, domain);
    const isDefault = defaultDomain(directory.list(declaration))?.guid === domain.guid;
    return new PsObject(shown.typeName, [...head(shown), ['Default', isDefault], ...tail(shown)]);
  },
};

/** `Default` stands behind the three declared properties (Exchange's order). */
const DECLARED = 3;
const head = (shown: PsObject) => [...shown.properties.entries()].slice(0, DECLARED);
const tail = (shown: PsObject) => [...shown.properties.entries()].slice(DECLARED);

function ofDomain(directory: Directory, domain: string): AcceptedDomainObject | null {
  const key = domainKey(domain);
  return directory.list(declaration).find(({ values }) => domainKey(values.DomainName) === key) ?? null;
}

/** Later than every default before it, so that it is the one. */
function nextDefault({ directory, now }: DirectoryServices): number {
  return Math.max(now(), ...directory.list(declaration).map(({ values }) => values.DefaultSince + 1));
}

const newAcceptedDomain: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'New-AcceptedDomain',
  synopsis: "Makes a domain one of the organization's own.",
  description:
    'Accepted domains decide what AllAcceptedDomains of a connector matches, what counts as inside the organization for transport rules, and whose senders are not rewritten. The first one is the default.',
  supportsShouldProcess: true,
  parameters: {
    Name: newNameParameter(declaration),
    DomainName: parameter(domainNameType, { mandatory: true, help: 'The domain, such as contoso.com.' }),
    ...propertyParameters(declaration, 'New'),
  },
  outputType: 'AcceptedDomain',
  examples: [
    {
      title: 'A domain and everything below it',
      command: 'New-AcceptedDomain -Name Contoso -DomainName contoso.com -MatchSubDomains $true',
      description: 'contoso.com, sales.contoso.com and so on belong to the organization.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { services } = context;
    const { directory } = services;
    const guid = directory.newGuid();
    const made = await carryOut(context, {
      declaration,
      plan() {
        const start: AcceptedDomainValues = {
          ...initialValues(declaration, bound.Name),
          DomainName: bound.DomainName,
        };
        const { after, warnings } = applyChanges(declaration, start, requestedChanges(declaration, bound));
        const isFirst = directory.list(declaration).length === 0;
        assertNoProblems(
          [
            ...nameProblems(directory, declaration, bound.Name, guid),
            ...domainProblems(directory, bound.DomainName),
          ],
          bound.Name,
        );
        const values = isFirst ? { ...after, DefaultSince: nextDefault(services) } : after;
        return { proposal: create(declaration, guid, values), warnings };
      },
    });
    if (made) await context.output(showOf(kind, directory, made));
  },
});

function domainProblems(directory: Directory, domain: string): readonly Problem[] {
  const other = ofDomain(directory, domain);
  if (!other) return [];
  return [
    {
      parameter: 'DomainName',
      message: `${domain} is accepted already, as "${other.values.Name}". Change that one with Set-AcceptedDomain.`,
    },
  ];
}

const setAcceptedDomain: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Set-AcceptedDomain',
  synopsis: 'Changes an accepted domain.',
  description: 'Only the properties that the command names are changed.',
  supportsShouldProcess: true,
  parameters: {
    Identity: identityParameter(declaration),
    ...propertyParameters(declaration, 'Set'),
    MakeDefault: parameter(booleanType, {
      help: 'With $true the domain becomes the default, in place of the present one. It is used where Postern itself needs a domain.',
    }),
    Name: renameParameter(declaration),
  },
  outputType: null,
  examples: [
    {
      title: 'Another default',
      command: 'Set-AcceptedDomain fabrikam.com -MakeDefault $true',
      description: 'fabrikam.com is the default domain from now on.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    await carryOut(context, { declaration, plan: () => planChange(context.services, bound) });
  },
});

function planChange(
  services: DirectoryServices,
  bound: { readonly Identity: string; readonly MakeDefault?: boolean },
): Plan<AcceptedDomainProperties> {
  const { directory } = services;
  const before = findOf(kind, directory, bound.Identity);
  const asked = requestedChanges(declaration, bound);
  const isDefault = defaultDomain(directory.list(declaration))?.guid === before.guid;
  const problems = [...nameProblems(directory, declaration, asked.Name, before.guid)];
  if (bound.MakeDefault === false && isDefault) {
    problems.push({
      parameter: 'MakeDefault',
      message: 'There is always one default domain. Make another one the default instead.',
    });
  }
  assertNoProblems(problems, before.values.Name);
  const { after, warnings } = applyChanges(declaration, before.values, asked);
  const becomes = bound.MakeDefault === true && !isDefault;
  const values = becomes ? { ...after, DefaultSince: nextDefault(services) } : after;
  const shownChanges = becomes ? [{ name: 'Default', before: false, after: true }] : [];
  return { proposal: update(declaration, before, values), warnings, shownChanges };
}

export const acceptedDomainCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  getCmdlet(kind, {
    synopsis: 'Shows accepted domains.',
    description:
      'Without -Identity all accepted domains are returned. An identity may also be the domain itself.',
    examples: [
      {
        title: 'All of them',
        command: 'Get-AcceptedDomain',
        description: "Lists the organization's domains.",
      },
    ],
  }),
  newAcceptedDomain,
  setAcceptedDomain,
  removeCmdlet(
    kind,
    {
      synopsis: 'Removes an accepted domain.',
      description:
        'Mail to the domain counts as mail to the outside from then on. The default domain goes last.',
      examples: [
        {
          title: 'Without being asked',
          command: 'Remove-AcceptedDomain fabrikam.com -Confirm:$false',
          description: 'Removes the domain at once.',
        },
      ],
    },
    {
      problems(directory, domain) {
        const all = directory.list(declaration);
        if (all.length === 1 || defaultDomain(all)?.guid !== domain.guid) return [];
        const message =
          'The default domain can only be removed as the last one. Give another one -MakeDefault $true first.';
        return [{ parameter: 'Identity', message }];
      },
    },
  ),
];

export const acceptedDomainViews: readonly TypeView[] = [
  { typeName: 'AcceptedDomain', table: ['Name', 'DomainName', 'DomainType', 'Default'] },
];
