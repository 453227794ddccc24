// Who is a member of a distribution group, for the MemberOf conditions: members of groups in groups count, however deep,
// and groups that hold each other do no harm. A group's list is made at its first use and kept with the configuration.
import type { DistributionGroup } from '#directory/configuration.ts';

/** Members of one group with all that is nested in it; beyond it the rest is left out. */
const MAX_MEMBERS = 1_000_000;
const NOBODY: ReadonlySet<string> = new Set();

export interface GroupMembers {
  /** Lower-case addresses of the members of the group with this GUID; empty where there is no such group. */
  of(guid: string): ReadonlySet<string>;
}

export function createGroupMembers(groups: readonly DistributionGroup[]): GroupMembers {
  const known = new Map<string, ReadonlySet<string>>();
  let byGuid: Map<string, DistributionGroup> | undefined;
  let byAddress: Map<string, DistributionGroup> | undefined;

  function collect(first: DistributionGroup): ReadonlySet<string> {
    byAddress ??= new Map(groups.map((group) => [group.PrimarySmtpAddress.toLowerCase(), group]));
    const members = new Set<string>();
    const entered = new Set([first]);
    // A set may grow while it is walked: what is added is visited too.
    for (const group of entered) {
      for (const member of group.Members) {
        if (members.size >= MAX_MEMBERS) return members;
        members.add(member);
        const nested = byAddress.get(member);
        if (nested !== undefined) entered.add(nested);
      }
    }
    return members;
  }

  return {
    of(guid) {
      const ready = known.get(guid);
      if (ready !== undefined) return ready;
      byGuid ??= new Map(groups.map((group) => [group.Guid, group]));
      const group = byGuid.get(guid);
      const members = group === undefined ? NOBODY : collect(group);
      known.set(guid, members);
      return members;
    },
  };
}
