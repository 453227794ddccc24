// Enhanced mail system status codes, RFC 3463, in Exchange's wider form (`4.4.316`).

/** `class.subject.detail`: class 2, 4 or 5; subject up to three digits; detail up to three digits. */
export type EnhancedStatus = `${2 | 4 | 5}.${number}.${number}`;
