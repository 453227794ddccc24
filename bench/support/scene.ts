// What a benchmark starts, ended with it in reverse order, whatever happens.
import type { Owner } from '../../test/support/gateway.ts';

export async function withScene(run: (scene: Owner) => Promise<void>): Promise<void> {
  const ends: (() => unknown)[] = [];
  const scene: Owner = { after: (end) => void ends.push(end), signal: new AbortController().signal };
  try {
    await run(scene);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
