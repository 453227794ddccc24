// The impact report of -WhatIf and Test-OutboundRoute -Proposed: reads the traffic of the last days, has both
// configurations judged, and says in words what would be different. Bounded: the newest recipients only, and it says so.
import type { Configuration } from '#directory/configuration.ts';
import type { Store } from '#store/store.ts';
import type { TrafficGroup, TrafficSample } from '#store/traffic.ts';
import type { CmdletContext } from '../cmdlet.ts';
import type { ImpactReport } from '../directory-services.ts';
import type { RoutingServices } from './outbound-services.ts';
import type { RouteChange, RouteImpact } from './route-impact.ts';
import { groupedDigits } from '#parameters/grouped-digits.ts';

export interface ImpactParts extends RoutingServices {
  readonly store: Pick<Store, 'trafficSample' | 'traceEvents'>;
  readonly now: () => number;
}

const DAYS = 7;
const DAY = 86_400_000;
const MAX_RECIPIENTS = 200_000;
const MAX_SOURCES = 200;
const SHOWN_CHANGES = 20;
const SHOWN_DOMAINS = 10;

export function createImpactReport(parts: ImpactParts): ImpactReport {
  return async (before, after, context) => {
    if (!movesMail(before, after)) {
      sayWhatRulesDo(before, after, context);
      return;
    }
    try {
      const to = parts.now();
      const sample = await parts.store.trafficSample({ from: to - DAYS * DAY, to, limit: MAX_RECIPIENTS });
      const { assessImpact } = await import('./route-impact.ts');
      const old = await parts.snapshotOf(before);
      const next = await parts.snapshotOf(after);
      const fromOnPremises = await originsOf(parts, sample, before, after);
      say(assessImpact(sample, old, next, fromOnPremises), context);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      context.warning(`What it would do to the mail of the last ${DAYS} days can't be told: ${why}`);
    }
    sayWhatRulesDo(before, after, context);
  };
}

/** Objects that didn't change are the same objects. */
function movesMail(before: Configuration, after: Configuration): boolean {
  return (
    before.outboundConnectors !== after.outboundConnectors ||
    before.acceptedDomains !== after.acceptedDomains ||
    before.transportConfig.DefaultRouteEnabled !== after.transportConfig.DefaultRouteEnabled
  );
}

function sayWhatRulesDo(before: Configuration, after: Configuration, context: CmdletContext<unknown>): void {
  if (before.transportRules === after.transportRules) return;
  context.verbose(
    'What a changed rule does depends on the messages themselves, which are not kept. Test-OutboundRoute -MessageFile shows it for one message.',
  );
}

/** Centralized mail transport asks where mail came from; the trace knows it of each message, so one of each source is looked at. */
async function originsOf(
  { store }: ImpactParts,
  { groups }: TrafficSample,
  before: Configuration,
  after: Configuration,
): Promise<(group: TrafficGroup) => boolean> {
  const centralized = [...before.outboundConnectors, ...after.outboundConnectors].some(
    (one) => one.RouteAllMessagesViaOnPremises && one.Enabled,
  );
  if (!centralized) return () => false;
  const onPremises = new Set(
    before.inboundConnectors.filter((one) => one.ConnectorType === 'OnPremises').map((one) => one.Name),
  );
  const known = new Map<string, boolean>();
  for (const { fromIp, newest } of groups) {
    if (known.has(fromIp) || known.size >= MAX_SOURCES) continue;
    const received = (await store.traceEvents(newest)).find(({ kind }) => kind === 'Receive');
    const connector = received?.data['inboundConnector'];
    known.set(fromIp, typeof connector === 'string' && onPremises.has(connector));
  }
  return ({ fromIp }) => known.get(fromIp) ?? false;
}

function say(impact: RouteImpact, context: CmdletContext<unknown>): void {
  const { changes, complete } = impact;
  const looked = complete ? '' : ` (the newest ${count(impact.recipients, 'recipient')} only)`;
  const basis = `of ${count(impact.messages, 'message')} to ${count(impact.domains, 'domain')} traced in the last ${DAYS} days${looked}`;
  const moved = changes.filter(({ anotherWay }) => anotherWay);
  const weaker = changes.filter((change) => change.weaker.length > 0);
  if (moved.length === 0) context.verbose(`Impact: ${basis}, none would take another way.`);
  else context.whatIf(`What if: ${basis}, ${impact.movedMessages} would take another way.`);
  for (const change of moved.slice(0, SHOWN_CHANGES)) context.verbose(`Impact: ${describe(change)}.`);
  tellOfMore(moved.length, context);
  for (const change of weaker.slice(0, SHOWN_CHANGES)) {
    context.whatIf(
      `What if: protection gets weaker for ${domainsOf(change)} (${count(change.messages, 'message')}): ${change.weaker.join('; ')}.`,
    );
  }
  tellOfMore(weaker.length, context);
}

function describe(change: RouteChange): string {
  return `${count(change.messages, 'message')} from ${change.from} to ${change.to}: ${domainsOf(change)}`;
}

function domainsOf({ domains }: RouteChange): string {
  const more = domains.length - SHOWN_DOMAINS;
  return domains.slice(0, SHOWN_DOMAINS).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function tellOfMore(changes: number, context: CmdletContext<unknown>): void {
  if (changes > SHOWN_CHANGES) context.verbose(`Impact: … and ${changes - SHOWN_CHANGES} more like these.`);
}

function count(number: number, noun: string): string {
  return `${groupedDigits(number)} ${noun}${number === 1 ? '' : 's'}`;
}
