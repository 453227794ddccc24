// Hands mail to a gateway as an independent client would: nodemailer's connection, one message at a time.
import { once } from 'node:events';
import SMTPConnection from 'nodemailer/lib/smtp-connection/index.js';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** The whole message; default: a small one with this subject. */
  readonly content?: string | Buffer;
  readonly subject?: string;
}

export function testMessage(subject: string, body = 'Hello.\r\n'): string {
  return `From: sender@contoso.test\r\nTo: someone@fabrikam.test\r\nSubject: ${subject}\r\nMessage-ID: <${subject.replaceAll(/\W/g, '-')}@contoso.test>\r\n\r\n${body}`;
}

/** Sends one message; resolves with the reply to the final dot, rejects with the refusal (`responseCode`, `response`). */
export async function sendMail(
  where: { readonly host: string; readonly port: number },
  mail: Mail,
  options: object = {},
): Promise<string> {
  const connection = new SMTPConnection({
    host: where.host,
    port: where.port,
    secure: false,
    ignoreTLS: true,
    tls: { rejectUnauthorized: false },
    ...options,
  });
  const failed = once(connection, 'error').then(([error]) => Promise.reject(error as Error));
  const ended = once(connection, 'end').then(() => Promise.reject(new Error('The connection ended.')));
  for (const end of [failed, ended]) end.catch(() => undefined);
  try {
    await Promise.race([new Promise<void>((resolve) => connection.connect(() => resolve())), failed, ended]);
    const info = await Promise.race([
      new Promise<{ response: string }>((resolve, reject) => {
        const envelope = { from: mail.from, to: [...mail.to], size: undefined };
        connection.send(envelope, mail.content ?? testMessage(mail.subject ?? 'Test'), (error, sent) =>
          error ? reject(error) : resolve(sent),
        );
      }),
      failed,
      ended,
    ]);
    return info.response;
  } finally {
    connection.close();
  }
}
