// Resident memory of the whole gateway (one process): idle, while small messages pass, and while one large one does.
//   node bench/memory.ts [--messages 10000] [--large 150] [--workers N]     --large in MB
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startGateway } from '../test/support/gateway.ts';
import { forgetPeak, residentMebibytes } from './support/process-figures.ts';
import { print, withScene } from './support/scene.ts';
import { startSink } from './support/sink.ts';
import { runLoad } from './support/smtp-load.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '10000' },
    large: { type: 'string', default: '150' },
    workers: { type: 'string', default: '0' },
  },
});

await withScene(async (scene) => {
  const sink = await startSink();
  scene.after(() => sink.close());
  const gateway = await startGateway(scene, {
    workers: Number(values.workers),
    env: { MALLOC_ARENA_MAX: '2' },
  });
  const pid = gateway.process.pid ?? 0;
  await gateway.run('Set-TransportConfig', { MaxSendSize: '200MB' });
  await gateway.run('New-OutboundConnector', {
    Name: 'bench',
    RecipientDomains: ['*'],
    UseMXRecord: false,
    SmartHosts: [`127.0.0.1:${sink.port}`],
  });
  await sleep(5000);
  print(`idle: ${residentMebibytes(pid, 'VmRSS')} MiB`);

  const phase = async (name: string, messages: number, sessions: number, size: number): Promise<void> => {
    forgetPeak(pid);
    const before = (await sink.count()).messages;
    const load = await runLoad({ port: gateway.smtp.port, messages, sessions, size, reuse: false });
    await sink.until(before + load.accepted);
    const peak = residentMebibytes(pid, 'VmHWM');
    print(`${name}: ${peak} MiB at most (${load.accepted} accepted, ${load.refused} refused)`);
  };
  await phase(`${values.messages} messages of 4 KiB, 20 sessions`, Number(values.messages), 20, 4096);
  await sleep(3000);
  await phase(`one message of ${values.large} MB`, 1, 1, Number(values.large) * 1e6);
});
