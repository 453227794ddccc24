// Commands that set up a session elsewhere and have nothing to set up here: connecting, importing the Exchange module. They
// succeed, and say under -Verbose that the session is already here. Other modules are not found.
import { PsObject } from '#parameters/value.ts';
import { toText } from '#shell/values/text.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
} from '#shell/runtime/builtin-command.ts';

const HERE = 'The session is already here: Postern’s cmdlets need no connection.';

/** What scripts pass when they connect; none of it has a meaning here. */
const CONNECTION_PARAMETERS = [
  'UserPrincipalName',
  'Credential',
  'AppId',
  'Organization',
  'Certificate',
  'CertificateThumbprint',
  'CertificateFilePath',
  'CertificatePassword',
  'ConnectionUri',
  'AzureADAuthorizationEndpointUri',
  'ExchangeEnvironmentName',
  'DelegatedOrganization',
  'Prefix',
  'CommandName',
  'FormatTypeName',
  'AccessToken',
  'PSSessionOption',
  'PageSize',
  'LogLevel',
  'LogDirectoryPath',
  'ManagedIdentityAccountId',
]; // prettier-ignore
const CONNECTION_SWITCHES = [
  'Device',
  'InlineCredential',
  'ManagedIdentity',
  'BypassMailboxAnchoring',
  'UseRPSSession',
  'UseMultithreading',
  'DisableWAM',
  'EnableErrorReporting',
  'SkipLoadingFormatData',
  'SkipLoadingCmdletHelp',
  'LoadCmdletHelp',
  'TrackPerformance',
];

const connectExchangeOnline = defineBuiltin(
  {
    name: 'Connect-ExchangeOnline',
    synopsis: 'Accepted from Exchange Online scripts; the session is already here.',
    parameters: [
      ...CONNECTION_PARAMETERS.map((name) =>
        builtinParameter(name, 'object', { help: 'Accepted; has no meaning here.' }),
      ),
      ...CONNECTION_SWITCHES.map((name) =>
        builtinParameter(name, 'switch', { help: 'Accepted; has no meaning here.' }),
      ),
      builtinParameter('ShowBanner', 'bool', { help: 'Accepted; there is no banner.' }),
      builtinParameter('ShowProgress', 'bool', { help: 'Accepted; has no meaning here.' }),
    ],
  },
  (context) => ({ end: () => context.verbose(HERE) }),
);

const disconnectExchangeOnline = defineBuiltin(
  {
    name: 'Disconnect-ExchangeOnline',
    synopsis: 'Accepted from Exchange Online scripts; nothing is to be disconnected.',
    parameters: [
      builtinParameter('Confirm', 'bool', { help: 'Accepted; nothing is asked.' }),
      builtinParameter('ConnectionId', 'string[]', { help: 'Accepted.' }),
    ],
  },
  (context) => ({ end: () => context.verbose(HERE) }),
);

const enableOrganizationCustomization = defineBuiltin(
  {
    name: 'Enable-OrganizationCustomization',
    synopsis: 'Accepted from Exchange Online scripts; the organization can always be customized.',
    parameters: [
      builtinParameter('Confirm', 'switch', { help: 'Accepted; nothing is changed.' }),
      builtinParameter('WhatIf', 'switch', { help: 'Accepted; nothing is changed.' }),
    ],
  },
  (context) => ({ end: () => context.verbose('The organization is already enabled for customization.') }),
);

const MODULES = [
  'exchangeonlinemanagement',
  'exchangepowershell',
  'microsoft.powershell.utility',
  'microsoft.powershell.management',
  'microsoft.powershell.core',
];

async function checkModules(context: CommandContext): Promise<void> {
  for (const name of context.list('Name').map((value) => toText(value))) {
    if (MODULES.includes(name.toLowerCase())) await context.verbose(HERE);
    else {
      await context.error(
        `The specified module '${name}' was not loaded because no valid module file was found: modules are not part of Postern.`,
        {
          category: 'ResourceUnavailable',
          errorId: 'Modules_ModuleNotFound',
          exception: 'System.IO.FileNotFoundException',
          target: name,
        },
      );
    }
  }
}

const MODULE_NAME = builtinParameter('Name', 'string[]', {
  position: 0,
  mandatory: true,
  byValue: true,
  help: 'The module.',
});
const FORCE = builtinParameter('Force', 'switch', { help: 'Accepted as in PowerShell.' });

