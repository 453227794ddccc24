// Access tokens: how programs sign in to the wire API. Kept as a hash only; the token itself is shown once, when made.
import { textUpTo } from '#parameters/scalar-types.ts';
import type { ObjectDeclaration } from './declared-object.ts';
import type { DirectoryObject } from './object-table.ts';
import { hiddenProperty, property } from './property-declaration.ts';
import { objectNameType } from './property-types.ts';

const properties = {
  Description: property(textUpTo(1024), '', { help: 'What the token is for.', takenBy: 'New' }),
  /** SHA-256 of the token, hexadecimal: enough for 256 random bits. */
  TokenHash: hiddenProperty<string>('', (stored) => typeof stored === 'string'),
  /** Milliseconds since 1970. */
  ExpiresAt: hiddenProperty<number>(0, (stored) => typeof stored === 'number'),
  CreatedBy: hiddenProperty<string>('', (stored) => typeof stored === 'string'),
} as const;

export type AccessTokenProperties = typeof properties;
export type AccessTokenObject = DirectoryObject<AccessTokenProperties>;

export const accessTokenObject: ObjectDeclaration<AccessTokenProperties> = {
  kind: 'AccessToken',
  noun: 'access token',
  objectClass: 'msExchAccessToken',
  container: 'CN=Access Tokens',
  nameType: objectNameType,
  properties,
};
