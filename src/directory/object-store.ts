// What the directory asks of the store: the current objects, one durable change at a time with its history record, and
// the history. A part of the store's own contract (store/store.ts).

/** A configured object as it is kept: `data` is JSON-able. */
export interface StoredObject {
  readonly kind: string;
  readonly guid: string;
  readonly version: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One change by an administrator: who, when, by which cmdlet line, and the object before and after. */
export interface ChangeRecord {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly user: string;
  readonly cmdlet: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly line: string;
  readonly kind: string;
  readonly guid: string;
  readonly objectName: string;
  /** Of the object after the change; a removal has one too. Rises by one from 1. */
  readonly version: number;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

export interface ChangeQuery {
  readonly from?: number;
  readonly to?: number;
  readonly cmdlets?: readonly string[];
  readonly users?: readonly string[];
  readonly guid?: string;
  readonly limit: number;
}

export interface ObjectStore {
  objects(): Promise<readonly StoredObject[]>;
  /** Durable when it resolves; the object and the record are kept together or not at all. */
  change(record: ChangeRecord): Promise<void>;
  /** Newest first. */
  changes(query: ChangeQuery): Promise<readonly ChangeRecord[]>;
}
