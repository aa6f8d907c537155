// Disks that fill up. Each is a file system of its own, so that one node's disk can be full while the others' are not:
// a small tmpfs where we are root. Elsewhere there is none, and who wants one is told so.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, renameSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BALLAST = 'ballast';
const PIECE_BYTES = 64 * 1024;
const mounted = new Set<string>();

process.once('exit', () => {
  for (const folder of mounted) unmount(folder);
});

/** Mounts a disk of so many megabytes over a folder and puts what was in it onto the disk. */
export function mountSmallDisk(folder: string, megabytes: number): SmallDisk | undefined {
  const aside = `${folder}.aside`;
  cpSync(folder, aside, { recursive: true, preserveTimestamps: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', folder], {
      stdio: 'ignore',
    });
  } catch {
    rmSync(aside, { recursive: true, force: true });
    return undefined;
  }
  mounted.add(folder);
  cpSync(aside, folder, { recursive: true, preserveTimestamps: true });
  rmSync(aside, { recursive: true, force: true });
  return new SmallDisk(folder);
}

export class SmallDisk {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }

  /** Takes all there is but so many bytes. */
  fill(leaveBytes = 0): void {
    const file = join(this.folder, BALLAST);
    const most = Math.max(0, this.freeBytes - leaveBytes);
    const piece = Buffer.alloc(PIECE_BYTES, 1);
    try {
      writeFileSync(file, Buffer.alloc(most, 1), { flag: 'a' });
      // What the node freed or wrote meanwhile.
      if (leaveBytes === 0) for (;;) writeFileSync(file, piece, { flag: 'a' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }

  relieve(): void {
    const file = join(this.folder, BALLAST);
    if (existsSync(file)) truncateSync(file, 0);
    rmSync(file, { force: true });
  }

  /** Puts what is on the disk back into a plain folder: what a test leaves behind must be readable. */
  unmount(): void {
    this.relieve();
    const aside = `${this.folder}.aside`;
    cpSync(this.folder, aside, { recursive: true, preserveTimestamps: true });
    unmount(this.folder);
    rmSync(this.folder, { recursive: true, force: true });
    renameSync(aside, this.folder);
  }
}

function unmount(folder: string): void {
  try {
    execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
  } catch {
    // not mounted any more
  }
  mounted.delete(folder);
}
