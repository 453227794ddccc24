// When a deferred recipient is tried again: the waiting time doubles from MessageRetryInterval up to
// MaxMessageRetryInterval. Pure. Jitter takes up to a quarter off, so that a host that recovers isn't stormed
// (delivery.md), and the last attempt falls on the moment of expiry.
import type { TransportConfig } from '#directory/configuration.ts';

export type RetryConfig = Pick<
  TransportConfig,
  'MessageRetryInterval' | 'MaxMessageRetryInterval' | 'MessageExpirationTimeout'
>;

const JITTER = 0.25;
const JITTER_STEPS = 1_024;

/**
 * Milliseconds until the next attempt.
 * @param attempts how many attempts have failed, at least one
 * @param random a whole number from 0 up to, not including, `below`
 */
export function retryDelay(attempts: number, config: RetryConfig, random: (below: number) => number): number {
  const { MessageRetryInterval: first, MaxMessageRetryInterval: longest } = config;
  const doubled = first * 2 ** Math.min(Math.max(attempts - 1, 0), 30);
  const delay = Math.min(doubled, Math.max(longest, first));
  return Math.max(1, Math.round(delay * (1 - (JITTER * random(JITTER_STEPS)) / JITTER_STEPS)));
}

/** The instant of the next attempt, milliseconds since 1970; never behind the message's expiry. */
export function nextAttempt(
  now: number,
  receivedAt: number,
  attempts: number,
  config: RetryConfig,
  random: (below: number) => number,
): number {
  const expiry = receivedAt + config.MessageExpirationTimeout;
  return Math.min(now + retryDelay(attempts, config, random), Math.max(expiry, now + 1));
}