const importModule = defineBuiltin(
  {
    name: 'Import-Module',
    synopsis: 'Accepts ExchangeOnlineManagement, which is already here.',
    parameters: [
      MODULE_NAME,
      FORCE,
      builtinParameter('RequiredVersion', 'string', { help: 'Accepted.' }),
      builtinParameter('MinimumVersion', 'string', { aliases: ['Version'], help: 'Accepted.' }),
      builtinParameter('DisableNameChecking', 'switch', { help: 'Accepted.' }),
      builtinParameter('Global', 'switch', { help: 'Accepted.' }),
      builtinParameter('Scope', 'string', { help: 'Accepted.' }),
      builtinParameter('PassThru', 'switch', { help: 'Accepted.' }),
    ],
  },
  (context) => ({ end: () => checkModules(context) }),
);

const installModule = defineBuiltin(
  {
    name: 'Install-Module',
    synopsis: 'Accepts ExchangeOnlineManagement, which is already here.',
    parameters: [
      MODULE_NAME,
      FORCE,
      ...['Scope', 'Repository', 'RequiredVersion', 'MinimumVersion'].map((name) =>
        builtinParameter(name, 'string', { help: 'Accepted.' }),
      ),
      builtinParameter('AllowClobber', 'switch', { help: 'Accepted.' }),
    ],
  },
  (context) => ({ end: () => checkModules(context) }),
);

const getModule = defineBuiltin(
  {
    name: 'Get-Module',
    synopsis: 'Gives ExchangeOnlineManagement, which is always here.',
    parameters: [
      builtinParameter('Name', 'string[]', { position: 0, help: 'The module.' }),
      builtinParameter('ListAvailable', 'switch', { help: 'Accepted.' }),
      builtinParameter('All', 'switch', { help: 'Accepted.' }),
    ],
  },
  (context) => ({
    end: async () => {
      const names = context.list('Name').map((name) => toText(name).toLowerCase());
      if (names.length > 0 && !names.includes('exchangeonlinemanagement')) return;
      await context.emit(
        new PsObject('System.Management.Automation.PSModuleInfo', [
          ['ModuleType', 'Script'],
          ['Version', context.frame.session.version],
          ['Name', 'ExchangeOnlineManagement'],
        ]),
      );
    },
  }),
);

const getConnectionInformation = defineBuiltin(
  {
    name: 'Get-ConnectionInformation',
    synopsis: 'Tells that the session is connected.',
    parameters: [builtinParameter('ConnectionId', 'string', { help: 'Accepted.' })],
  },
  (context) => ({
    end: async () =>
      context.emit(
        new PsObject('ConnectionInformation', [
          ['State', 'Connected'],
          ['TokenStatus', 'Active'],
          ['Name', 'Postern'],
          ['IsEopSession', false],
        ]),
      ),
  }),
);

const setStrictMode = defineBuiltin(
  {
    name: 'Set-StrictMode',
    synopsis: 'Accepted from scripts; strict mode is not enforced.',
    parameters: [
      builtinParameter('Version', 'string', { help: 'The version.' }),
      builtinParameter('Off', 'switch', { help: 'Turns it off.' }),
    ],
  },
  (context) => ({
    end: async () => {
      if (!context.flag('Off'))
        await context.warning(
          'Postern’s shell does not enforce strict mode: a variable that was never set is $null.',
        );
    },
  }),
);

const getHost = defineBuiltin(
  { name: 'Get-Host', synopsis: 'Gives the host, as $Host.', parameters: [] },
  (context) => ({
    end: async () => context.emit(context.frame.scope.find('Host')?.value ?? null),
  }),
);

const clearHost = defineBuiltin(
  { name: 'Clear-Host', synopsis: 'Clears the terminal.', parameters: [] },
  (context) => ({
    end: async () => {
      if (context.frame.session.host.colour) await context.frame.session.say('\u001b[2J\u001b[H');
    },
  }),
);

export const commands: readonly BuiltinCommand[] = [
  connectExchangeOnline,
  disconnectExchangeOnline,
  enableOrganizationCustomization,
  importModule,
  installModule,
  getModule,
  getConnectionInformation,
  setStrictMode,
  getHost,
  clearHost,
];
