// Every kind of configured object that acts on mail. What loadDirectory is given, next to kinds of other parts of Postern.
import { acceptedDomainObject } from './accepted-domain.ts';
import type { ObjectDeclaration } from './declared-object.ts';
import { distributionGroupObject } from './distribution-group.ts';
import { inboundConnectorObject } from './inbound-connector.ts';
import { organizationConfigObject } from './organization-config.ts';
import { outboundConnectorObject } from './outbound-connector.ts';
import { srsKeysObject } from './srs-keys.ts';
import { submissionUserObject } from './submission-user.ts';
import { transportConfigObject } from './transport-config.ts';
import { transportRuleObject } from './transport-rule.ts';

export const mailObjectKinds: readonly ObjectDeclaration[] = [
  organizationConfigObject,
  transportConfigObject,
  outboundConnectorObject,
  inboundConnectorObject,
  acceptedDomainObject,
  transportRuleObject,
  distributionGroupObject,
  submissionUserObject,
  srsKeysObject,
];
