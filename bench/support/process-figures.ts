// What the kernel says of one process.
import { readFileSync, writeFileSync } from 'node:fs';

/** MiB in memory now (`VmRSS`), or at most since the peak was forgotten (`VmHWM`). */
export function residentMebibytes(pid: number, which: 'VmRSS' | 'VmHWM'): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(new RegExp(`^${which}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024);
}

export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** Milliseconds of processor time so far, of all threads; in steps of 10. */
export function cpuMilliseconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
