// Messages, statuses and stores for tests of what is kept.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import type { Message, MessageId } from '#mail/message.ts';
import { arrivalOf, createMessageIds } from '#mail/message-id.ts';
import { type OpenStore, openStore } from '#store/open-store.ts';
import type { FinishedRecipient, NewMessage, Settlement, WaitingRecipient } from '#store/store.ts';
import type { StoreSeams } from '#store/store-seams.ts';
import type { TraceEvent, TraceEventKind } from '#tracking/trace-event.ts';

const nextId = createMessageIds(0, Date.now);

export interface MessageFacts {
  readonly id?: MessageId;
  readonly sender?: string | null;
  readonly recipients?: readonly string[];
  readonly subject?: string;
  readonly size?: number;
  readonly remoteAddress?: string;
}

function toAddress(text: string): { localPart: string; domain: string } {
  const at = text.lastIndexOf('@');
  return { localPart: text.slice(0, at), domain: text.slice(at + 1) };
}

export function testMessage(facts: MessageFacts = {}): Message {
  const { id = nextId(), sender = 'megan@contoso.com', recipients = ['ann@fabrikam.com'], size = 5 } = facts;
  return {
    id,
    receivedAt: arrivalOf(id),
    envelope: {
      returnPath: sender === null ? null : toAddress(sender),
      recipients: recipients.map((each) => ({ address: toAddress(each), notify: null, orcpt: null })),
      body: '7BIT',
      smtpUtf8: false,
      requireTls: false,
      ret: null,
      envid: null,
    },
    origin: {
      remoteAddress: facts.remoteAddress ?? '127.0.0.1',
      helo: 'client.contoso.com',
      tls: null,
      inboundConnector: 'Local submission',
      fromOnPremises: true,
      authenticatedUser: null,
    },
    facts: {
      subject: facts.subject ?? 'Figures',
      messageId: `<${id}@contoso.com>`,
      hopCount: 1,
      exchangeHeaders: false,
    },
    size,
  };
}

export function testEvent(kind: TraceEventKind, detail = '', time = Date.now()): TraceEvent {
  return { time, kind, recipients: null, detail, data: {} };
}

export function newMessage(message: Message, more: Partial<NewMessage> = {}): NewMessage {
  return {
    message,
    content: { kind: 'memory', bytes: Buffer.from('hello') },
    inHand: true,
    events: [testEvent('Receive', 'received', message.receivedAt)],
    ...more,
  };
}

export const DELIVERED: DeliveryStatus = {
  action: 'relayed',
  status: '2.0.0',
  diagnostic: '250 2.0.0 queued',
  diagnosticType: 'smtp',
  remoteMta: 'mx.fabrikam.com',
  remoteAddress: '192.0.2.1:25',
};

export const DEFERRED: DeliveryStatus = {
  action: 'deferred',
  status: '4.4.316',
  diagnostic: 'connection refused',
  diagnosticType: 'x-postern',
  remoteMta: 'mx.fabrikam.com',
  remoteAddress: '[2001:db8::1]:25',
};

export function finished(
  recipient: number,
  outcome: FinishedRecipient['outcome'] = 'Delivered',
): FinishedRecipient {
  return { recipient, outcome, status: DELIVERED, connector: 'Contoso Outbound' };
}

export function waiting(recipient: number, more: Partial<WaitingRecipient> = {}): WaitingRecipient {
  return {
    recipient,
    queue: 'guid/fabrikam.com',
    due: 1000,
    attempts: 1,
    lastStatus: DEFERRED,
    delayReported: false,
    ...more,
  };
}

export function settlement(messageId: MessageId, more: Partial<Settlement> = {}): Settlement {
  return { messageId, finished: [], waiting: [], events: [], newMessages: [], ...more };
}

const cleanups = new WeakMap<TestContext, (() => unknown)[]>();

/** Runs after the test, the last one given first. */
function afterwards(context: TestContext, cleanup: () => unknown): void {
  const known = cleanups.get(context);
  if (known !== undefined) {
    known.push(cleanup);
    return;
  }
  const list = [cleanup];
  cleanups.set(context, list);
  context.after(async () => {
    for (const each of list.toReversed()) await each();
  });
}

export function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'postern-store-'));
  afterwards(context, () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A store in a directory of its own; closed and removed after the test. */
export async function openTestStore(
  context: TestContext,
  directory: string = temporaryDirectory(context),
  seams?: StoreSeams,
): Promise<OpenStore> {
  const onFailure = (error: Error): never => {
    throw error;
  };
  const opened = await openStore({ directory, onFailure }, seams);
  afterwards(context, () => opened.close());
  return opened;
}
