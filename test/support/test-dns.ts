// A DNS server for tests, UDP and TCP on one loopback port, answering from zones that a test may change as it goes.
// It can stay silent, fail, truncate, set the AD bit, and lie in the ways a resolver must not fall for.
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import { type Answer, decode, encode, type Packet, type Question } from 'dns-packet';

export interface TestTlsa {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly data: Uint8Array;
}

export interface TestName {
  A?: readonly string[];
  AAAA?: readonly string[];
  MX?: readonly (readonly [preference: number, exchange: string])[];
  TXT?: readonly (string | readonly string[])[];
  TLSA?: readonly TestTlsa[];
  CNAME?: string;
  /** Seconds; default 60. */
  ttl?: number;
  /** The answer carries the AD bit. */
  authenticated?: boolean;
  /** How the server misbehaves for this name; `no-edns`: it refuses questions with EDNS, as old servers do. */
  fault?: 'servfail' | 'refused' | 'silent' | 'wrong-id' | 'wrong-question' | 'garbage' | 'no-edns';
  /** Answers over UDP are cut off; over TCP they are whole. */
  truncated?: boolean;
}

export interface TestDns {
  readonly address: string;
  readonly port: number;
  /** Names are lower case without final dot; a name that isn't there is NXDOMAIN. */
  readonly zones: Map<string, TestName>;
  /** Every question that came in, as `UDP MX example.com`. */
  readonly questions: string[];
  close(): Promise<void>;
}

const RCODE = { noerror: 0, formerr: 1, servfail: 2, nxdomain: 3, refused: 5 };
const AUTHENTIC_DATA = 1 << 5;
const TRUNCATED = 1 << 9;

export async function startTestDns(zones: Record<string, TestName> = {}): Promise<TestDns> {
  const names = new Map(Object.entries(zones));
  const questions: string[] = [];
  const reply = (query: Buffer, overTcp: boolean) => respond(names, questions, query, overTcp);
  const { tcp, udp, port } = await bindBoth(reply);
  return {
    address: '127.0.0.1',
    port,
    zones: names,
    questions,
    async close() {
      await Promise.all([
        new Promise<void>((resolve) => udp.close(() => resolve())),
        new Promise<void>((resolve) => tcp.close(() => resolve())),
      ]);
    },
  };
}

/** UDP and TCP must share a port number: another one is taken where the second is in use. */
async function bindBoth(
  reply: (query: Buffer, overTcp: boolean) => Buffer | null,
): Promise<{ tcp: Server; udp: UdpSocket; port: number }> {
  for (;;) {
    const tcp = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (data: Buffer) => {
        const answer = reply(data.subarray(2), true);
        if (answer === null) return;
        const prefix = Buffer.alloc(2);
        prefix.writeUInt16BE(answer.length, 0);
        socket.end(Buffer.concat([prefix, answer]));
      });
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const bound = tcp.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    const udp = createSocket('udp4');
    udp.on('message', (query, peer) => {
      const answer = reply(query, false);
      if (answer !== null) udp.send(answer, peer.port, peer.address);
    });
    const shared = await new Promise<boolean>((resolve) => {
      udp.once('error', () => resolve(false));
      udp.bind(port, '127.0.0.1', () => resolve(true));
    });
    if (shared) return { tcp, udp, port };
    tcp.close();
  }
}

function respond(
  names: ReadonlyMap<string, TestName>,
  questions: string[],
  query: Buffer,
  overTcp: boolean,
): Buffer | null {
  const packet = decode(query);
  const question = packet.questions?.[0];
  if (question === undefined) return null;
  questions.push(`${overTcp ? 'TCP' : 'UDP'} ${question.type} ${question.name.toLowerCase()}`);
  const data = names.get(question.name.toLowerCase());
  switch (data?.fault) {
    case 'silent':
      return null;
    case 'garbage':
      return Buffer.concat([
        query.subarray(0, 2),
        Buffer.from([0x81, 0x80, 0, 1, 0, 9, 0, 0, 0, 0, 0xff, 0xff]),
      ]);
    case 'servfail':
    case 'refused':
      return encode({ ...toResponse(packet, question), flags: 0x0180 | RCODE[data.fault] });
    case 'no-edns':
      if (packet.additionals?.length === 0) break;
      return encode({ ...toResponse(packet, question), flags: 0x0180 | RCODE.formerr });
    case 'wrong-id':
      return encode({ ...answer(names, packet, question), id: ((packet.id ?? 0) + 1) & 0xffff });
    case 'wrong-question':
      return encode({
        ...answer(names, packet, question),
        questions: [{ type: question.type, name: 'evil.test' }],
      });
    default:
      break;
  }
  if (data?.truncated && !overTcp) {
    return encode({ ...toResponse(packet, question), flags: 0x0180 | TRUNCATED });
  }
  return encode(answer(names, packet, question));
}

function toResponse(query: Packet, question: Question): Packet {
  return { type: 'response', id: query.id ?? 0, flags: 0x0180, questions: [question] };
}

function answer(names: ReadonlyMap<string, TestName>, query: Packet, question: Question): Packet {
  const answers: Answer[] = [];
  let name = question.name.toLowerCase();
  let data = names.get(name);
  let authenticated = data?.authenticated ?? false;
  for (let step = 0; data?.CNAME !== undefined && step < 20; step += 1) {
    answers.push({ type: 'CNAME', name, ttl: data.ttl ?? 60, data: data.CNAME });
    name = data.CNAME;
    data = names.get(name);
    authenticated &&= data?.authenticated ?? false;
  }
  const own = data === undefined ? [] : records(name, data, question.type);
  answers.push(...own);
  const negative: Answer = {
    type: 'SOA',
    name: 'test',
    ttl: 60,
    data: { mname: 'ns.test', rname: 'host.test', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 60 },
  };
  return {
    ...toResponse(query, question),
    flags:
      0x0180 | (authenticated ? AUTHENTIC_DATA : 0) | (data === undefined ? RCODE.nxdomain : RCODE.noerror),
    answers,
    authorities: own.length === 0 ? [negative] : [],
  };
}

function records(name: string, data: TestName, type: string): Answer[] {
  const ttl = data.ttl ?? 60;
  switch (type) {
    case 'A':
      return (data.A ?? []).map((address) => ({ type: 'A', name, ttl, data: address }));
    case 'AAAA':
      return (data.AAAA ?? []).map((address) => ({ type: 'AAAA', name, ttl, data: address }));
    case 'MX':
      return (data.MX ?? []).map(([preference, exchange]) => ({
        type: 'MX',
        name,
        ttl,
        data: { preference, exchange },
      }));
    case 'TXT':
      return (data.TXT ?? []).map((text) => ({ type: 'TXT', name, ttl, data: [text].flat() }));
    case 'TLSA':
      return (data.TLSA ?? []).map(({ data: certificate, ...rest }) => ({
        type: 'TLSA',
        name,
        ttl,
        data: { ...rest, certificate: Buffer.from(certificate) },
      }));
    default:
      return [];
  }
}
