// What the trace tells of traffic as a whole: which connectors carried which domains' mail, how it ended and how well it
// was protected. Shapes only; sqlite/traffic-reader.ts fills them, within limits that the caller sets.
import type { MessageId } from '#mail/message.ts';
import type { TlsLevel } from '#tls/requirement.ts';

export interface TrafficQuery {
  /** Arrival, milliseconds since 1970, both included. */
  readonly from: number;
  readonly to: number;
  /** Traced recipients looked at, the newest first. */
  readonly limit: number;
}

/** Recipients that went, or wait to go, the same way. */
export interface TrafficGroup {
  /** Name of the connector, as it was called then; null: none, or not known yet. */
  readonly connector: string | null;
  /** nextHopKey of what waits; null: it doesn't wait. */
  readonly queue: string | null;
  /** The recipients' domain. */
  readonly domain: string;
  /** Where the messages came from. */
  readonly fromIp: string;
  /** The newest of its messages. */
  readonly newest: MessageId;
}

export interface TrafficSample {
  readonly groups: readonly TrafficGroup[];
  /** One entry a recipient in each: its message, and the position of its group. */
  readonly messages: Float64Array;
  readonly groupOf: Uint32Array;
  /** false: the limit was reached before the beginning of the time. */
  readonly complete: boolean;
}

/** How recipients of one connector fared. */
export interface ConnectorTraffic {
  /** By name; null: the default route, or mail that got no route at all. */
  readonly connector: string | null;
  readonly messages: number;
  /** Octets of those messages. */
  readonly octets: number;
  readonly delivered: number;
  readonly failed: number;
  readonly pending: number;
  /** Arrival of the newest message. */
  readonly lastUse: number;
  /** Why recipients failed or still wait, the most frequent first; addresses are left out. */
  readonly reasons: readonly { readonly text: string; readonly count: number }[];
  readonly protection: ProtectionCounts;
}

/** Attempts of the newest messages by how their connection was protected. */
export interface ProtectionCounts {
  /** Messages whose attempts were looked at. */
  readonly messages: number;
  /** Attempts that delivered, by what was demanded and met; what went in clear text is under ClearText. */
  readonly delivered: Readonly<Record<TlsLevel | 'ClearText', number>>;
  /** Attempts that were given up because the protection could not be had. */
  readonly refused: number;
}

export interface ConnectorTrafficQuery extends TrafficQuery {
  /** Messages of each connector whose attempts are looked at. */
  readonly evidence: number;
  /** GUID and name of the connectors that there are: what waits is known by the GUID of its connector. */
  readonly connectors: readonly (readonly [guid: string, name: string])[];
}

export interface ConnectorTrafficReport {
  readonly connectors: readonly ConnectorTraffic[];
  readonly complete: boolean;
}
