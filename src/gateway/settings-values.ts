// How the texts of settings are read: endpoints, sizes, numbers, names. Each says what it expects when it can't.
import { isIP } from 'node:net';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export class SettingsError extends Error {}

/** `host:port` or `[v6]:port`. @throws SettingsError */
export function readEndpoint(text: string, defaultPort?: number): Endpoint {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text.trim());
  const bare = isIP(text.trim()) === 6 ? text.trim() : null;
  const host = bare ?? match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (host === undefined || port === undefined || port > 65535) {
    throw new SettingsError(`'${text}' is not HOST:PORT (an IPv6 address goes in brackets: [::1]:25)`);
  }
  return { host, port };
}

/** An address to listen on, each once. @throws SettingsError */
export function readListeners(text: string): readonly Endpoint[] {
  const endpoints = list((part) => readEndpoint(part))(text);
  const names = endpoints.filter(({ port }) => port !== 0).map(({ host, port }) => `${host} port ${port}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new SettingsError(`${twice} is given twice`);
  return endpoints;
}

/** Resolvers are asked by address: their names could be looked up by nobody but themselves. @throws SettingsError */
export function readResolver(text: string): Endpoint {
  const endpoint = readEndpoint(text, 53);
  if (isIP(endpoint.host) === 0 || endpoint.port === 0)
    throw new SettingsError(`'${text}' is not the IP address of a resolver, such as 127.0.0.1:53`);
  return endpoint;
}

/** Part of distinguished names and of paths of the wire API. @throws SettingsError */
export function readOrganization(text: string): string {
  const name = text.trim();
  if (!/^[^\p{Cc}/\\,=+"]{0,64}$/u.test(name))
    throw new SettingsError(
      `'${text.replaceAll(/\p{Cc}/gu, ' ')}' is not a name of up to 64 characters without / \\ , = + "`,
    );
  return name;
}

export const list =
  <T>(read: (text: string) => T) =>
  (text: string): readonly T[] =>
    text
      .split(',')
      .filter((part) => part.trim() !== '')
      .map((part) => read(part.trim()));

export function wholeNumber(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text.trim()) || value < minimum || value > maximum) {
      throw new SettingsError(`'${text}' is not a whole number from ${minimum} to ${maximum}`);
    }
    return value;
  };
}

/** `512MB`, `1 GB`, or octets. @throws SettingsError */
export function readSize(text: string): number {
  const match = /^(\d+)\s*(B|KB|MB|GB|TB)?$/i.exec(text.trim());
  if (!match) throw new SettingsError(`'${text}' is not a size such as 512MB`);
  const power = ['B', 'KB', 'MB', 'GB', 'TB'].indexOf((match[2] ?? 'B').toUpperCase());
  return Number(match[1]) * 1024 ** power;
}

export function oneOf<T extends string>(...values: readonly T[]): (text: string) => T {
  return (text) => {
    const found = values.find((value) => value === text.trim().toLowerCase());
    if (found === undefined) throw new SettingsError(`'${text}' is not one of ${values.join(', ')}`);
    return found;
  };
}

/** RFC 5321 §2.3.5: the name that Postern says in EHLO, in Received fields and in reports. */
export function readHostname(text: string): string {
  const name = text.trim().toLowerCase();
  if (
    !/^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,62}[a-z0-9_])?)*$/.test(
      name,
    )
  ) {
    throw new SettingsError(`'${text}' is not a host name`);
  }
  return name;
}

export function readNetwork(text: string): string {
  const [address = '', prefix] = text.split('/');
  const version = isIP(address);
  const bits = prefix === undefined ? 0 : Number(prefix);
  if (version === 0 || !Number.isInteger(bits) || bits < 0 || bits > (version === 4 ? 32 : 128)) {
    throw new SettingsError(`'${text}' is not an address or a network such as 10.0.0.0/8`);
  }
  return text;
}
