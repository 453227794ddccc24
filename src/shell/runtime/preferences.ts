// $ErrorActionPreference and its like: what may stand in them, and what they are when a session begins.

export type Preference =
  | 'SilentlyContinue'
  | 'Stop'
  | 'Continue'
  | 'Inquire'
  | 'Ignore'
  | 'Suspend'
  | 'Break';
export type PreferenceName =
  | 'ErrorActionPreference'
  | 'WarningPreference'
  | 'VerbosePreference'
  | 'DebugPreference'
  | 'InformationPreference'
  | 'ProgressPreference';

const PREFERENCES: readonly Preference[] = ['SilentlyContinue', 'Stop', 'Continue', 'Inquire', 'Ignore'];

export const INITIAL_PREFERENCES: Readonly<Record<PreferenceName, Preference>> = {
  ErrorActionPreference: 'Continue',
  WarningPreference: 'Continue',
  VerbosePreference: 'SilentlyContinue',
  DebugPreference: 'SilentlyContinue',
  InformationPreference: 'SilentlyContinue',
  ProgressPreference: 'Continue',
};

/** By name without regard to case, or by PowerShell's number; null for anything else. */
export function parsePreference(text: string): Preference | null {
  const wanted = text.trim().toLowerCase();
  const numbered: readonly Preference[] = ['SilentlyContinue', 'Stop', 'Continue', 'Inquire', 'Ignore'];
  if (/^[0-4]$/.test(wanted)) return numbered[Number(wanted)] ?? null;
  return PREFERENCES.find((preference) => preference.toLowerCase() === wanted) ?? null;
}
