// What routing says about a message: its recipients in groups, and for each group where it goes or what becomes of it.
// Data only; the caller carries it out. Routing runs at each attempt and gives the same answer for the same input.
import type { Address } from '#mail/address.ts';
import type { EnhancedStatus } from '#mail/enhanced-status.ts';
import type { Route, Unroutable } from './route.ts';

export type Decision =
  | {
      readonly kind: 'route';
      readonly route: Route;
      /** nextHopKey(route), made once. */
      readonly key: string;
      /** Where recipients of one group got here for different reasons: the route of each, in their order; else null. */
      readonly routes: readonly Route[] | null;
    }
  /** No way: they fail at once. */
  | { readonly kind: 'unroutable'; readonly unroutable: Unroutable }
  /** A rule can't be carried out and asks to wait (RuleErrorAction Defer). */
  | { readonly kind: 'deferred'; readonly status: EnhancedStatus; readonly diagnostic: string }
  /** They fail at once, with the rule's words. */
  | {
      readonly kind: 'rejected';
      readonly status: EnhancedStatus;
      readonly text: string;
      readonly rule: string;
    }
  /** They end without a report. */
  | { readonly kind: 'deleted'; readonly rule: string }
  /** The message goes to these in their place: as a new message with `forked` set when it is routed. */
  | { readonly kind: 'redirected'; readonly to: readonly Address[]; readonly rule: string };

/** In the order of the rules; later edits see earlier ones. Applied to the header as it is stored, at every attempt. */
export type HeaderEdit =
  | { readonly kind: 'set'; readonly name: string; readonly value: string }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'prepend-subject'; readonly text: string };

/** One rule that matched, for the trace. */
export interface RuleMatch {
  readonly guid: string;
  readonly name: string;
  readonly mode: 'Enforce' | 'Audit' | 'AuditAndNotify';
  /** What it did, or in the audit modes would have done: `RouteMessageOutboundConnector: Contoso`. */
  readonly actions: readonly string[];
  /** Why an action of it, or the rule itself, could not be carried out; null: it could. */
  readonly error: string | null;
}

export interface RoutedGroup {
  /** Positions in the envelope's recipients, ascending. */
  readonly recipients: readonly number[];
  readonly decision: Decision;
  readonly headerEdits: readonly HeaderEdit[];
  /** Who gets a copy that the others don't see: as a new message with `forked` set. Empty but at the first attempt. */
  readonly blindCopies: readonly Address[];
  readonly ruleMatches: readonly RuleMatch[];
}
