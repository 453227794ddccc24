// What the main thread and the threads that carry mail say to each other. Data only: plain objects that a port clones.
import type { Configuration } from '#directory/configuration.ts';
import type { ConfigurationChange } from '#directory/configuration-change.ts';
import type { NextHopState } from '#queue/queue-manager.ts';
import type { Claim } from '#store/store.ts';
import type { StorePorts } from '#store/wire.ts';
import type { DomainReport } from '#tls/tls-tally.ts';
import type { CounterDelta } from '#tracking/counters.ts';
import type { NetworkPorts } from './network-answers.ts';
import type { Settings } from './settings.ts';
import type { Endpoint } from './settings-values.ts';
import type { TracedStep } from './trace-feed.ts';

export interface WorkerStart {
  /** 0, 1, …: also its share of limits and the thread part of message identities. */
  readonly index: number;
  readonly threads: number;
  readonly settings: Settings;
  /** Opens the sealed credentials of smart hosts. */
  readonly credentialKey: Uint8Array;
  /** Where this thread listens: ports are known by now, 0 only for the first thread. */
  readonly listen: readonly Endpoint[];
  readonly storePorts: StorePorts;
  /** Where revocation lists and MTA-STS policies are asked for. */
  readonly network: NetworkPorts;
  readonly configuration: Configuration;
}

export type ToWorker =
  | { readonly kind: 'configuration'; readonly change: ConfigurationChange }
  | { readonly kind: 'claims'; readonly claims: readonly Claim[] }
  /** `answer`: say `heard` with this number when it holds. */
  | { readonly kind: 'next-hop'; readonly state: NextHopState; readonly answer?: number }
  /** Why new mail is put off; null: it is welcome. */
  | { readonly kind: 'pressure'; readonly reason: string | null }
  | { readonly kind: 'reload-certificates' }
  /** Whether anybody looks at what happens to messages. */
  | { readonly kind: 'watch'; readonly on: boolean }
  | { readonly kind: 'stop'; readonly milliseconds: number };

export type FromWorker =
  | { readonly kind: 'heard'; readonly answer: number }
  | { readonly kind: 'listening'; readonly endpoints: readonly Endpoint[] }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'settled';
      readonly claims: readonly { readonly queue: string; readonly recipients: number }[];
    }
  | { readonly kind: 'next-hop'; readonly state: NextHopState }
  | { readonly kind: 'traced'; readonly steps: readonly TracedStep[]; readonly left: number }
  | { readonly kind: 'counted'; readonly deltas: readonly CounterDelta[] }
  | { readonly kind: 'tls-counted'; readonly reports: readonly DomainReport[] }
  | {
      readonly kind: 'log';
      readonly level: 'error' | 'warn' | 'info' | 'debug';
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };
