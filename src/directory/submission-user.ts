// Submission users: who may hand in mail with SMTP AUTH (routing.md). The password is kept as a hash only, and the hash
// is shown nowhere.
import { DateTime } from '#parameters/date-time.ts';
import { booleanType, textUpTo } from '#parameters/scalar-types.ts';
import type { SubmissionUser } from './configuration.ts';
import type { ObjectDeclaration } from './declared-object.ts';
import type { DirectoryObject } from './object-table.ts';
import { hiddenProperty, property } from './property-declaration.ts';
import { objectNameType } from './property-types.ts';

const properties = {
  Enabled: property(booleanType, true, {
    help: 'Whether the user may sign in. Sessions that are already open are not ended.',
  }),
  Comment: property(textUpTo(4096), '', { help: 'A note for administrators.' }),
  PasswordHash: hiddenProperty<string>('', (stored) => typeof stored === 'string'),
  PasswordChanged: hiddenProperty<number>(0, (stored) => typeof stored === 'number'),
} as const;

export type SubmissionUserProperties = typeof properties;
export type SubmissionUserObject = DirectoryObject<SubmissionUserProperties>;

export const submissionUserObject: ObjectDeclaration<SubmissionUserProperties> = {
  kind: 'SubmissionUser',
  noun: 'submission user',
  objectClass: 'user',
  container: 'CN=Submission Users',
  nameType: objectNameType,
  properties,
  computed: {
    PasswordLastSet: ({ PasswordChanged }) =>
      typeof PasswordChanged === 'number' ? DateTime.fromUtcMilliseconds(PasswordChanged) : null,
  },
};

export function toSubmissionUser({ guid, values }: SubmissionUserObject): SubmissionUser {
  return { Guid: guid, Name: values.Name, Enabled: values.Enabled, PasswordHash: values.PasswordHash };
}
