// What is known of a failure, as fields of the log.
import { inspect } from 'node:util';

/** Nothing where the message says all. */
export function describeError(error: unknown): { readonly error?: string; readonly stack?: string } {
  if (error === null || error === undefined) return {};
  if (!(error instanceof Error)) return { error: typeof error === 'string' ? error : inspect(error) };
  return error.stack === undefined ? { error: error.message } : { error: error.message, stack: error.stack };
}
