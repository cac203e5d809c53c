// The look from outside at living processes: which files they hold open, which of those are deleted, and which locks
// the kernel knows, against those that SQLite believes it holds. Reads /proc only, never the database; on a system
// without /proc the look is empty. What stays out: what the database says (autopsy.ts).
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { hostErrnoOf } from '../errors/host-errors.ts';
import type { BelievedLock, HeldLock, Look, OpenFile } from '../model/history.ts';

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

/** A file below `root` that a process has open, for each of its descriptors, and the locks that it holds on it. */
interface OpenDescriptor {
  readonly key: string;
  readonly locks: readonly Omit<HeldLock, 'process' | 'file' | 'deleted'>[];
}

function openOf(process: Looked, root: string, inodes: Map<string, Inode>): readonly OpenDescriptor[] {
  const folder = `/proc/${process.pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      const target = readlinkSync(`${folder}/${fd}`);
      if (!target.startsWith(`${root}/`)) return [];
      const deleted = target.endsWith(deletedMark);
      const file = target.slice(root.length + 1, deleted ? -deletedMark.length : undefined);
      return [{ key: enter(inodes, `${folder}/${fd}`, file, deleted), locks: locksOf(process, fd) }];
    } catch (error) {
      if (hostErrnoOf(error) !== undefined) throw error;
      return []; // closed between the listing and the look
    }
  });
}

function enter(inodes: Map<string, Inode>, path: string, file: string, deleted: boolean): string {
  const stat = statSync(path, { bigint: true });
  const key = `${stat.dev}:${stat.ino}`;
  inodes.set(key, { file, deleted, bornNs: stat.birthtimeNs, number: stat.ino });
  return key;
}

/** Files in the world's directory, as their names point now. */
function pathsIn(root: string, inodes: Map<string, Inode>): readonly { readonly file: string; readonly key: string }[] {
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => {
      const file = relative(root, join(parentPath, name));
      return { file, key: enter(inodes, join(root, file), file, false) };
    });
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

const kinds = new Map<string, HeldLock['kind']>([
  ['POSIX', 'posix'],
  ['OFDLCK', 'ofd'],
  ['FLOCK', 'flock'],
]);

/** `1: POSIX  ADVISORY  READ  4711 00:1a:99 128 128`, as Documentation/filesystems/proc.rst has it. */
function parseLock(line: string): Omit<HeldLock, 'process' | 'file' | 'deleted'> | undefined {
  const [, kind = '', , mode = '', , , from = '', to = ''] = line.trim().split(/\s+/);
  const known = kinds.get(kind);
  if (known === undefined) return undefined;
  return {
    kind: known,
    mode: mode === 'READ' ? 'read' : 'write',
    from: Number(from),
    to: to === 'EOF' ? Infinity : Number(to),
  };
}

/** Locks of a process on one inode, from one of its descriptors: whole, which /proc/locks is not while others lock. */
function locksOf(process: Looked, fd: string): readonly Omit<HeldLock, 'process' | 'file' | 'deleted'>[] {
  const lines = readFileSync(`/proc/${process.pid}/fdinfo/${fd}`, 'utf8').split('\n');
  return lines.flatMap((line) => (line.startsWith('lock:') ? (parseLock(line.slice('lock:'.length)) ?? []) : []));
}

/** A lock of an open file description keeps others off as well as one of the process. */
function holds(lock: HeldLock, believed: BelievedLock): boolean {
  return (
    lock.kind !== 'flock' &&
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
  if (!existsSync('/proc/self/fdinfo')) return { paths: [], openFiles: [], locks: [], believed, broken: [] };
  const inodes = new Map<string, Inode>();
  const open = processes.map((process) => ({ process: process.name, descriptors: openOf(process, root, inodes) }));
  const named = pathsIn(root, inodes);
  const generations = generationsOf(inodes);
  const openFiles: OpenFile[] = [];
  const locks = new Map<string, HeldLock>();
  for (const { process, descriptors } of open) {
    for (const { key, locks: held } of descriptors) {
      const { file, deleted } = inodes.get(key) ?? { file: '', deleted: false };
      openFiles.push({ process, file, deleted, generation: generations.get(key) ?? 0 });
      // Every descriptor of an inode lists the same POSIX locks.
      for (const lock of held)
        locks.set(`${process} ${key} ${JSON.stringify(lock)}`, { process, file, deleted, ...lock });
    }
  }
  const all = [...locks.values()];
  return {
    paths: named.map(({ file, key }) => ({ file, generation: generations.get(key) ?? 0 })).toSorted(byFile),
    openFiles: openFiles.toSorted((a, b) => a.process.localeCompare(b.process) || byFile(a, b)),
    locks: all.toSorted(
      (a, b) => a.process.localeCompare(b.process) || a.file.localeCompare(b.file) || a.from - b.from,
    ),
    believed,
    broken: believed.filter((lock) => !all.some((held) => holds(held, lock))),
  };
}

interface Generation {
  readonly file: string;
  readonly generation: number;
}

function byFile(a: Generation, b: Generation): number {
  return a.file.localeCompare(b.file) || a.generation - b.generation;
}
