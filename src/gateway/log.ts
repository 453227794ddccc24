// The log: JSON lines on standard error, readable lines where that is a terminal. Never holds a message's content, a
// password or a token; what becomes of messages is the trace's business, not the log's.
import { pino } from 'pino';
import type { Settings } from './settings.ts';

export interface Log {
  error(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  debug(message: string, fields?: object): void;
}

export async function createLog(level: Settings['log-level']): Promise<Log> {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = process.stderr.isTTY
    ? pino(
        { level },
        (await import('pino-pretty')).default({ destination: 2, ignore: 'pid,hostname', sync: true }),
      )
    : pino(options, pino.destination({ dest: 2, sync: true }));
  const write =
    (at: 'error' | 'warn' | 'info' | 'debug') =>
    (message: string, fields: object = {}) =>
      logger[at](fields, message);
  return { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') };
}
