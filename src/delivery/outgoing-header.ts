// What is done to a message's header on its way out: the edits of transport rules, then the firewall and conversion of
// Exchange's headers (routing.md). Most messages need neither, and for those nothing is even looked at.
import { convertOutbound, needsOutboundFirewall } from '#routing/cross-premises-headers.ts';
import { applyHeaderEdits } from '#routing/header-edits.ts';
import type { DeliveryRequest } from './deliverer.ts';
import type { EditHeader } from './outgoing-content.ts';

export interface HeaderEditorParts {
  /** The gateway's own name, for the fields that tell what was done. */
  readonly hostname: string;
  /** convertibleNames() of the setting, as it is at the moment. */
  readonly convertible: () => ReadonlySet<string>;
}

/** For createDeliverer's `editHeader`. */
export function createHeaderEditor(
  parts: HeaderEditorParts,
): (request: DeliveryRequest) => EditHeader | null {
  return ({ message, route, headerEdits }) => {
    const mode = route.crossPremisesHeaders;
    // A rule may put in such a field itself (SetSCL), so edits always pass the firewall too.
    if (headerEdits.length === 0 && !needsOutboundFirewall(message.facts, mode)) return null;
    return (header) =>
      convertOutbound(applyHeaderEdits(header, headerEdits), mode, parts.hostname, parts.convertible());
  };
}
