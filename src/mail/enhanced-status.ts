// Enhanced mail system status codes, RFC 3463, in Exchange's wider form (`4.4.316`).
// Owns reading them from replies and from what administrators type. Data and pure functions only.

/** `class.subject.detail`: class 2, 4 or 5; subject up to three digits; detail up to three digits. */
export type EnhancedStatus = `${2 | 4 | 5}.${number}.${number}`;

const STATUS = /^[245]\.(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2})$/;
const MAX_STATUS = 9;

export function isEnhancedStatus(text: string): text is EnhancedStatus {
  return STATUS.test(text);
}

/** The whole text as a status code; null if it is none. */
export function parseEnhancedStatus(text: string): EnhancedStatus | null {
  return isEnhancedStatus(text) ? text : null;
}

/** The status code that a reply's text begins with (RFC 2034 §4), its class agreeing with the reply code; else null. */
export function leadingEnhancedStatus(text: string, code: number): EnhancedStatus | null {
  if (text.charCodeAt(1) !== 0x2e || text.charCodeAt(0) - 0x30 !== Math.floor(code / 100)) return null;
  const space = text.indexOf(' ');
  const end = space < 0 ? text.length : space;
  return end > MAX_STATUS ? null : parseEnhancedStatus(text.slice(0, end));
}
