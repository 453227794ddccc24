// Large contents: one file each, streamed to disk with back pressure and synced (file and directory) before the commit
// that takes responsibility for it. A file's name tells its message and the run of the daemon that wrote it, so that
// what a crash left behind can be told from what is being written. Never holds more than a bounded part in memory.
import { mkdirSync } from 'node:fs';
import { access, type FileHandle, link, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Content, MessageId } from '#mail/message.ts';
import { arrivalOf, printMessageId } from '#mail/message-id.ts';
import { fromFailure } from './store-error.ts';
import type { SpoolPlace } from './wire.ts';

/**
 * Contents up to this many octets are kept in the database's row, larger ones in a file. Measured: a file of its own
 * costs two more stable writes and is slower up to about twice this size; every message in hand holds this much.
 */
export const SMALL_CONTENT_LIMIT = 131_072;

const WRITE_BYTES = 524_288;
const HIGH_WATER_BYTES = 1_048_576;

export interface SpoolFile {
  /**
   * Takes the chunk over, and all of its memory where the chunk is all of it: nobody may look at it again. A promise: wait
   * for it before giving more; undefined: go on. Failures show in finish().
   */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** Everything is on stable storage when it resolves. Rejects with StoreFullError or StoreError; the file is gone then. */
  finish(): Promise<Extract<Content, { kind: 'file' }>>;
  /** Removes the file. Never rejects. */
  abandon(): Promise<void>;
}

/** Few, so that all of them can be made, and be on stable storage, before anything comes in. */
const FOLDERS = 16;

/** Below the spool directory: `<hex digit>/<run>-<message id>`. */
export function spoolPath(run: number, id: MessageId): string {
  return `${folderName(arrivalOf(id) % FOLDERS)}/${run}-${printMessageId(id)}`;
}

function folderName(folder: number): string {
  return folder.toString(16);
}

/** Makes the spool directory and all folders in it, those that an earlier run may have made included. @throws the file system's error */
export function makeSpool(directory: string): void {
  for (let folder = 0; folder < FOLDERS; folder += 1)
    mkdirSync(join(directory, folderName(folder)), { recursive: true, mode: 0o700 });
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Gives a content that another message has in a file to this message too, under its own name. Durable when it resolves. */
export async function shareSpoolFile(place: SpoolPlace, id: MessageId, from: string): Promise<string> {
  const path = spoolPath(place.run, id);
  const target = join(place.directory, path);
  if (from === target) {
    // A row must never point to a file that is gone (a refused enqueue removes it).
    await access(target);
    return path;
  }
  // It is there already when a settlement is given a second time.
  await link(from, target).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await syncDirectory(dirname(target));
  return path;
}

/** Removes a file that no message came to own. Never rejects: what is left behind is swept at the next start. */
export async function removeSpoolFile(place: SpoolPlace, path: string): Promise<void> {
  await rm(join(place.directory, path), { force: true }).catch(() => {});
}

export async function createSpoolFile(place: SpoolPlace, id: MessageId): Promise<SpoolFile> {
  const path = join(place.directory, spoolPath(place.run, id));
  try {
    return new StreamedFile(path, await open(path, 'wx', 0o600));
  } catch (error) {
    throw fromFailure(error, 'A spool file could not be made');
  }
}

class StreamedFile implements SpoolFile {
  readonly #path: string;
  readonly #file: FileHandle;
  #chunks: Uint8Array[] = [];
  #held = 0;
  #size = 0;
  #writing: Promise<void> | undefined;
  #failure: unknown;
  #closed = false;

  constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    this.#size += chunk.length;
    if (this.#failure !== undefined) return undefined;
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#held >= WRITE_BYTES) this.#writing ??= this.#flush();
    return this.#held >= HIGH_WATER_BYTES ? this.#writing : undefined;
  }

  async finish(): Promise<Extract<Content, { kind: 'file' }>> {
    try {
      while (this.#held > 0 && this.#failure === undefined) await (this.#writing ??= this.#flush());
      if (this.#failure !== undefined) throw this.#failure;
      // Side by side: a journal that holds both is written once.
      await Promise.all([this.#file.datasync(), syncDirectory(dirname(this.#path))]);
      await this.#close();
      return { kind: 'file', path: this.#path, size: this.#size };
    } catch (error) {
      await this.abandon();
      throw fromFailure(error, 'A spool file could not be written');
    }
  }

  async abandon(): Promise<void> {
    this.#failure ??= new Error('abandoned');
    await this.#writing;
    await this.#close().catch(() => {});
    await rm(this.#path, { force: true }).catch(() => {});
  }

  /** Writes until little is left; what comes meanwhile goes along. Failures are kept for finish(). */
  async #flush(): Promise<void> {
    try {
      do {
        const [chunks, bytes] = [this.#chunks, this.#held];
        this.#chunks = [];
        await this.#writeAll(chunks, bytes);
        for (const chunk of chunks) freeMemory(chunk);
        this.#held -= bytes;
      } while (this.#held >= WRITE_BYTES && this.#failure === undefined);
    } catch (error) {
      this.#failure ??= error;
      this.#chunks = [];
      this.#held = 0;
    } finally {
      this.#writing = undefined;
    }
  }

  async #writeAll(chunks: readonly Uint8Array[], bytes: number): Promise<void> {
    const { bytesWritten } = await this.#file.writev([...chunks]);
    if (bytesWritten === bytes) return;
    const rest = Buffer.concat(chunks).subarray(bytesWritten);
    if (bytesWritten + rest.length !== bytes) throw new Error('a chunk was changed after it was given');
    await this.#file.writeFile(rest);
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#file.close();
  }
}

/**
 * At once, where the chunk is all of its memory. The collector sees only how small its own objects are: it would let a
 * hundred megabytes pile up and then look through the whole heap, again and again (measured: a third of a large
 * message's processor time).
 */
function freeMemory({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
