// The keys of a table without its values. Ten thousand connectors have the same forty properties: their tables share one
// shape, and each holds a plain list of values. Shapes never change; adding a key leads to the next shape, which is
// remembered, so that building an object costs one look-up a property. How many are remembered is limited: keys may come
// from anybody.

/** Beyond these, shapes are made for one table alone and not remembered. */
const MAX_NEXT = 64;
const MAX_REMEMBERED = 5000;
let remembered = 0;

export class KeyShape {
  static readonly empty = new KeyShape([]);

  /** In order of insertion, as first spelt. */
  readonly keys: readonly string[];
  #positions: Map<string, number> | null = null;
  #next: Map<string, KeyShape> | null = null;

  private constructor(keys: readonly string[]) {
    this.keys = keys;
  }

  /** Where the key is, without regard to case; -1: not here. */
  positionOf(key: string): number {
    if (this.keys.length === 0) return -1;
    const positions = (this.#positions ??= indexOf(this.keys));
    return positions.get(key) ?? positions.get(key.toLowerCase()) ?? -1;
  }

  /** The shape with this key at the end; null where the key is here already. */
  with(key: string): KeyShape | null {
    const known = this.#next?.get(key);
    if (known) return known;
    if (this.positionOf(key) !== -1) return null;
    const next = new KeyShape([...this.keys, key]);
    if (remembered < MAX_REMEMBERED && (this.#next?.size ?? 0) < MAX_NEXT) {
      remembered += 1;
      (this.#next ??= new Map()).set(key, next);
    }
    return next;
  }

  without(position: number): KeyShape {
    return new KeyShape(this.keys.toSpliced(position, 1));
  }
}

/** Under its own spelling too, which is how it is mostly asked for. */
function indexOf(keys: readonly string[]): Map<string, number> {
  const positions = new Map<string, number>();
  for (const [position, key] of keys.entries()) {
    positions.set(key, position);
    positions.set(key.toLowerCase(), position);
  }
  return positions;
}
