// The ends of the streams: errors, warnings, verbose and debug text go to standard error, what Write-Host says to the person
// at the terminal. Colours only where the host shows them.
import type { InformationRecord } from '#shell/values/object-values.ts';
import type { Session } from '#shell/runtime/session.ts';
import type { Streams } from '#shell/runtime/streams.ts';
import { printable } from './cell-text.ts';
import { errorText, red, yellow } from './error-view.ts';

const FOREGROUND: Readonly<Record<string, number>> = {
  Black: 30,
  DarkRed: 31,
  DarkGreen: 32,
  DarkYellow: 33,
  DarkBlue: 34,
  DarkMagenta: 35,
  DarkCyan: 36,
  Gray: 37,
  DarkGray: 90,
  Red: 91,
  Green: 92,
  Yellow: 93,
  Blue: 94,
  Magenta: 95,
  Cyan: 96,
  White: 97,
}; // prettier-ignore

function painted(record: InformationRecord): string {
  const { host, text } = record;
  const codes = [
    host?.foreground ? FOREGROUND[host.foreground] : undefined,
    host?.background ? (FOREGROUND[host.background] ?? 37) + 10 : undefined,
  ].filter((code) => code !== undefined);
  if (codes.length === 0) return text;
  return `\u001b[${codes.join(';')}m${text}\u001b[0m`;
}

export function baseStreams(session: Session): Streams {
  const { host } = session;
  const labelled = (label: string, text: string): string => {
    const line = printable(`${label}: ${text}`);
    return `${host.errorColour ? yellow(line) : line}\n`;
  };
  return {
    error: (record, visible) => {
      if (!visible) return;
      session.showedError = true;
      const text = errorText(record);
      return session.writeError(`${host.errorColour ? red(text) : text}\n`);
    },
    warning: (text, visible) => (visible ? session.writeError(labelled('WARNING', text)) : undefined),
    verbose: (text, visible) => (visible ? session.writeError(labelled('VERBOSE', text)) : undefined),
    debug: (text, visible) => (visible ? session.writeError(labelled('DEBUG', text)) : undefined),
    information: (record, visible) => {
      if (!visible) return;
      return session.say(
        `${host.colour ? painted(record) : record.text}${record.host?.newline === false ? '' : '\n'}`,
      );
    },
    progress: (activity, status, percent) => {
      if (!host.errorColour || !host.interactive) return;
      const share = percent === null || percent < 0 ? '' : ` ${Math.round(percent)}%`;
      return session.writeError(
        `\r\u001b[2K${printable(`${activity}: ${status}`).slice(0, Math.max(20, host.width - 8))}${share}\r`,
      );
    },
  };
}
