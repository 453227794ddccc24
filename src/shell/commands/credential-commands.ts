// ConvertTo-SecureString and Get-Credential: passwords that are never shown.
import { PsObject } from '#parameters/value.ts';
import { type BuiltinCommand, builtinParameter, defineBuiltin } from '#shell/runtime/builtin-command.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { SecureText } from '#shell/values/secure-text.ts';
import { toText } from '#shell/values/text.ts';

const convertToSecureString = defineBuiltin(
  {
    name: 'ConvertTo-SecureString',
    synopsis: 'Keeps a text as a password.',
    parameters: [
      builtinParameter('String', 'string', {
        position: 0,
        mandatory: true,
        byValue: true,
        help: 'The text.',
      }),
      builtinParameter('AsPlainText', 'switch', { help: 'The text is the password itself.' }),
      builtinParameter('Force', 'switch', { help: 'Accepted as in PowerShell.' }),
    ],
  },
  (context) => {
    const give = async (text: string): Promise<void> => {
      if (!context.flag('AsPlainText'))
        throw new ScriptError('Encrypted texts of other machines can’t be read; give -AsPlainText.', {
          category: 'InvalidArgument',
          errorId: 'ImportSecureStringFailed',
        });
      await context.emit(new SecureText(text));
    };
    return {
      process: (input) => give(toText(input)),
      end: async () => {
        if (!context.hasInput) await give(context.text('String') ?? '');
      },
    };
  },
);

const getCredential = defineBuiltin(
  {
    name: 'Get-Credential',
    synopsis: 'Asks for a user name and a password.',
    parameters: [
      builtinParameter('UserName', 'string', {
        position: 0,
        aliases: ['Credential'],
        help: 'The user’s name.',
      }),
      builtinParameter('Message', 'string', { help: 'What is shown above the question.' }),
      builtinParameter('Title', 'string', { help: 'A heading.' }),
    ],
  },
  (context) => ({
    end: async () => {
      const { session } = context.frame;
      const { readLine } = session.host;
      if (!readLine)
        throw new ScriptError('Get-Credential has no one to ask.', {
          errorId: 'PromptNotAvailable',
          exception: 'System.Management.Automation.PSInvalidOperationException',
        });
      await session.say(
        `${[context.text('Title') ?? 'PowerShell credential request', context.text('Message') ?? 'Enter your credentials.'].join('\n')}\n`,
      );
      const user = context.text('UserName') ?? (await readLine('User: ', { secret: false })) ?? '';
      const password = (await readLine(`Password for user ${user}: `, { secret: true })) ?? '';
      await context.emit(
        new PsObject('System.Management.Automation.PSCredential', [
          ['UserName', user],
          ['Password', new SecureText(password)],
        ]),
      );
    },
  }),
);

export const commands: readonly BuiltinCommand[] = [convertToSecureString, getCredential];
