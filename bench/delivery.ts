// What a delivered message costs the thread that delivers it: node bench/delivery.ts [messages] [at a time]
// A sink in a process of its own takes 4 KiB messages on loopback; processor time is this process's alone.
import { fork } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createDeliverer } from '#delivery/deliver.ts';
import type { DeliveryRequest } from '#delivery/deliverer.ts';
import { createDialler } from '#delivery/dialler.ts';
import { createStaticResolver } from '#dns/static-zones.ts';
import { Watch } from '#smtp/watch.ts';
import { createClientTls } from '#tls/client-tls.ts';
import { createPeerVerifier } from '#tls/peer-verifier.ts';
import { createTrustStore } from '#tls/trust-store.ts';

function runSink(): void {
  const server = createServer({ noDelay: true }, (socket) => {
    let input = '';
    let inContent = false;
    socket.on('error', () => {});
    socket.write('220 sink ESMTP\r\n');
    socket.on('data', (chunk: Buffer) => {
      input += chunk.toString('latin1');
      let output = '';
      for (;;) {
        const mark = inContent ? '\r\n.\r\n' : '\r\n';
        const end = input.indexOf(mark);
        if (end < 0) break;
        const line = input.slice(0, end);
        input = input.slice(end + mark.length);
        if (inContent) output += '250 2.0.0 queued\r\n';
        else if (line === 'DATA') output += '354 go ahead\r\n';
        else if (line.startsWith('EHLO'))
          output += '250-sink\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES\r\n';
        else output += line === 'QUIT' ? '221 bye\r\n' : '250 2.1.0 ok\r\n';
        inContent = !inContent && line === 'DATA';
      }
      if (output !== '') socket.write(output);
      if (output.endsWith('221 bye\r\n')) socket.end();
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const bound = server.address();
    if (typeof bound === 'object' && bound !== null) process.send?.(bound.port);
  });
}

function makeRequest(port: number): DeliveryRequest {
  const bytes = Buffer.from(`Subject: bench\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(56)}`);
  return {
    message: {
      id: 1,
      receivedAt: 0,
      envelope: {
        returnPath: { localPart: 'anna', domain: 'contoso.test' },
        recipients: [{ address: { localPart: 'bob', domain: 'fabrikam.test' }, notify: null, orcpt: null }],
        body: '7BIT',
        smtpUtf8: false,
        requireTls: false,
        ret: null,
        envid: null,
      },
      origin: {
        remoteAddress: '',
        helo: '',
        tls: null,
        inboundConnector: null,
        fromOnPremises: false,
        authenticatedUser: null,
      },
      facts: { subject: 'bench', messageId: '', hopCount: 0, exchangeHeaders: false },
      size: bytes.length,
    },
    content: { kind: 'memory', bytes },
    route: {
      connector: { guid: 'bench', name: 'bench' },
      reason: 'AnyDomain',
      because: '*',
      nextHop: { kind: 'smart-hosts', hosts: [{ kind: 'address', address: '127.0.0.1', port }] },
      tlsLevel: 'Opportunistic',
      tlsDomain: null,
      ruleRequiresTls: false,
      mtaStsMode: 'None',
      smtpDaneMode: 'None',
      crossPremisesHeaders: 'Remove',
      senderRewriting: false,
      hasCredential: false,
    },
    recipients: [0],
    headerEdits: [],
  };
}

async function measure(
  port: number,
  count: number,
  atATime: number,
  messagesPerConnection: number,
): Promise<void> {
  const trust = createTrustStore({ file: null, readFile: () => '' });
  const deliverer = createDeliverer({
    resolver: createStaticResolver({}),
    now: Date.now,
    random: () => 0,
    connection: {
      dial: createDialler(),
      hostname: 'relay.test',
      watch: new Watch(),
      tls: {
        trust,
        clientTls: createClientTls(trust),
        clientCertificate: () => null,
        verifier: createPeerVerifier({ check: () => ({ status: 'NotChecked' }) }, Date.now),
        revocationFailureAction: () => 'Defer',
      },
      credentials: () => Promise.resolve(null),
    },
    policies: null,
    isOwnListener: () => false,
    editHeader: () => null,
    rewriteSender: (sender) => sender,
    messagesPerConnection: () => messagesPerConnection,
  });
  const request = makeRequest(port);
  const run = async (messages: number) => {
    let left = messages;
    const worker = async () => {
      while (left > 0) {
        left -= 1;
        const { results } = await deliverer.deliver(request);
        if (results[0]?.status.action !== 'relayed') throw new Error(JSON.stringify(results));
      }
    };
    await Promise.all(Array.from({ length: atATime }, worker));
  };
  await run(Math.ceil(count / 5));
  const before = process.cpuUsage();
  const begun = performance.now();
  await run(count);
  const { user, system } = process.cpuUsage(before);
  const rate = (count / (performance.now() - begun)) * 1000;
  console.log(
    `${messagesPerConnection} a connection: ${rate.toFixed(0)} messages/s, processor ${(user / count).toFixed(0)} + ${(system / count).toFixed(0)} µs a message`,
  );
  await deliverer.close();
}

if (process.argv[2] === 'sink') runSink();
else {
  const count = Number(process.argv[2] ?? 30_000);
  const atATime = Number(process.argv[3] ?? 10);
  const sink = fork(fileURLToPath(import.meta.url), ['sink']);
  const port = await new Promise<number>((resolve) =>
    sink.once('message', (message) => resolve(Number(message))),
  );
  await measure(port, count, atATime, 100);
  await measure(port, Math.ceil(count / 10), atATime, 1);
  sink.kill();
}
