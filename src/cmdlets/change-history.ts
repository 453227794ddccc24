// The history of changes, page by page, newest first: for cmdlets that look for more than the store filters by.
import type { Directory } from '#directory/directory.ts';
import type { ChangeQuery, ChangeRecord } from '#directory/object-store.ts';

const PAGE = 1000;

/** The store pages by time only: what stands at a page's edge comes twice and is passed over. */
export async function* changeHistory(
  directory: Directory,
  query: Omit<ChangeQuery, 'limit'>,
): AsyncGenerator<ChangeRecord, void, undefined> {
  let to = query.to;
  let atEdge = new Set<string>();
  for (;;) {
    const page = await directory.history({ ...query, ...(to === undefined ? {} : { to }), limit: PAGE });
    const fresh = page.filter((record) => !atEdge.has(keyOf(record)));
    yield* fresh;
    const last = page.at(-1);
    if (page.length < PAGE || fresh.length === 0 || last === undefined) return;
    to = last.time;
    atEdge = new Set(page.filter(({ time }) => time === last.time).map(keyOf));
  }
}

function keyOf({ guid, version }: ChangeRecord): string {
  return `${guid} ${version}`;
}
