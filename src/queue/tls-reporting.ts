// TLS reports (RFC 8460) on the main thread: adds up what the threads counted, keeps it in a small file so that a restart
// doesn't lose the day, and after midnight (UTC) hands each domain that asks for it its report of the day, by mail
// through our own queue or over HTTPS. A report that can't be handed over is tried for a day. Never rejects.
import type { Resolver } from '#dns/lookup.ts';
import { buildTlsReportMessage } from '#dsn/tls-report-message.ts';
import { parseAddress, printAddress, type Address } from '#mail/address.ts';
import type { MessageId } from '#mail/message.ts';
import type { Store } from '#store/store.ts';
import type { Fetched } from '#tls/guarded-fetch.ts';
import { buildTlsReport, readTlsReportRecord, type ReportPlace } from '#tls/tls-report.ts';
import { createTlsReportCollector, type DomainReport } from '#tls/tls-tally.ts';
import { type DueReport, printTlsReports, readTlsReports } from './kept-tls-reports.ts';

export interface TlsReportingParts {
  readonly store: Pick<Store, 'enqueue'>;
  readonly resolver: Resolver;
  readonly post: (url: string, contentType: string, body: Uint8Array) => Promise<Fetched>;
  /** What is kept across restarts; null: nothing yet. */
  readonly file: { read(): string | null; write(text: string): void };
  readonly now: () => number;
  readonly random: (below: number) => number;
  readonly nextId: () => MessageId;
  /** Letters and digits that nobody can guess. */
  readonly token: () => string;
  readonly hostname: string;
  readonly organization: () => string;
  /** null: reports are off. */
  readonly contact: () => Address | null;
  /** A report has entered the queue. */
  readonly queued: () => void;
  readonly counted: (kind: string) => void;
  readonly log: (message: string, error: unknown) => void;
}

