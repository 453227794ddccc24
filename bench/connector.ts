// Sends all mail of a running gateway to one smart host: what the benchmarks need before they begin. Waits until the
// gateway's control socket answers.
//   node bench/connector.ts DATA HOST:PORT [NAME=VALUE …]     more parameters of New-OutboundConnector
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { connectToDaemon } from '#api/control-client.ts';

const [data = '', smartHost = '', ...more] = process.argv.slice(2);
const parameters = {
  Name: 'bench',
  RecipientDomains: ['*'],
  UseMXRecord: false,
  SmartHosts: [smartHost],
  ...Object.fromEntries(more.map((each) => each.split('=', 2))),
};

async function connect(): ReturnType<typeof connectToDaemon> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await connectToDaemon(join(data, 'control.sock'), 'bench');
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(100);
    }
  }
}

const daemon = await connect();
const line = `New-OutboundConnector -Name bench -RecipientDomains * -UseMXRecord $false -SmartHosts ${smartHost}`;
await daemon.invoke(
  { cmdlet: 'New-OutboundConnector', parameters, line },
  {
    output: async () => {},
    warning: () => {},
    verbose: () => {},
    whatIf: () => {},
    progress: () => {},
    error: (error) => {
      throw new Error(error.message);
    },
    confirm: null,
    signal: new AbortController().signal,
  },
);
daemon.close();
