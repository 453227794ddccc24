// What is known about a cmdlet and its parameters, as plain data: the binder, completion, help, the reference, OpenAPI
// and the shell read this, and it is derived from the cmdlets' declarations alone.

export interface ParameterMetadata {
  readonly name: string;
  readonly aliases: readonly string[];
  /** The type's name as help shows it: `String`, `Boolean`, `MultiValuedProperty`, `SwitchParameter` … */
  readonly type: string;
  /** The values of an enumeration, in the order of the documentation; empty for other types. */
  readonly values: readonly string[];
  readonly isSwitch: boolean;
  /** A list is taken whole; other types take one value. */
  readonly isList: boolean;
  /** 0, 1, …; null: named only. */
  readonly position: number | null;
  readonly mandatory: boolean;
  readonly pipeline: { readonly byValue: boolean; readonly byPropertyName: boolean };
  /** Printed in help; null: none. */
  readonly defaultValue: string | null;
  readonly description: string;
  /** Masked in the history, in audit records and in logs. */
  readonly secret: boolean;
  /** The kind of object whose names complete it (`OutboundConnector`); null: none. */
  readonly completes: string | null;
  /** It names a file: the shell reads it and gives its text as this parameter instead; left out: it doesn't. */
  readonly fileFor?: string;
  /** Takes every argument that no other parameter takes (Write-Host); left out: no. */
  readonly remaining?: boolean;
}

export interface CmdletExample {
  readonly title: string;
  readonly command: string;
  readonly description: string;
}

export interface CmdletMetadata {
  readonly name: string;
  readonly synopsis: string;
  readonly description: string;
  readonly parameters: readonly ParameterMetadata[];
  readonly supportsShouldProcess: boolean;
  /** High: asks unless -Confirm:$false (Remove cmdlets). */
  readonly confirmImpact: 'None' | 'Medium' | 'High';
  readonly outputType: string | null;
  readonly examples: readonly CmdletExample[];
}

/** How objects of a type are shown where the user asked for no view. */
export interface TypeView {
  readonly typeName: string;
  /** Columns of the default table; empty: a list of all properties. */
  readonly table: readonly string[];
}
