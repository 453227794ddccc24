// The configuration as one thread uses it: routing snapshot, header names, sender rewriting, all made anew when the first
// message after a change needs them, so that a thousand changes in a row cost one rebuild.
import type { Configuration } from '#directory/configuration.ts';
import { applyConfigurationChange, type ConfigurationChange } from '#directory/configuration-change.ts';
import type { DeliveryRequest } from '#delivery/deliverer.ts';
import type { Address } from '#mail/address.ts';
import type { Attempt } from '#queue/attempt.ts';
import { isFirst } from '#queue/attempt.ts';
import type { RouteAttempt } from '#queue/dispatcher.ts';
import { type AcceptedDomains, findAcceptedDomain } from '#routing/accepted-domains.ts';
import { convertibleNames, convertOutbound, needsOutboundFirewall } from '#routing/cross-premises-headers.ts';
import { applyHeaderEdits } from '#routing/header-edits.ts';
import { contentOf, type MessageContent, routeMessage } from '#routing/select-route.ts';
import { createSenderRewriter, type SenderRewriter } from '#routing/sender-rewriting.ts';
import { createRoutingSnapshot, type RoutingSnapshot } from '#routing/snapshot.ts';
import { postmasterOf } from '#queue/postmaster.ts';
import { readFileContent } from './file-content.ts';

interface Derived {
  readonly snapshot: RoutingSnapshot;
  readonly crossing: ReadonlySet<string>;
  readonly rewriter: SenderRewriter;
}

export interface LiveConfiguration {
  readonly current: Configuration;
  readonly rewriter: SenderRewriter;
  readonly accepted: AcceptedDomains;
  change(change: ConfigurationChange): void;
  readonly route: RouteAttempt;
  /** What is done to a message's header on its way out; null: nothing. */
  headerEditOf(request: DeliveryRequest): ((header: Uint8Array) => Uint8Array) | null;
  rewriteSender(sender: Address): Address;
}

export function createLiveConfiguration(
  first: Configuration,
  hostname: string,
  now: () => number,
): LiveConfiguration {
  let current = first;
  let snapshot = createRoutingSnapshot(first);
  let derived: Derived | null = null;

  function derive(): Derived {
    if (snapshot.configuration !== current) snapshot = createRoutingSnapshot(current, snapshot);
    const { accepted } = snapshot;
    return {
      snapshot,
      crossing: convertibleNames(current.transportConfig.CrossPremisesHeaderNames),
      rewriter: createSenderRewriter({
        keys: current.srsKeys,
        domain: postmasterOf(current, hostname).domain,
        isAccepted: (domain) => findAcceptedDomain(accepted, domain) !== null,
      }),
    };
  }
  const get = (): Derived => (derived ??= derive());

  return {
    get current() {
      return current;
    },
    get rewriter() {
      return get().rewriter;
    },
    get accepted() {
      return get().snapshot.accepted;
    },
    change(change) {
      current = applyConfigurationChange(current, change);
      derived = null;
    },
    route(attempt) {
      const { message, inHand } = attempt;
      return routeMessage(
        {
          message,
          recipients:
            inHand.length === 1 && inHand[0]?.recipient === 0
              ? ONLY_FIRST
              : inHand.map((one) => one.recipient),
          content: readable(attempt),
          now: now(),
          firstAttempt: isFirst(attempt),
        },
        get().snapshot,
      );
    },
    headerEditOf({ message, route, headerEdits }) {
      const crosses = needsOutboundFirewall(message.facts, route.crossPremisesHeaders);
      if (!crosses && headerEdits.length === 0) return null;
      const { crossing } = get();
      return (header) => {
        const edited = applyHeaderEdits(header, headerEdits);
        return crosses || headerEdits.length > 0
          ? convertOutbound(edited, route.crossPremisesHeaders, hostname, crossing)
          : edited;
      };
    },
    rewriteSender: (sender) => get().rewriter.rewrite(sender, now()) ?? sender,
  };
}

const ONLY_FIRST: readonly number[] = Object.freeze([0]);

function readable({ content }: Attempt): MessageContent {
  return content.kind === 'memory' ? contentOf(content.bytes) : readFileContent(content.path);
}
