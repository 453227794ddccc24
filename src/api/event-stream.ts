// Server-sent events for administrators: what was changed, what became of messages. Each subscriber gets what their roles
// let them look at. A subscriber who reads too slowly is cut off and comes back with Last-Event-ID.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Directory } from '#directory/directory.ts';
import type { Session } from '#cmdlets/session.ts';

export interface AdminEvent {
  readonly type: 'change' | 'trace';
  /** Only for sessions that may use this cmdlet. */
  readonly cmdlet: string;
  /** JSON-able. */
  readonly data: unknown;
}

export interface EventHub {
  publish(event: AdminEvent): void;
  /** Answers the request with the stream; false where there are too many already. */
  serve(request: IncomingMessage, response: ServerResponse, session: Session): boolean;
  /** Ends all streams. */
  close(): void;
}

/** Kept for those who come back. */
const KEPT = 500;
const MAX_SUBSCRIBERS = 100;
const MAX_UNREAD = 1024 * 1024;
const HEARTBEAT = 25_000;
/** Then the subscriber has to sign in again: a token may have expired, a user may have been locked out. */
const LONGEST = 15 * 60_000;

/** `watched` hears when the first subscriber comes and when the last one has gone. */
export function createEventHub(watched: (on: boolean) => void = () => undefined): EventHub {
  const kept: (AdminEvent & { readonly id: number })[] = [];
  const subscribers = new Map<ServerResponse, Session>();
  let lastId = 0;
  const send = (
    response: ServerResponse,
    session: Session,
    event: AdminEvent & { readonly id: number },
  ): void => {
    if (!session.allows(event.cmdlet)) return;
    response.write(`id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`);
    if (response.writableLength > MAX_UNREAD) response.destroy();
  };
  const heartbeat = setInterval(() => {
    for (const response of subscribers.keys()) response.write(': still here\n\n');
  }, HEARTBEAT);
  heartbeat.unref();
  return {
    publish(event) {
      const numbered = { ...event, id: ++lastId };
      kept.push(numbered);
      if (kept.length > KEPT) kept.shift();
      for (const [response, session] of subscribers) send(response, session, numbered);
    },
    serve(request, response, session) {
      if (subscribers.size >= MAX_SUBSCRIBERS) return false;
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
      });
      response.write('retry: 3000\n\n');
      const seen = Number(request.headers['last-event-id'] ?? Number.NaN);
      // Numbers begin anew with the process: a larger one than there is was seen before.
      const since = seen > lastId ? 0 : seen;
      if (Number.isInteger(seen))
        for (const event of kept) if (event.id > since) send(response, session, event);
      subscribers.set(response, session);
      if (subscribers.size === 1) watched(true);
      const end = setTimeout(() => response.end(), LONGEST);
      end.unref();
      response.on('close', () => {
        clearTimeout(end);
        if (subscribers.delete(response) && subscribers.size === 0) watched(false);
      });
      return true;
    },
    close() {
      clearInterval(heartbeat);
      for (const response of subscribers.keys()) response.end();
    },
  };
}

/** Changes of configured objects, as events: who, by which cmdlet, which object. Values are for Search-AdminAuditLog. */
export function publishChanges(directory: Directory, hub: EventHub): () => void {
  return directory.onChange(({ author, objects }) => {
    for (const { kind, guid, before, after } of objects) {
      const data = {
        user: author.user,
        cmdlet: author.cmdlet,
        kind,
        guid,
        name: after?.values.Name ?? before?.values.Name ?? '',
        action: before === null ? 'Added' : after === null ? 'Removed' : 'Changed',
        version: after?.version ?? null,
      };
      hub.publish({ type: 'change', cmdlet: `Get-${kind}`, data });
    }
  });
}
