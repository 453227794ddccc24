// Resolve-DnsName: DNS records as objects, with the properties that scripts read.
import { PsObject } from '#parameters/value.ts';
import { toText } from '#shell/values/text.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
} from '#shell/runtime/builtin-command.ts';

const TYPES = ['A_AAAA', 'A', 'AAAA', 'MX', 'TXT', 'CNAME', 'NS', 'SOA', 'SRV', 'PTR', 'CAA', 'TLSA'];

const resolveDnsName = defineBuiltin(
  {
    name: 'Resolve-DnsName',
    synopsis: 'Asks the DNS.',
    parameters: [
      builtinParameter('Name', 'string', {
        position: 0,
        mandatory: true,
        byValue: true,
        byPropertyName: true,
        help: 'The name.',
      }),
      builtinParameter('Type', 'string', {
        position: 1,
        values: TYPES,
        help: 'The type of record; A_AAAA asks for addresses of both kinds.',
      }),
      builtinParameter('Server', 'string[]', { help: 'Not available: the gateway’s own resolver answers.' }),
      builtinParameter('DnsOnly', 'switch', { help: 'Accepted; only DNS is asked anyway.' }),
      builtinParameter('NoHostsFile', 'switch', { help: 'Accepted; no hosts file is read anyway.' }),
      builtinParameter('QuickTimeout', 'switch', { help: 'Accepted.' }),
    ],
  },
  (context) => {
    const ask = async (name: string): Promise<void> => {
      const { resolveName } = context.frame.session.host;
      if (!resolveName)
        throw context.fail('Asking the DNS is off here.', {
          category: 'PermissionDenied',
          errorId: 'DnsNotAllowed',
          exception: 'System.UnauthorizedAccessException',
        });
      if (context.has('Server'))
        throw context.fail('Resolve-DnsName can’t be given another -Server here. Leave it out.', {
          category: 'NotImplemented',
          errorId: 'DnsServerNotSupported',
        });
      const type = context.text('Type') ?? 'A_AAAA';
      let found = 0;
      for (const one of type === 'A_AAAA' ? ['A', 'AAAA'] : [type]) {
        for (const record of await resolveName(name, one).catch((error: unknown) =>
          noAnswer(name, error, context),
        )) {
          found++;
          await context.emit(new PsObject('Microsoft.DnsClient.Commands.DnsRecord', Object.entries(record)));
        }
      }
      if (found === 0) {
        await context.error(`${name} : DNS name does not exist`, {
          category: 'ResourceUnavailable',
          errorId: 'DNS_ERROR_RCODE_NAME_ERROR',
          exception: 'System.ComponentModel.Win32Exception',
          target: name,
        });
      }
    };
    return {
      process: (input) => ask(toText(input)),
      end: async () => {
        if (!context.hasInput) await ask(context.text('Name') ?? '');
      },
    };
  },
);

function noAnswer(name: string, error: unknown, context: CommandContext): never {
  const why = error instanceof Error ? error.message : String(error);
  throw context.fail(`${name} : the DNS gave no answer: ${why}`, {
    category: 'ResourceUnavailable',
    errorId: 'DNS_ERROR_NO_ANSWER',
    exception: 'System.ComponentModel.Win32Exception',
    target: name,
  });
}

export const commands: readonly BuiltinCommand[] = [resolveDnsName];
