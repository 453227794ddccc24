// TLS reporting, built: the file it keeps, its clock, and where its reports go. Runs on the main thread.
import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from '#directory/configuration.ts';
import { parseAddress, type Address } from '#mail/address.ts';
import { createMessageIds } from '#mail/message-id.ts';
import { postmasterOf } from '#queue/postmaster.ts';
import { createTlsReporting, type TlsReporting, type TlsReportingParts } from '#queue/tls-reporting.ts';
import type { NetworkAnswers } from './network-answers.ts';
import type { Settings } from './settings.ts';

/** The thread number of its messages' identities: threads that carry mail have 0 to 11, administration has 15. */
const REPORTING_THREAD = 14;
const TICK_MILLISECONDS = 60_000;

export interface TlsReportingBuild extends Pick<TlsReportingParts, 'store' | 'queued' | 'counted' | 'log'> {
  readonly settings: Settings;
  readonly network: NetworkAnswers;
  readonly configuration: () => Configuration;
  readonly organization: () => string;
}

export interface RunningTlsReporting extends Pick<TlsReporting, 'add'> {
  /** Sends what the last run left, and from then on what becomes due. */
  start(): void;
  /** Keeps what was counted. */
  stop(): void;
}

export function buildTlsReporting(build: TlsReportingBuild): RunningTlsReporting {
  const { settings, network, configuration } = build;
  const reporting = createTlsReporting({
    ...build,
    resolver: network.resolver,
    post: (url, contentType, body) => network.post(url, contentType, body),
    file: keptFile(join(settings.data, 'tls-reports.json')),
    now: Date.now,
    random: (below) => randomInt(below),
    nextId: createMessageIds(REPORTING_THREAD, Date.now),
    token: () => randomBytes(15).toString('hex'),
    hostname: settings.hostname,
    contact: () => contactOf(configuration(), settings.hostname),
  });
  let ticking: NodeJS.Timeout | undefined;
  return {
    add: (reports) => reporting.add(reports),
    start() {
      void reporting.tick();
      ticking = setInterval(() => void reporting.tick(), TICK_MILLISECONDS);
    },
    stop() {
      clearInterval(ticking);
      reporting.keep();
    },
  };
}

/** null: reports are off. */
function contactOf(configuration: Configuration, hostname: string): Address | null {
  const { TlsReportingEnabled, TlsReportContact } = configuration.transportConfig;
  if (!TlsReportingEnabled) return null;
  return parseAddress(TlsReportContact ?? '') ?? postmasterOf(configuration, hostname);
}

/** Written whole or not at all. */
function keptFile(path: string): TlsReportingParts['file'] {
  return {
    read() {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return null;
      }
    },
    write(text) {
      writeFileSync(`${path}.new`, text, { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
  };
}
