// Errors that the machine gives to a system call because it lacks something: space, descriptors, memory, a disk that
// works. No plan injects them as they are, and no program can cause them within its World, so a run in which one came says
// nothing: it ends as an error of the harness, never as a finding. What stays out: what plans inject (faults/), and errors
// that a program may cause itself, such as ENOENT.
import { constants } from 'node:os';
import { harnessError, LockstepError } from './errors.ts';

const space = 'Free some space there (see `npx lockstep doctor`), or set LOCKSTEP_RUNS to another directory.';
const disk = 'Look at the disk below the runs (`dmesg`), or set LOCKSTEP_RUNS to another directory.';
const descriptors = 'Raise the limit on open files (`ulimit -n`), or run fewer jobs.';

/** What to do about each. */
const remedies = {
  ENOSPC: space,
  EDQUOT: `The disk quota of this user is used up. ${space}`,
  EFBIG: 'Raise the limit on the size of files (`ulimit -f`), or set LOCKSTEP_RUNS to another directory.',
  EMFILE: descriptors,
  ENFILE: descriptors,
  ENOMEM: 'The machine is out of memory, or a limit (`ulimit -v`) is: run fewer jobs, or give it more.',
  EAGAIN: 'Raise the limit on processes (`ulimit -u`), or run fewer jobs.',
  EIO: disk,
  ENXIO: disk,
  ENODEV: disk,
  EUCLEAN: disk,
  EROFS: 'The file system is read-only: set LOCKSTEP_RUNS to another directory.',
  ESTALE: 'The file system was taken away: set LOCKSTEP_RUNS to a local directory.',
  ENOLCK: 'The system has no file locks left: set LOCKSTEP_RUNS to a local directory, best on tmpfs.',
} as const;

export type HostErrno = keyof typeof remedies;

/** EUCLEAN is Linux's own, and Node has no name for it. */
const numbers: { readonly [name: string]: number } = { ...constants.errno, EUCLEAN: 117 };

/** Of EAGAIN only a call that makes a process says that something lacks; to others it says "not now". */
const hostErrnos = new Map(
  (Object.keys(remedies) as HostErrno[])
    .filter((name) => name !== 'EAGAIN')
    .map((name) => [numbers[name] ?? -1, name] as const),
);

/** Name of an errno that only the machine can have caused; undefined for any other. */
export function hostErrnoName(errno: number): HostErrno | undefined {
  return hostErrnos.get(errno);
}

/** Name of an errno, `EWOULDBLOCK` first where names share a number. */
export function errnoName(errno: number): string {
  return Object.entries(numbers).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
}

/** A system call of our own that failed, as Node's own errors are. */
export function systemError(syscall: string, errno: number, path?: string): Error {
  const code = errnoName(errno);
  const at = path === undefined ? '' : ` '${path}'`;
  return Object.assign(new Error(`${code}: ${syscall}${at}`), { code, errno: -errno, syscall, path });
}

/** @param what was refused, as in `the write of lab.db-wal by the lane p` */
export function hostError(name: HostErrno, what: string, cause?: unknown): LockstepError {
  if (name === 'ENOSPC') {
    const says = `The folder of the runs is full (${what}), so this run says nothing.`;
    return harnessError('RUNS_FOLDER_FULL', says, space, cause);
  }
  return harnessError(
    'HOST_ERROR',
    `The system answered ${what} with ${name}; no plan asked for that, so this run says nothing.`,
    remedies[name],
    cause,
  );
}

/** Which error of the machine this is, when it is one: of a system call, as Node throws it. */
export function hostErrnoOf(error: unknown): HostErrno | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  const { code, syscall } = error;
  if (code === 'EAGAIN') return /^(spawn|fork|clone)/.test(String(syscall)) ? code : undefined;
  return [...hostErrnos.values()].find((name) => name === code);
}

/** The sentence for an error of the machine; any other error as it is. */
export function asHostError(error: unknown): unknown {
  const name = hostErrnoOf(error);
  if (name === undefined || error instanceof LockstepError) return error;
  const { syscall, path } = error as Error & { readonly syscall: string; readonly path?: string };
  if (syscall.startsWith('spawn')) return hostError(name, 'the start of a process', error);
  return hostError(name, path === undefined ? `the call ${syscall}` : `the call ${syscall} on ${path}`, error);
}
