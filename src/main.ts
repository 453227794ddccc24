// `postern serve`: reads the settings, starts the gateway, says when it is ready, and ends it when it is asked to.
// Exit codes: 0 stopped, 1 broke down (start again: nothing is lost), 2 could not start.
import { flushCompileCache } from 'node:module';
import { createLog } from '#gateway/log.ts';
import { describeError } from '#gateway/log-fields.ts';
import { type Gateway, startGateway } from '#gateway/gateway.ts';
import { readSettings, type Settings, settingsHelp, unknownVariables } from '#gateway/settings.ts';
import { StartError } from '#gateway/start-error.ts';
import { SettingsError } from '#gateway/settings-values.ts';

const STOP_MILLISECONDS = 8_000;

function refuse(message: string): never {
  process.stderr.write(`postern: ${message}\n`);
  process.exit(2);
}

async function settingsOrExit(args: readonly string[]): Promise<Settings> {
  try {
    return await readSettings(args, process.env);
  } catch (error) {
    if (error instanceof SettingsError) return refuse(error.message);
    throw error;
  }
}

async function serve(args: readonly string[]): Promise<void> {
  const settings = await settingsOrExit(args);
  const log = await createLog(settings['log-level']);
  for (const name of unknownVariables(process.env))
    log.warn("a variable that looks like a setting is none; './postern serve --help' lists what there is", {
      name,
    });
  let gateway: Gateway;
  try {
    gateway = await startGateway(settings, log, (reason) => {
      log.error('the gateway broke down and ends; what it held is in the store', { reason });
      process.exit(1);
    });
  } catch (error) {
    if (error instanceof StartError) return refuse(error.message);
    log.error('the gateway could not start', describeError(error));
    process.exit(2);
  }
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info('stopping', { signal });
    setTimeout(() => {
      log.error('the gateway did not stop in time; what it had on its way waits for the next start');
      process.exit(1);
    }, STOP_MILLISECONDS + 1_500).unref();
    gateway.stop(STOP_MILLISECONDS).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error('the gateway could not stop cleanly', describeError(error));
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('SIGHUP', () => gateway.reloadCertificates());
  const smtp = gateway.smtp
    .map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`)
    .join(',');
  process.stdout.write(`ready smtp=${smtp} http=${httpUrl(gateway.http)} data=${settings.data}\n`);
  // Else what was compiled is kept at a clean end only, and a gateway that is killed starts slow and large again.
  flushCompileCache();
}

function httpUrl({ host, port, encrypted }: Gateway['http']): string {
  return `${encrypted ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

// Mail and secrets are nobody else's, also where the data directory was made by somebody who let others look in.
process.umask(0o077);
const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) process.stdout.write(`${settingsHelp()}\n`);
else await serve(args);
