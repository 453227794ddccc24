// A gateway with an access token of Organization Management, as somebody who manages it from far away has it.
import type { TestContext } from 'node:test';
import { textOf } from '#parameters/parameter-type.ts';
import { type Gateway, type GatewayOptions, startGateway } from './gateway.ts';
import { createWireClient, type WireClient } from './wire-client.ts';

export interface WireGateway {
  readonly gateway: Gateway;
  readonly client: WireClient;
  readonly token: string;
  /** A token of these role groups. */
  readonly tokenOf: (name: string, roleGroups: readonly string[]) => Promise<string>;
}

export async function startWireGateway(
  t: TestContext,
  options: GatewayOptions = {},
  ca?: string,
): Promise<WireGateway> {
  const gateway = await startGateway(t, options);
  const tokenOf = async (name: string, roleGroups: readonly string[]): Promise<string> => {
    const { objects } = await gateway.run('New-AccessToken', { Name: name, RoleGroup: roleGroups });
    return textOf(objects[0]?.get('Token') ?? null) ?? '';
  };
  const token = await tokenOf('wire', ['Organization Management']);
  const { objects } = await gateway.run('Get-OrganizationConfig');
  const tenant = textOf(objects[0]?.get('Name') ?? null) ?? '';
  const client = createWireClient({
    url: gateway.http,
    tenant,
    authorization: `Bearer ${token}`,
    ...(ca === undefined ? {} : { ca }),
  });
  return { gateway, client, token, tokenOf };
}
