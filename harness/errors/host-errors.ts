// Errors that the machine gives to a system call because it lacks something: space, descriptors, memory, a disk that
// works. No plan injects them as they are, and no program can cause them within its World, so a run in which one came says
// nothing: it ends as an error of the harness, never as a finding. What stays out: what plans inject (run/faults/), and errors
// that a program may cause itself, such as ENOENT.
import { constants } from 'node:os';
import { harnessError, LockstepError } from './errors.ts';
import { limitOf, machineLimit } from './machine-limits.ts';

const disk = {
  says: 'the disk failed',
  remedy: 'Look at the system log (`dmesg`), or set LOCKSTEP_RUNS to another directory.',
} as const;

/** Beside the limits of machine-limits.ts: what stands for each, and what to do about it. */
const others = {
  ENOSPC: {
    says: 'the folder of the runs is full',
    remedy: 'Free some space there (see `npx lockstep doctor`), or set LOCKSTEP_RUNS to another directory.',
  },
  EDQUOT: {
    says: "this user's quota is used up",
    remedy: 'Free some space, or set LOCKSTEP_RUNS to another directory.',
  },
  ENXIO: disk,
  ENODEV: disk,
  EUCLEAN: disk,
  EROFS: { says: 'the file system is read-only', remedy: 'Set LOCKSTEP_RUNS to another directory.' },
  ESTALE: { says: 'the file system was taken away', remedy: 'Set LOCKSTEP_RUNS to a local directory.' },
  ENOLCK: {
    says: 'the system has no file locks left',
    remedy: 'Set LOCKSTEP_RUNS to a local directory, best on tmpfs.',
  },
} as const;

const names = [
  'EMFILE',
  'ENFILE',
  'EAGAIN',
  'ENOMEM',
  'EFBIG',
  'EIO',
  ...(Object.keys(others) as (keyof typeof others)[]),
] as const;

export type HostErrno = (typeof names)[number];

/** EUCLEAN is Linux's own, and Node has no name for it. */
const numbers: { readonly [name: string]: number } = { ...constants.errno, EUCLEAN: 117 };

/** Of EAGAIN only a call that makes a process says that something lacks; to others it says "not now". */
const hostErrnos = new Map(
  names.filter((name) => name !== 'EAGAIN').map((name) => [numbers[name] ?? -1, name] as const),
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

/** @param what the system refused, as in `the write of lab.db-wal by the lane p` */
export function hostError(name: HostErrno, what: string, cause?: unknown): LockstepError {
  const known = name in others ? others[name as keyof typeof others] : limitOf(name);
  return harnessError(
    name === 'ENOSPC' ? 'RUNS_FOLDER_FULL' : 'HOST_ERROR',
    `The system refused ${what} (${name}: ${known?.says ?? 'it said no more'}); no plan asked for that, so this run says nothing.`,
    known?.remedy ?? 'Look at the system log (`dmesg`).',
    cause,
  );
}

/** The same for what another program met and said in words; undefined for what says nothing of the machine. */
export function hostErrorIn(said: string, what: string): LockstepError | undefined {
  const name =
    names.find((one) => new RegExp(`\\b${one}\\b`).test(said)) ??
    (/(uv_thread|pthread)_create/.test(said) ? 'EAGAIN' : undefined);
  return name === undefined ? machineLimit(said, `The system refused ${what}`) : hostError(name, what);
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
