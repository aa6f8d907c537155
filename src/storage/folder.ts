// Files that others read: the published ledger, certificates, dossiers. Each write replaces a whole file, and is on
// disk, name and all, when it is done; a reader sees the old file or the new one, never half of one.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { appendFile, mkdir, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConclaveError, reasonOf } from '../errors.ts';
import { concat } from '../signing/bytes.ts';

export interface FolderFile {
  /** relative to the folder, with slashes */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface Folder {
  read(path: string): Uint8Array | undefined;
  /** All are durable when it resolves; after a crash in between, any of them may be. */
  write(files: readonly FolderFile[]): Promise<void>;
  /** The same but not synced: for what can be made again, and is looked at before it is relied on. */
  replace(files: readonly FolderFile[]): Promise<void>;
  /** Adds to the end of a file. Not synced: a crash of the machine may lose the end, a crash of the process does not. */
  append(path: string, bytes: Uint8Array): Promise<void>;
  /** Files or folders that are not needed; nothing relies on their being gone. */
  remove(paths: readonly string[]): Promise<void>;
  /** Names directly in a folder below; empty where there is none. */
  names(path: string): Promise<readonly string[]>;
}

/** What a write that was cut short may leave behind. */
const UNFINISHED = '.unfinished-';

export class DiskFolder implements Folder {
  readonly #root: string;
  readonly #made = new Set<string>();
  readonly #mode: number;

  /** `secret`: nobody but the owner may read what is written. */
  constructor(root: string, { secret = false }: { readonly secret?: boolean } = {}) {
    this.#root = root;
    this.#mode = secret ? 0o600 : 0o644;
  }

  read(path: string): Uint8Array | undefined {
    try {
      return readFileSync(join(this.#root, path));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw failed(`could not read ${join(this.#root, path)}`, error);
    }
  }

  async write(files: readonly FolderFile[]): Promise<void> {
    const folders = await this.#putAll(files, true);
    try {
      // Crash before this: a file may be there under its old contents, or not at all, as if never written.
      await Promise.all([...folders].map(sync));
    } catch (error) {
      throw failed(`could not write into ${this.#root}`, error);
    }
  }

  async replace(files: readonly FolderFile[]): Promise<void> {
    await this.#putAll(files, false);
  }

  async append(path: string, bytes: Uint8Array): Promise<void> {
    const target = join(this.#root, path);
    try {
      await this.#make(dirname(target));
      await appendFile(target, bytes, { mode: this.#mode });
    } catch (error) {
      throw failed(`could not write into ${this.#root}`, error);
    }
  }

  async remove(paths: readonly string[]): Promise<void> {
    await Promise.all(paths.map((path) => removeOne(join(this.#root, path))));
    for (const path of paths) this.#made.delete(join(this.#root, path));
  }

  async names(path: string): Promise<readonly string[]> {
    try {
      const names = await readdir(join(this.#root, path));
      return names.filter((name) => !name.startsWith(UNFINISHED)).sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw failed(`could not list ${join(this.#root, path)}`, error);
    }
  }

  async #make(folder: string): Promise<void> {
    if (this.#made.has(folder)) return;
    await mkdir(folder, { recursive: true });
    this.#made.add(folder);
  }

  /** The folders it has written into. */
  async #putAll(files: readonly FolderFile[], synced: boolean): Promise<ReadonlySet<string>> {
    const folders = new Set(files.map(({ path }) => dirname(join(this.#root, path))));
    try {
      for (const folder of folders) await this.#make(folder);
      await Promise.all(files.map((file) => this.#put(file, synced)));
    } catch (error) {
      throw failed(`could not write into ${this.#root}`, error);
    }
    return folders;
  }

  async #put({ path, bytes }: FolderFile, synced: boolean): Promise<void> {
    const target = join(this.#root, path);
    const unfinished = join(dirname(target), `${UNFINISHED}${randomUUID()}`);
    try {
      const file = await open(unfinished, 'wx', this.#mode);
      try {
        await file.writeFile(bytes);
        if (synced) await file.datasync();
      } finally {
        await file.close();
      }
      await rename(unfinished, target);
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined);
      throw error;
    }
  }
}

export class MemoryFolder implements Folder {
  readonly files = new Map<string, Uint8Array>();

  read(path: string): Uint8Array | undefined {
    return this.files.get(path);
  }

  async write(files: readonly FolderFile[]): Promise<void> {
    for (const { path, bytes } of files) this.files.set(path, Uint8Array.from(bytes));
  }

  async replace(files: readonly FolderFile[]): Promise<void> {
    await this.write(files);
  }

  async append(path: string, bytes: Uint8Array): Promise<void> {
    this.files.set(path, concat(this.files.get(path) ?? new Uint8Array(), bytes));
  }

  async remove(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      for (const file of this.files.keys()) {
        if (file === path || file.startsWith(`${path}/`)) this.files.delete(file);
      }
    }
  }

  async names(path: string): Promise<readonly string[]> {
    const prefix = path === '' || path === '.' ? '' : `${path}/`;
    const inside = [...this.files.keys()].filter((file) => file.startsWith(prefix));
    return [...new Set(inside.map((file) => file.slice(prefix.length).split('/')[0] ?? ''))].sort();
  }
}

/** A file goes in one call; looking first what it is would take three. */
async function removeOne(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isMissing(error)) await rm(path, { recursive: true, force: true });
  }
}

/** Makes the names in a folder durable, as far as the file system can. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some systems cannot sync a folder; there its names are as durable as they get.
    if (
      !(error instanceof Error) ||
      !('code' in error) ||
      (error.code !== 'EINVAL' && error.code !== 'EPERM')
    ) {
      throw error;
    }
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function failed(what: string, cause: unknown): ConclaveError {
  const why = reasonOf(cause);
  return new ConclaveError('storage', `${what}: ${why}`, {}, { cause });
}
