// Resolve-DnsName's records, by the machine's resolver; loaded when first asked.

type DnsRow = Readonly<Record<string, string | number>>;

/** Rows in Resolve-DnsName's words; none where the name or the type doesn't exist. Throws where DNS can't be asked. */
export async function resolveDns(name: string, type: string): Promise<readonly DnsRow[]> {
  const dns = await import('node:dns/promises');
  const row = (more: DnsRow): DnsRow => ({ Name: name, Type: type, Section: 'Answer', ...more });
  try {
    switch (type) {
      case 'A':
        return (await dns.resolve4(name, { ttl: true })).map(({ address, ttl }) =>
          row({ TTL: ttl, IPAddress: address }),
        );
      case 'AAAA':
        return (await dns.resolve6(name, { ttl: true })).map(({ address, ttl }) =>
          row({ TTL: ttl, IPAddress: address }),
        );
      case 'MX':
        return (await dns.resolveMx(name)).map(({ exchange, priority }) =>
          row({ NameExchange: exchange, Preference: priority }),
        );
      case 'TXT':
        return (await dns.resolveTxt(name)).map((parts) => row({ Strings: parts.join('') }));
      case 'CNAME':
        return (await dns.resolveCname(name)).map((host) => row({ NameHost: host }));
      case 'NS':
        return (await dns.resolveNs(name)).map((host) => row({ NameHost: host }));
      case 'PTR':
        return (await dns.resolvePtr(name)).map((host) => row({ NameHost: host }));
      case 'SRV':
        return (await dns.resolveSrv(name)).map((srv) =>
          row({ NameTarget: srv.name, Port: srv.port, Priority: srv.priority, Weight: srv.weight }),
        );
      case 'SOA': {
        const soa = await dns.resolveSoa(name);
        return [
          row({ PrimaryServer: soa.nsname, NameAdministrator: soa.hostmaster, SerialNumber: soa.serial }),
        ];
      }
      case 'CAA':
        return (await dns.resolveCaa(name)).map((caa) =>
          row({ Flags: caa.critical, Value: caa.issue ?? caa.issuewild ?? caa.iodef ?? '' }),
        );
      case 'TLSA':
        return (await dns.resolveTlsa(name)).map((tlsa) =>
          row({
            CertificateUsage: tlsa.certUsage,
            Selector: tlsa.selector,
            MatchingType: tlsa.match,
            CertificateAssociationData: Buffer.from(tlsa.data).toString('hex'),
          }),
        );
      default:
        return [];
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENODATA' || code === 'ENOTFOUND') return [];
    throw error;
  }
}
