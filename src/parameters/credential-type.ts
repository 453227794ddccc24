// User name and password as one parameter: a PSCredential, or @{UserName=…; Password=…}. Declare its parameter
// `secret` too. The password never prints.
import { ConversionProblem, defineType, single, textOf } from './parameter-type.ts';
import type { ParameterType } from './parameter-type.ts';
import { secretTextType } from './scalar-types.ts';
import { Hashtable, PsObject } from './value.ts';

export interface CredentialValue {
  readonly user: string;
  readonly password: string;
}

const MAX_USER = 256;

export const credentialType: ParameterType<CredentialValue> = defineType({
  name: 'PSCredential',
  schema: {
    type: 'object',
    properties: {
      UserName: { type: 'string' },
      Password: { type: 'string', format: 'password', writeOnly: true },
    },
    required: ['UserName', 'Password'],
    additionalProperties: false,
  },
  read: (value) => {
    const one = single(value);
    const table = one instanceof PsObject ? one.properties : one;
    const user = table instanceof Hashtable ? textOf(table.get('UserName') ?? null) : null;
    if (!(table instanceof Hashtable) || user === null || user === '' || user.length > MAX_USER) {
      const cure = 'Give (Get-Credential) or @{UserName="…"; Password="…"}.';
      throw new ConversionProblem(`The value can't be read as PSCredential. ${cure}`, 'transformation', cure);
    }
    return { user, password: secretTextType.read(table.get('Password') ?? null) };
  },
  print: ({ user }) => new PsObject('System.Management.Automation.PSCredential', [['UserName', user]]),
});
