// The look from outside at living processes: which files they hold open, which of those are deleted, and which locks
// the kernel knows, against those that SQLite believes it holds. Reads /proc only, never the database; on a system
// without /proc the look is empty. What stays out: what the database says (autopsy.ts).
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BelievedLock, HeldLock, Look, OpenFile } from './history.ts';

/** A process to look at. */
export interface Looked {
  readonly name: string;
  readonly pid: number;
}

interface Inode {
  readonly file: string;
  readonly deleted: boolean;
  readonly bornNs: bigint;
  readonly number: bigint;
}

const deletedMark = ' (deleted)';

/** The device and inode as /proc/locks writes them: major:minor in hex, inode in decimal. */
function lockKey(dev: bigint, ino: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  const hex = (n: bigint) => n.toString(16).padStart(2, '0');
  return `${hex(major)}:${hex(minor)}:${ino}`;
}

/** Keys of the files below `root` that a process has open, once for each descriptor. */
function openKeysOf(process: Looked, root: string, inodes: Map<string, Inode>): readonly string[] {
  const folder = `/proc/${process.pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      const target = readlinkSync(`${folder}/${fd}`);
      if (!target.startsWith(`${root}/`)) return [];
      const deleted = target.endsWith(deletedMark);
      const file = target.slice(root.length + 1, deleted ? -deletedMark.length : undefined);
      return [enter(inodes, `${folder}/${fd}`, file, deleted)];
    } catch {
      return []; // closed between the listing and the look
    }
  });
}

function enter(inodes: Map<string, Inode>, path: string, file: string, deleted: boolean): string {
  const stat = statSync(path, { bigint: true });
  const key = lockKey(stat.dev, stat.ino);
  inodes.set(key, { file, deleted, bornNs: stat.birthtimeNs, number: stat.ino });
  return key;
}

/** Files in the world's directory, as their names point now. */
function pathsIn(root: string, inodes: Map<string, Inode>): readonly { readonly file: string; readonly key: string }[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => ({ file: name, key: enter(inodes, join(root, name), name, false) }));
}

/** Numbers the inodes that have borne one name in the order of their birth: descriptors may come in any order. */
function generationsOf(inodes: ReadonlyMap<string, Inode>): ReadonlyMap<string, number> {
  const order = (a: Inode, b: Inode) => Number(a.bornNs - b.bornNs) || Number(a.number - b.number);
  const seen = new Map<string, number>();
  const generations = new Map<string, number>();
  for (const [key, { file }] of [...inodes].toSorted(([, a], [, b]) => order(a, b))) {
    const generation = (seen.get(file) ?? 0) + 1;
    seen.set(file, generation);
    generations.set(key, generation);
  }
  return generations;
}

/** `1: POSIX  ADVISORY  READ  4711 00:1a:99 128 128`, as Documentation/filesystems/proc.rst has it. */
function parseLock(
  line: string,
): { kind: string; mode: string; pid: number; key: string; from: number; to: number } | undefined {
  const words = line.trim().split(/\s+/);
  if (words[1] === '->') return undefined;
  const [, kind = '', , mode = '', pid = '', key = '', from = '', to = ''] = words;
  return { kind, mode, pid: Number(pid), key, from: Number(from), to: to === 'EOF' ? Infinity : Number(to) };
}

function locksOf(processes: readonly Looked[], inodes: ReadonlyMap<string, Inode>): HeldLock[] {
  const names = new Map(processes.map(({ name, pid }) => [pid, name]));
  const locks: HeldLock[] = [];
  for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
    const lock = parseLock(line);
    const process = lock === undefined ? undefined : names.get(lock.pid);
    if (lock === undefined || process === undefined) continue;
    const inode = inodes.get(lock.key);
    if (inode === undefined || (lock.kind !== 'POSIX' && lock.kind !== 'FLOCK')) continue;
    locks.push({
      process,
      file: inode.file,
      deleted: inode.deleted,
      kind: lock.kind === 'POSIX' ? 'posix' : 'flock',
      mode: lock.mode === 'READ' ? 'read' : 'write',
      from: lock.from,
      to: lock.to,
    });
  }
  return locks.toSorted(
    (a, b) => a.process.localeCompare(b.process) || a.file.localeCompare(b.file) || a.from - b.from,
  );
}

function holds(lock: HeldLock, believed: BelievedLock): boolean {
  return (
    lock.kind === 'posix' &&
    lock.process === believed.process &&
    lock.file === believed.file &&
    lock.from <= believed.from &&
    lock.to >= believed.to
  );
}

/**
 * Looks at living processes.
 *
 * @param root the world's directory, as the kernel names it (no symbolic link in it)
 * @param believed what SQLite believes it holds, by the trace
 */
export function look(
  processes: readonly Looked[],
  root: string,
  believed: readonly BelievedLock[],
): Omit<Look, 'label' | 'step'> {
  if (!existsSync('/proc/locks')) return { paths: [], openFiles: [], locks: [], believed, broken: [] };
  const inodes = new Map<string, Inode>();
  const open = processes.map((process) => ({ process: process.name, keys: openKeysOf(process, root, inodes) }));
  const named = pathsIn(root, inodes);
  const generations = generationsOf(inodes);
  const openFiles: OpenFile[] = open.flatMap(({ process, keys }) =>
    keys.map((key) => {
      const { file, deleted } = inodes.get(key) ?? { file: '', deleted: false };
      return { process, file, deleted, generation: generations.get(key) ?? 0 };
    }),
  );
  const locks = locksOf(processes, inodes);
  return {
    paths: named.map(({ file, key }) => ({ file, generation: generations.get(key) ?? 0 })).toSorted(byFile),
    openFiles: openFiles.toSorted((a, b) => a.process.localeCompare(b.process) || byFile(a, b)),
    locks,
    believed,
    broken: believed.filter((lock) => !locks.some((held) => holds(held, lock))),
  };
}

interface Generation {
  readonly file: string;
  readonly generation: number;
}

function byFile(a: Generation, b: Generation): number {
  return a.file.localeCompare(b.file) || a.generation - b.generation;
}
