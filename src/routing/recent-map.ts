// A map that remembers what was used recently and forgets the rest: two generations of bounded size. A hit in the younger
// one costs a look-up and nothing else, which a list in order of use would not.

export interface RecentMap<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
}

/** Holds at least the `size` most recently used entries, and at most twice as many. */
export function createRecentMap<V>(size: number): RecentMap<V> {
  let young = new Map<string, V>();
  let old = new Map<string, V>();

  function set(key: string, value: V): void {
    if (young.size >= size) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  }

  return {
    get(key) {
      const value = young.get(key);
      if (value !== undefined) return value;
      const aged = old.get(key);
      if (aged !== undefined) set(key, aged);
      return aged;
    },
    set,
  };
}