export interface TlsReporting {
  /** What a thread has counted since the last time. */
  add(reports: readonly DomainReport[]): void;
  /** To be called every minute or so: sends what is due, keeps what has changed. */
  tick(): Promise<void>;
  /** Keeps what has changed. */
  keep(): void;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** RFC 8460 §5: reports are spread over some hours after midnight, lest all senders report at the same second. */
const SPREAD = 4 * HOUR;
const RETRY_AFTER = HOUR;
const MAX_AT_ONCE = 50;
const MAX_DUE = 50_000;

type Handing = 'done' | 'later';

export function createTlsReporting(parts: TlsReportingParts): TlsReporting {
  const { now, random } = parts;
  const collector = createTlsReportCollector(now);
  const kept = readTlsReports(parts.file.read() ?? '');
  collector.add(kept.counting);
  let due: readonly DueReport[] = kept.due;
  let delay = random(SPREAD);
  let changed = false;

  function endDays(): void {
    const midnight = Math.floor(now() / DAY) * DAY;
    if (now() < midnight + delay) return;
    const ended = collector.takeBefore(new Date(midnight).toISOString().slice(0, 10));
    if (ended.length === 0) return;
    due = [...due, ...ended.map((report): DueReport => ({ report, place: null, next: now() }))].slice(
      -MAX_DUE,
    );
    delay = random(SPREAD);
    changed = true;
  }

  /** Its places where they weren't known, else nothing: it was handed over, or put off. */
  async function handOver(entry: DueReport, contact: Address): Promise<readonly DueReport[]> {
    const { report, place } = entry;
    if (place !== null) {
      const end = await (place.kind === 'https'
        ? post(report, place.url, contact)
        : mail(report, place.address, contact));
      return end === 'done' ? [] : putOff(entry);
    }
    const answer = await parts.resolver.resolve(`_smtp._tls.${report.domain}`, 'TXT');
    if (answer.kind === 'failed') return putOff(entry);
    const places: readonly ReportPlace[] = answer.kind === 'found' ? readTlsReportRecord(answer.records) : [];
    return places.map((one) => ({ report, place: one, next: now() }));
  }

  function putOff(entry: DueReport): readonly DueReport[] {
    const { report, place } = entry;
    const given = Date.parse(`${report.day}T00:00:00Z`) + 2 * DAY + SPREAD;
    if (now() < given) return [{ ...entry, next: now() + RETRY_AFTER }];
    const where =
      place === null ? 'its DNS does not answer' : place.kind === 'https' ? place.url : place.address;
    parts.log(`the TLS report for ${report.domain} could not be handed over (${where})`, null);
    return [];
  }

  function built(report: DomainReport, contact: Address) {
    const reportId = `${report.day}.${report.domain}@${parts.hostname}`;
    const organization = parts.organization();
    return {
      reportId,
      organization,
      ...buildTlsReport(report, { organization, contact: printAddress(contact), reportId }),
    };
  }

  async function post(report: DomainReport, url: string, contact: Address): Promise<Handing> {
    // RFC 8460 §5.4: any 2xx is success.
    const answer = await parts.post(url, 'application/tlsrpt+gzip', built(report, contact).gzip);
    if (!answer.ok || answer.status < 200 || answer.status > 299) return 'later';
    parts.counted('tls');
    return 'done';
  }

  async function mail(report: DomainReport, address: string, contact: Address): Promise<Handing> {
    const to = parseAddress(address);
    if (to === null) return 'done';
    const { domain, day } = report;
    const { reportId, organization, gzip } = built(report, contact);
    const message = buildTlsReportMessage({
      domain,
      day,
      reportId,
      organization,
      hostname: parts.hostname,
      from: contact,
      to,
      gzip,
      now: now(),
      token: parts.token(),
    });
    try {
      await enqueue(message, domain);
    } catch (error) {
      parts.log('a TLS report could not be queued; it is tried again', error);
      return 'later';
    }
    parts.counted('tls');
    parts.queued();
    return 'done';
  }

  function enqueue(
    { envelope, content, facts }: ReturnType<typeof buildTlsReportMessage>,
    domain: string,
  ): Promise<void> {
    const time = now();
    return parts.store.enqueue({
      message: {
        id: parts.nextId(),
        receivedAt: time,
        envelope,
        origin: {
          remoteAddress: '',
          helo: parts.hostname,
          tls: null,
          inboundConnector: null,
          fromOnPremises: false,
          authenticatedUser: null,
        },
        facts,
        tlsReport: true,
        size: content.length,
      },
      content: { kind: 'memory', bytes: content },
      inHand: false,
      events: [
        {
          time,
          kind: 'Receive',
          recipients: null,
          detail: `A TLS report of Postern's own, about ${domain}.`,
          data: { report: 'tls', about: domain },
        },
      ],
    });
  }

  async function send(contact: Address): Promise<void> {
    const turn = due.filter((entry) => entry.next <= now()).slice(0, MAX_AT_ONCE);
    for (const entry of turn) {
      const left = await handOver(entry, contact);
      due = [...due.filter((one) => one !== entry), ...left];
      changed = true;
    }
  }

  function keep(): void {
    if (!changed) return;
    try {
      parts.file.write(printTlsReports({ counting: collector.list(), due }));
      changed = false;
    } catch (error) {
      parts.log('what was counted for TLS reports could not be kept on disk', error);
    }
  }

  let ticking = false;
  return {
    add(reports) {
      if (reports.length === 0) return;
      collector.add(reports);
      changed = true;
    },
    async tick() {
      if (ticking) return;
      ticking = true;
      try {
        const contact = parts.contact();
        endDays();
        if (contact !== null) await send(contact);
        else if (due.length > 0) [due, changed] = [[], true];
        keep();
      } catch (error) {
        parts.log('TLS reports could not be sent; they are tried again', error);
      } finally {
        ticking = false;
      }
    },
    keep,
  };
}
