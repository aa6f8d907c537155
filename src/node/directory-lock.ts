// Two processes must never open one council's directory: each would vote with the same keys, and a seat would say two
// different things. So each says that it is running, in a file named after itself, and then looks who else is.
// Nobody's file but a dead process's is ever removed, and only by its full name; so there is no moment at which two
// can both believe to be alone (both may refuse, which is safe), and a process that was killed blocks nobody.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConclaveError } from '../errors.ts';

/** A process as long as the machine is up: a number is used again, with another start. */
interface Identity {
  readonly pid: number;
  /** when it began, in whatever unit the system counts; one spelling for one process */
  readonly started: string;
  /** the boot and the process namespace in which the number means something */
  readonly realm: string;
}

export interface DirectoryLock {
  release(): void;
}

/** What is said when `pid` has it already. */
type Busy = (pid: number) => string;

export function lockDirectory(
  folder: string,
  busy: Busy = (pid) => `process ${pid} has this council open (${folder})`,
): DirectoryLock {
  const self = identityOf(process.pid);
  if (self === undefined) throw new ConclaveError('internal', 'a process cannot find itself');
  const own = nameOf(self);
  try {
    mkdirSync(folder, { recursive: true });
    // Within one process a second opening is as wrong as from another.
    const file = openSync(join(folder, own), 'wx');
    fsyncSync(file);
    closeSync(file);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') throw taken(busy(self.pid));
    throw new ConclaveError('storage', `could not write into ${folder}: ${String(cause)}`, {}, { cause });
  }
  const release = (): void => rmSync(join(folder, own), { force: true });
  for (const name of readdirSync(folder)) {
    const other = name === own ? undefined : parse(name);
    if (other === undefined) continue;
    if (isGone(other, self.realm)) {
      rmSync(join(folder, name), { force: true });
      continue;
    }
    release();
    throw taken(busy(other.pid), other.realm === self.realm ? undefined : join(folder, name));
  }
  return { release };
}

function taken(said: string, foreign?: string): ConclaveError {
  const hint =
    foreign === undefined ? '' : `. It runs in another container; if it is certainly gone, remove ${foreign}`;
  return new ConclaveError('unavailable', `${said}${hint}`);
}

/** Certainly not running any more. What cannot be told counts as running. */
function isGone(other: Identity, realm: string): boolean {
  const [boot] = realm.split('.');
  const [otherBoot] = other.realm.split('.');
  if (boot !== otherBoot) return true; // the machine has started anew since
  if (other.realm !== realm) return false;
  return identityOf(other.pid)?.started !== other.started;
}

function identityOf(pid: number): Identity | undefined {
  const started = startOf(pid);
  return started === undefined ? undefined : { pid, started, realm: realm() };
}

/** Linux tells in clock ticks since the boot; elsewhere `ps` tells the second. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold anything; the start is the twentieth after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    const told = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return told.replace(/[^0-9A-Za-z]+/g, '') || undefined;
  } catch {
    return undefined;
  }
}

function realm(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().replaceAll('-', '');
    const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
    return `${boot}.${namespace}`;
  } catch {
    return 'here.0';
  }
}

function nameOf({ pid, started, realm }: Identity): string {
  return `${pid}-${started}-${realm}`;
}

function parse(name: string): Identity | undefined {
  const [, pid, started, realm] = /^(\d+)-([0-9A-Za-z]+)-([0-9a-z]+\.\d+)$/.exec(name) ?? [];
  if (pid === undefined || started === undefined || realm === undefined) return undefined;
  return { pid: Number(pid), started, realm };
}
