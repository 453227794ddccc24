// Every cmdlet of configured objects that act on mail, and their tables: what the composition root registers.
import type { TypeView } from '#parameters/metadata.ts';
import { acceptedDomainCmdlets, acceptedDomainViews } from './accepted-domain/accepted-domain-cmdlets.ts';
import { adminAuditLogViews, searchAdminAuditLog } from './admin-audit-log/search-admin-audit-log.ts';
import type { Cmdlet } from './cmdlet.ts';
import type { DirectoryServices } from './directory-services.ts';
import {
  distributionGroupCmdlets,
  distributionGroupViews,
} from './distribution-group/distribution-group-cmdlets.ts';
import {
  inboundConnectorCmdlets,
  inboundConnectorViews,
} from './inbound-connector/inbound-connector-cmdlets.ts';
import { organizationConfigCmdlets } from './organization-config/organization-config-cmdlets.ts';
import {
  outboundConnectorCmdlets,
  outboundConnectorViews,
} from './outbound-connector/outbound-connector-cmdlets.ts';
import { rotateSenderRewritingKey } from './sender-rewriting-key/rotate-sender-rewriting-key.ts';
import { submissionUserCmdlets, submissionUserViews } from './submission-user/submission-user-cmdlets.ts';
import { transportConfigCmdlets } from './transport-config/transport-config-cmdlets.ts';
import { transportRuleCmdlets, transportRuleViews } from './transport-rule/transport-rule-cmdlets.ts';

export const directoryCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  ...outboundConnectorCmdlets,
  ...inboundConnectorCmdlets,
  ...acceptedDomainCmdlets,
  ...transportRuleCmdlets,
  ...distributionGroupCmdlets,
  ...submissionUserCmdlets,
  ...transportConfigCmdlets,
  ...organizationConfigCmdlets,
  rotateSenderRewritingKey,
  searchAdminAuditLog,
];

export const directoryViews: readonly TypeView[] = [
  ...outboundConnectorViews,
  ...inboundConnectorViews,
  ...acceptedDomainViews,
  ...transportRuleViews,
  ...distributionGroupViews,
  ...submissionUserViews,
  ...adminAuditLogViews,
];
