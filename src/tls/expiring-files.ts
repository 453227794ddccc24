// What was fetched and holds until a known time, kept on disk across restarts: revocation lists, MTA-STS policies.
// Names are hashes; a file's modification time is the end of its validity, so that old ones are found without reading
// them. Written whole or not at all (rename). Promises nothing about content: who reads it back checks it again.
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface ExpiringFiles {
  /** Null when there is none. `name`: hexadecimal. */
  read(name: string): Promise<Buffer | null>;
  /** `validUntil`: milliseconds since 1970. */
  write(name: string, octets: Uint8Array, validUntil: number): Promise<void>;
  remove(name: string): Promise<void>;
  /** Removes what isn't valid any more. */
  prune(now: number): Promise<void>;
}

const SUFFIX = '.cached';
const MODE = 0o600;

/** `directory` is made when first written to. */
export function createExpiringFiles(directory: string): ExpiringFiles {
  const place = (name: string) => join(directory, `${name}${SUFFIX}`);
  return {
    async read(name) {
      try {
        return await readFile(place(name));
      } catch {
        return null;
      }
    },
    async write(name, octets, validUntil) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const temporary = join(directory, `${name}.${process.pid}.new`);
      try {
        await writeFile(temporary, octets, { mode: MODE });
        await utimes(temporary, new Date(), new Date(validUntil));
        await rename(temporary, place(name));
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    async remove(name) {
      await rm(place(name), { force: true });
    },
    async prune(now) {
      for (const name of await namesIn(directory)) {
        const path = join(directory, name);
        const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
        if (mtimeMs < now) await rm(path, { force: true });
      }
    },
  };
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith(SUFFIX));
  } catch {
    return [];
  }
}
