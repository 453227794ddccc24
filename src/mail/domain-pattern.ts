// A domain or `*.domain` or `*`, as RecipientDomains and TlsDomain hold them. One meaning everywhere:
// `*.contoso.com` matches contoso.com and every name below it (Exchange), on A-labels, without regard to case.

export type DomainPattern =
  | { readonly kind: 'exact'; readonly domain: string }
  | { readonly kind: 'subtree'; readonly domain: string }
  | { readonly kind: 'any' };
