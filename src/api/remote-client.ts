// The cmdlets of a gateway on another machine, over the wire API with an access token: the same shape as control-client.ts
// gives for the daemon on this one. The wire counts Confirm as given, so whoever must be asked is asked here, before
// anything is sent. A token never goes over an unprotected connection to another machine.
import { CmdletError, mistakes } from '#cmdlets/cmdlet-error.ts';
import type { CmdletHost, Invocation } from '#cmdlets/invocation.ts';
import type { CmdletMetadata } from '#parameters/metadata.ts';
import { textOf } from '#parameters/parameter-type.ts';
import { toWire, WireValueError } from '#parameters/wire-value.ts';
import { NoDaemonError } from './control-client.ts';
import type { CmdletSource } from './control-client.ts';
import { isObject, PROTOCOL, textMember } from './control-protocol.ts';
import type { Hello } from './control-protocol.ts';
import { fromODataObject, toOData } from './odata-value.ts';

type Json = Readonly<Record<string, unknown>>;

/** `url` as in https://gateway.contoso.com:8025. Throws NoDaemonError with what to do about it. */
export async function connectToGateway(url: string, token: string): Promise<CmdletSource> {
  const base = baseUrl(url);
  const get = async (path: string): Promise<Json> => request(`${base}/adminapi/${path}`, token, null);
  const about = await get('cmdlets');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a gateway's own answer to this very question
  const all = about['value'] as readonly CmdletMetadata[];
  const organization = textMember(about, 'organization') ?? '';
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const views = about['views'] as Hello['views'];
  const describe = (name: string): CmdletMetadata | null =>
    all.find((metadata) => metadata.name.toLowerCase() === name.toLowerCase()) ?? null;
  return {
    hello: { protocol: PROTOCOL, version: textMember(about, 'version') ?? '', organization, views },
    list: () => Promise.resolve(all),
    describe: (name) => Promise.resolve(describe(name)),
    async complete(kind, prefix) {
      const { value } = await get(`completions?${new URLSearchParams({ kind, prefix }).toString()}`);
      return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
    },
    async invoke(invocation, host) {
      const metadata = describe(invocation.cmdlet);
      if (metadata && !(await isConfirmed(metadata, invocation, host))) return;
      const body = commandBody(invocation);
      const typeName = metadata?.outputType ?? 'PSCustomObject';
      let next: string | null = `${base}/adminapi/beta/${encodeURIComponent(organization)}/InvokeCommand`;
      while (next !== null) {
        const page: Json = await request(next, token, body, host.signal);
        for (const row of listOf(page['value'])) await host.output(fromODataObject(row, typeName));
        for (const warning of listOf(page['@adminapi.warnings'])) tell(String(warning), host);
        next = textMember(page, '@odata.nextLink', 4096);
      }
    },
    close: () => undefined,
  };
}

function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new NoDaemonError(
      `'${text}' is not the address of a gateway. Give one such as https://gateway.contoso.com:8025.`,
    );
  }
  if (url.protocol === 'http:' && !/^(?:localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname)) {
    throw new NoDaemonError(`The token would go to ${url.hostname} unprotected. Use https.`);
  }
  return url.origin;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function tell(warning: string, host: CmdletHost): void {
  if (warning.startsWith('What if: ')) host.whatIf(warning);
  else host.warning(warning);
}

/** Asks as the daemon would; false: no. */
async function isConfirmed(
  metadata: CmdletMetadata,
  { parameters }: Invocation,
  host: CmdletHost,
): Promise<boolean> {
  const given = new Map(Object.entries(parameters).map(([name, value]) => [name.toLowerCase(), value]));
  const isOn = (name: string): boolean => /^(?:\$?true|1)$/i.test(textOf(given.get(name) ?? null) ?? '');
  if (!metadata.supportsShouldProcess || isOn('whatif')) return true;
  const asksByItself = metadata.confirmImpact === 'High' && !isOn('force');
  if (given.has('confirm') ? !isOn('confirm') : !asksByItself) return true;
  const action = metadata.name.split('-')[0] ?? metadata.name;
  const target = textOf(given.get('identity') ?? given.get('name') ?? null) ?? metadata.name;
  if (!host.confirm) throw mistakes.cannotPrompt(action, target);
  return (await host.confirm(target, action)).startsWith('Yes');
}

function commandBody({ cmdlet, parameters }: Invocation): string {
  try {
    for (const value of Object.values(parameters)) toWire(value);
  } catch (error) {
    if (error instanceof WireValueError) throw mistakes.invalidArgument(null, error.message);
    throw error;
  }
  const entries = Object.entries(parameters).map(([name, value]) => [name, toOData(value)] as const);
  return JSON.stringify({ CmdletInput: { CmdletName: cmdlet, Parameters: Object.fromEntries(entries) } });
}

async function request(url: string, token: string, body: string | null, signal?: AbortSignal): Promise<Json> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  let response: Response;
  let answer: unknown;
  try {
    const method = body === null ? 'GET' : 'POST';
    response = await fetch(url, { method, headers, body, signal: signal ?? null, redirect: 'error' });
    answer = await response.json();
  } catch (error) {
    if (signal?.aborted === true) throw mistakes.stopped();
    throw new NoDaemonError(`No gateway answers at ${new URL(url).origin}: ${reasonOf(error)}`);
  }
  const page = isObject(answer) ? answer : {};
  if (response.ok) return page;
  const error = toCmdletError(page, response.status);
  if (response.status === 401)
    throw new NoDaemonError(`The gateway did not accept the token: ${error.message}`);
  throw error;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function toCmdletError(page: Json, status: number): CmdletError {
  const error = isObject(page['error']) ? page['error'] : {};
  const inner = isObject(error['innererror']) ? error['innererror'] : {};
  const exception = isObject(inner['internalexception']) ? inner['internalexception'] : {};
  const type = (textMember(exception, 'type') ?? 'AdminApiException').split('.').at(-1) ?? '';
  const kind = {
    category: textMember(inner, 'category') ?? 'NotSpecified',
    errorId: textMember(inner, 'errorId') ?? 'AdminApiError',
    exception: type,
    status,
  };
  const message = textMember(error, 'message', 65_536) ?? `The gateway answered with status ${status}.`;
  return new CmdletError(kind, { message, parameter: textMember(error, 'target') || null });
}
