// What TLS reporting keeps across a restart, as text: what was counted so far and which reports are still to be handed
// over, to whom. Pure. Whatever can't be read counts as nothing: it is a day's statistics, no mail.
import type { ReportPlace } from '#tls/tls-report.ts';
import { type DomainReport, plainTally, restoreTally } from '#tls/tls-tally.ts';

export interface DueReport {
  readonly report: DomainReport;
  /** null: where it goes has still to be looked up. */
  readonly place: ReportPlace | null;
  /** Milliseconds since 1970. */
  readonly next: number;
}

export interface KeptTlsReports {
  readonly counting: readonly DomainReport[];
  readonly due: readonly DueReport[];
}

export function printTlsReports({ counting, due }: KeptTlsReports): string {
  const plain = due.map(({ report, place, next }) => ({ report: plainTally([report]), place, next }));
  return JSON.stringify({ counting: plainTally(counting), due: plain });
}

export function readTlsReports(text: string): KeptTlsReports {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read !== 'object' || read === null) return NOTHING;
    const { counting, due } = { counting: null, due: null, ...read };
    const entries: readonly unknown[] = Array.isArray(due) ? due : [];
    return { counting: restoreTally(counting) ?? [], due: entries.flatMap(readDue) };
  } catch {
    return NOTHING;
  }
}

const NOTHING: KeptTlsReports = { counting: [], due: [] };

function readDue(value: unknown): readonly DueReport[] {
  if (typeof value !== 'object' || value === null) return [];
  const { report: plain, place, next } = { report: null, place: null, next: 0, ...value };
  const [report] = restoreTally(plain) ?? [];
  if (report === undefined || typeof next !== 'number') return [];
  return [{ report, place: readPlace(place), next }];
}

function readPlace(value: unknown): ReportPlace | null {
  if (typeof value !== 'object' || value === null) return null;
  const { kind, url, address } = { kind: null, url: null, address: null, ...value };
  if (kind === 'https' && typeof url === 'string') return { kind, url };
  return kind === 'mailto' && typeof address === 'string' ? { kind, address } : null;
}
