// What the cmdlets that look at the ways of mail need of the gateway: routing as it would be, a look outwards, who lets
// mail in, and the traffic of the past. All of it is made when it is first asked for: an idle gateway pays nothing.
import type { Configuration } from '#directory/configuration.ts';
import type { Deliverer } from '#delivery/deliverer.ts';
import type { HostInspection } from '#delivery/host-inspection.ts';
import type { PreviewedHost } from '#delivery/host-preview.ts';
import type { MessageId } from '#mail/message.ts';
import type { Route } from '#routing/route.ts';
import type { RoutingSnapshot } from '#routing/snapshot.ts';
import type { Store } from '#store/store.ts';
import type { DirectoryServices } from '../directory-services.ts';

/** Resolver, TLS and connections of the main thread, made for one command. */
export interface Outward {
  /** The hosts of a route; asks the DNS, connects to none of them. */
  preview(route: Route, requireTls: boolean): Promise<readonly PreviewedHost[]>;
  /** Connects to each host and goes as far as MAIL; sends nothing. */
  inspect(route: Route): AsyncIterable<HostInspection>;
  readonly deliverer: Deliverer;
  close(): Promise<void>;
}

/** How mail from an address comes in. */
export interface Arrival {
  /** Name of the inbound connector; null: none lets it in. */
  readonly inboundConnector: string | null;
  readonly fromOnPremises: boolean;
  /** What MAIL or RCPT is answered; null: it is let in. */
  refusalFor(recipientDomain: string): string | null;
}

export interface RoutingServices {
  readonly snapshotOf: (configuration: Configuration) => Promise<RoutingSnapshot>;
}

export interface OutboundServices extends DirectoryServices, RoutingServices {
  readonly outward: () => Promise<Outward>;
  /** `senderDomain` null: the null sender. Without TLS and SMTP AUTH. */
  readonly arrival: (address: string, senderDomain: string | null) => Promise<Arrival>;
  readonly mailStore: Pick<Store, 'connectorTraffic' | 'enqueue' | 'settle'>;
  readonly nextMessageId: () => MessageId;
}
