// What must hold between the gateway's times. Pure.
import type { Problem } from './rule-outcome.ts';
import type { TransportConfigValues } from './transport-config.ts';

export function transportConfigProblems(
  after: TransportConfigValues,
  asked: Readonly<Record<string, unknown>>,
): readonly Problem[] {
  if (after.MessageRetryInterval <= after.MaxMessageRetryInterval) return [];
  const parameter =
    asked['MessageRetryInterval'] === undefined ? 'MaxMessageRetryInterval' : 'MessageRetryInterval';
  const message =
    'MessageRetryInterval, the first wait, must not be longer than MaxMessageRetryInterval, the longest. Change the one or the other.';
  return [{ parameter, message }];
}

/** What is allowed but has an effect that one might not expect. */
export function transportConfigWarnings(after: TransportConfigValues): readonly string[] {
  const expires = after.MessageExpirationTimeout;
  const warnings: string[] = [];
  if (after.MaxMessageRetryInterval > expires) {
    warnings.push(
      'MaxMessageRetryInterval is longer than MessageExpirationTimeout: no wait is ever that long.',
    );
  }
  if (after.DelayNotificationTimeout > expires) {
    warnings.push(
      'DelayNotificationTimeout is longer than MessageExpirationTimeout: senders are never told of a delay.',
    );
  }
  return warnings;
}
