// The look from outside at living processes: which files they hold open, which of those are deleted, and which locks
// the kernel knows, against those that SQLite believes it holds. Reads /proc only, never the database; on a system
// without /proc the look is empty. What stays out: what the database says (autopsy.ts).
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import type { BelievedLock, HeldLock, Look, OpenFile } from './history.ts';

/** A process to look at. */
export interface Looked {
  readonly name: string;
  readonly pid: number;
}

interface Inode {
  readonly file: string;
  readonly deleted: boolean;
}

const deletedMark = ' (deleted)';

/** The device and inode as /proc/locks writes them: major:minor in hex, inode in decimal. */
function lockKey(dev: bigint, ino: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  const hex = (n: bigint) => n.toString(16).padStart(2, '0');
  return `${hex(major)}:${hex(minor)}:${ino}`;
}

function openFilesOf(process: Looked, root: string, inodes: Map<string, Inode>): { name: string; key: string }[] {
  const folder = `/proc/${process.pid}/fd`;
  const found: { fd: number; name: string; key: string }[] = [];
  for (const fd of readdirSync(folder)) {
    try {
      const target = readlinkSync(`${folder}/${fd}`);
      if (!target.startsWith(`${root}/`)) continue;
      const stat = statSync(`${folder}/${fd}`, { bigint: true });
      const key = lockKey(stat.dev, stat.ino);
      const deleted = target.endsWith(deletedMark);
      const file = target.slice(root.length + 1, deleted ? -deletedMark.length : undefined);
      inodes.set(key, { file, deleted });
      found.push({ fd: Number(fd), name: file, key });
    } catch {
      // Closed between the listing and the look.
    }
  }
  return found.toSorted((a, b) => a.fd - b.fd);
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
  if (!existsSync('/proc/locks')) return { openFiles: [], locks: [], believed, broken: [] };
  const inodes = new Map<string, Inode>();
  const generations = new Map<string, string[]>();
  const openFiles: OpenFile[] = [];
  for (const process of processes) {
    for (const { name, key } of openFilesOf(process, root, inodes)) {
      const known = generations.get(name) ?? [];
      if (!known.includes(key)) known.push(key);
      generations.set(name, known);
      const deleted = inodes.get(key)?.deleted ?? false;
      openFiles.push({ process: process.name, file: name, deleted, generation: known.indexOf(key) + 1 });
    }
  }
  const locks = locksOf(processes, inodes);
  const broken = believed.filter((lock) => !locks.some((held) => holds(held, lock)));
  return { openFiles, locks, believed, broken };
}
