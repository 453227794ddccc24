// One entry of a connector's SmartHosts: a host name, an address, or a pool of addresses (CIDR), with a port.

export type SmartHost =
  | { readonly kind: 'name'; readonly name: string; readonly port: number }
  | { readonly kind: 'address'; readonly address: string; readonly port: number }
  /** seed: CIDR. `address` is as written; it is tried first if it has host bits (Postern). */
  | { readonly kind: 'pool'; readonly address: string; readonly prefix: number; readonly port: number };
