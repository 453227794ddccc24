// MessageTypeMatches: what kind of message it is, told by its header, and for calendaring inside a multipart by its parts.
// Owns the signs of each kind, with their sources. Answers null where something must be read first.
import { readStructuredField } from '#mail/mime-parameters.ts';
import type { RuleMessageType } from '#directory/configuration.ts';
import type { MessageView } from './message-view.ts';

export function hasMessageType(view: MessageView, type: RuleMessageType): boolean | null {
  return SIGNS[type](view);
}

const SIGNS: Readonly<Record<RuleMessageType, (view: MessageView) => boolean | null>> = {
  OOF: isAutomaticReply,
  AutoForward: isAutoForwarded,
  Encrypted: isEncrypted,
  Signed: isSigned,
  Calendaring: isCalendaring,
  ReadReceipt: isReadReceipt,
};

// RFC 3834 §5; the others are what mailers wrote before it.
function isAutomaticReply(view: MessageView): boolean | null {
  const submitted = view.value('auto-submitted');
  if (submitted === null) return null;
  const kind = readStructuredField(submitted).value;
  if (kind === 'auto-replied') return true;
  if (kind === 'auto-generated' && view.value('x-ms-exchange-inbox-rules-loop') !== '') return true;
  if (/^auto[-_]?reply$/i.test(view.value('precedence') ?? '')) return true;
  return ['x-autoreply', 'x-autorespond'].some((name) => view.value(name) !== '');
}

// RFC 2156 §2.3.1 (Autoforwarded); Exchange: X-MS-Exchange-Organization-AutoForwarded.
function isAutoForwarded(view: MessageView): boolean | null {
  const submitted = view.value('auto-submitted');
  if (submitted === null) return null;
  if (readStructuredField(submitted).value === 'auto-forwarded') return true;
  return ['autoforwarded', 'x-ms-exchange-organization-autoforwarded'].some(
    (name) => view.value(name)?.toLowerCase() === 'true',
  );
}

// RFC 8551 §3.3 and §3.5 (S/MIME), RFC 3156 §4 (OpenPGP); Exchange: rights-protected mail.
function isEncrypted(view: MessageView): boolean | null {
  const value = view.value('content-type');
  if (value === null) return null;
  const type = readStructuredField(value);
  if (type.value === 'multipart/encrypted') return true;
  if (/^application\/(?:x-)?pkcs7-mime$/.test(type.value)) {
    return !/^(?:signed-data|certs-only|compressed-data)$/i.test(type.parameters.get('smime-type') ?? '');
  }
  return /^rpmsg\.message$/i.test(view.value('content-class') ?? '');
}

function isSigned(view: MessageView): boolean | null {
  const value = view.value('content-type');
  if (value === null) return null;
  const type = readStructuredField(value);
  if (type.value === 'multipart/signed') return true;
  const smime = /^application\/(?:x-)?pkcs7-mime$/.test(type.value);
  return smime && /^signed-data$/i.test(type.parameters.get('smime-type') ?? '');
}

// RFC 6047 §2.4: text/calendar, most often an alternative of the text.
function isCalendaring(view: MessageView): boolean | null {
  const value = view.value('content-type');
  if (value === null) return null;
  const type = readStructuredField(value).value;
  if (type === 'text/calendar') return true;
  if (/^urn:content-classes:calendarmessage$/i.test(view.value('content-class') ?? '')) return true;
  if (!type.startsWith('multipart/')) return false;
  return view.mime?.contentTypes.has('text/calendar') ?? null;
}

// RFC 8098 §3.
function isReadReceipt(view: MessageView): boolean | null {
  const value = view.value('content-type');
  if (value === null) return null;
  const type = readStructuredField(value);
  if (type.value === 'message/disposition-notification') return true;
  const report = type.parameters.get('report-type') ?? '';
  return type.value === 'multipart/report' && report.toLowerCase() === 'disposition-notification';
}
