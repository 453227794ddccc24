// One question to one name server: over UDP from a fresh socket (so the port is random, RFC 5452 §9.2), and over TCP
// where the answer was truncated. Owns sockets and time limits; knows neither caches nor retries. What doesn't match
// the question is dropped and waited past, as it may be an attacker's guess.
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { DNSSEC_OK, RECURSION_DESIRED, AUTHENTIC_DATA, decode, encode, type Packet } from 'dns-packet';
import { answersQuestion, readHeader } from './answer.ts';
import type { NameServer, QuestionType } from './lookup.ts';

/** RFC 9715: small enough never to be fragmented. */
const UDP_PAYLOAD = 1232;
const FORMERR = 1;

/**
 * The response's bytes, whose id and question were checked.
 * @param id the query's identity, 16 bits that nobody can guess
 * @param timeout milliseconds for UDP, and again for TCP
 * @throws when the server is silent, unreachable or talks nonsense
 */
export async function exchange(
  server: NameServer,
  name: string,
  type: QuestionType,
  id: number,
  timeout: number,
): Promise<Buffer> {
  const query = encode(toQuery(name, type, id));
  const accept = (packet: Buffer) => isReply(packet, name, type, id);
  const reply = await overUdp(server, query, accept, timeout);
  const header = readHeader(reply);
  if (header?.truncated) return overTcp(server, query, name, type, id, timeout);
  if (header?.rcode !== FORMERR) return reply;
  // RFC 6891 §7: a server from before EDNS; asked without it, it answers (and its AD bit is worth nothing).
  return overUdp(server, encode({ ...toQuery(name, type, id), additionals: [] }), accept, timeout);
}

function toQuery(name: string, type: QuestionType, id: number): Packet {
  return {
    type: 'query',
    id,
    // RFC 6840 §5.7: AD in a query asks for the AD bit in the answer.
    flags: RECURSION_DESIRED | AUTHENTIC_DATA,
    questions: [{ name, type }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: UDP_PAYLOAD,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: DNSSEC_OK,
        flag_do: true,
        options: [],
      },
    ],
  };
}

function isReply(packet: Buffer, name: string, type: QuestionType, id: number): boolean {
  const header = readHeader(packet);
  if (header === null || !header.response || header.id !== id) return false;
  // A truncated packet, or an error without its question, has nothing more to check: it is answered over TCP or failed.
  if (header.truncated || (header.rcode !== 0 && packet.readUInt16BE(4) === 0)) return true;
  try {
    return answersQuestion(decode(packet), name, type);
  } catch {
    return false;
  }
}

function overUdp(
  server: NameServer,
  query: Buffer,
  accept: (packet: Buffer) => boolean,
  timeout: number,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
    const finish = (error: Error | null, packet?: Buffer) => {
      clearTimeout(timer);
      socket.removeAllListeners('message');
      socket.on('error', () => {});
      try {
        socket.close();
      } catch {
        // It was closed by the error itself.
      }
      if (packet) resolve(packet);
      else reject(error ?? new Error('no answer'));
    };
    const timer = setTimeout(() => finish(new Error(`no answer within ${timeout} ms`)), timeout);
    socket.once('error', (error) => finish(error));
    socket.on('message', (packet) => {
      if (accept(packet)) finish(null, packet);
    });
    // A connected socket takes packets from this server only, and hears of closed ports.
    socket.connect(server.port, server.address, () => {
      socket.send(query, (error) => {
        if (error) finish(error);
      });
    });
  });
}

function overTcp(
  server: NameServer,
  query: Buffer,
  name: string,
  type: QuestionType,
  id: number,
  timeout: number,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server.address, port: server.port });
    let received = Buffer.alloc(0);
    const finish = (error: Error | null, packet?: Buffer) => {
      clearTimeout(timer);
      socket.destroy();
      if (packet) resolve(packet);
      else reject(error ?? new Error('no answer'));
    };
    const timer = setTimeout(() => finish(new Error(`no answer over TCP within ${timeout} ms`)), timeout);
    socket.once('error', (error) => finish(error));
    socket.once('close', () => finish(new Error('the name server closed the TCP connection')));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      // RFC 1035 §4.2.2: two octets of length first; so nothing beyond 64 KiB is ever held.
      if (received.length < 2) return;
      const length = received.readUInt16BE(0);
      if (received.length < length + 2) return;
      const packet = received.subarray(2, length + 2);
      if (isReply(packet, name, type, id) && !readHeader(packet)?.truncated) finish(null, packet);
      else finish(new Error('the answer over TCP is for another question'));
    });
    const prefix = Buffer.alloc(2);
    prefix.writeUInt16BE(query.length, 0);
    socket.write(Buffer.concat([prefix, query]));
  });
}
