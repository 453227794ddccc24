// Who runs a cmdlet and what they may use. What a session doesn't allow isn't there for it: not in binding, help,
// completion, OpenAPI or the wire API.

export interface Session {
  /** As the history records it: a user's or a token's name; `SYSTEM` for Postern itself. */
  readonly user: string;
  /** GUIDs of the role groups that it is in; null: Organization Management by its own right (the data directory's owner). */
  roleGroups(): readonly string[] | null;
  /** Names without regard to case. */
  allows(cmdlet: string): boolean;
  /** Common parameters are always allowed where the cmdlet is. */
  allowsParameter(cmdlet: string, parameter: string): boolean;
}

/** Organization Management: everything. */
export function unrestrictedSession(user: string): Session {
  return { user, roleGroups: () => null, allows: () => true, allowsParameter: () => true };
}
