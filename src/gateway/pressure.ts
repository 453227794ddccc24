// Back pressure: when new mail must be put off (452) because the store can't take it safely. Looks at the store's health
// every second; a state is left only with some air, so that it doesn't flutter. Delivery goes on meanwhile.
import type { Store, StoreHealth } from '#store/store.ts';
import type { Settings } from './settings.ts';

export type PressureLimits = Pick<Settings, 'min-free-disk' | 'max-queue' | 'max-memory'>;

const AIR = 0.05;

/** Why new mail is put off, in words for the sender and the log; null: it is welcome. */
export function pressureReason(
  health: StoreHealth,
  residentBytes: number,
  limits: PressureLimits,
  before: string | null,
): string | null {
  const air = before === null ? 0 : AIR;
  if (!health.writable) return 'the store cannot be written';
  if (health.freeDiskBytes < limits['min-free-disk'] * (1 + air)) return 'too little free disk space';
  if (health.queuedMessages > limits['max-queue'] * (1 - air)) return 'too many messages are queued';
  if (residentBytes > limits['max-memory'] * (1 - air)) return 'memory is short';
  return null;
}

export interface PressureGauge {
  readonly reason: string | null;
  readonly health: StoreHealth | null;
  stop(): void;
}

export interface PressureParts {
  readonly store: Pick<Store, 'health'>;
  readonly limits: PressureLimits;
  readonly residentBytes: () => number;
  readonly changed: (reason: string | null) => void;
  readonly log: (message: string, error: unknown) => void;
}

const INTERVAL_MILLISECONDS = 1000;

export function watchPressure(parts: PressureParts): PressureGauge {
  let reason: string | null = null;
  let health: StoreHealth | null = null;
  let looking = false;

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    let found: string | null;
    try {
      health = await parts.store.health();
      found = pressureReason(health, parts.residentBytes(), parts.limits, reason);
    } catch (error) {
      parts.log("the store's health could not be read", error);
      found = 'the store does not answer';
    }
    looking = false;
    if (found === reason) return;
    reason = found;
    parts.changed(reason);
  }

  void look();
  const timer = setInterval(() => void look(), INTERVAL_MILLISECONDS);
  return {
    get reason() {
      return reason;
    },
    get health() {
      return health;
    },
    stop: () => clearInterval(timer),
  };
}
