// The limits of a machine that a system call can meet anywhere, as sentences; also where another program met them and said so in
// words (strerror(3), in the C locale). What stays out: full disks and folders that cannot be written, which are said where
// the folder is known.
import { harnessError, type LockstepError } from './errors.ts';

interface Limit {
  readonly code: string;
  /** Names of errno, and of the signal by which the kernel ends a program that goes on. */
  readonly names: readonly string[];
  readonly words: RegExp;
  readonly says: string;
  readonly remedy: string;
}

const limits: readonly Limit[] = [
  {
    code: 'OPEN_FILES_LIMIT',
    names: ['EMFILE', 'ENFILE'],
    words: /too many open files/i,
    says: 'too many files are open',
    remedy: 'Raise the limit on open files (`ulimit -n`), or run less beside it.',
  },
  {
    code: 'PROCESS_LIMIT',
    names: ['EAGAIN'],
    words: /resource temporarily unavailable|cannot fork/i,
    says: 'no further process may be started',
    remedy: 'Raise the limit on processes (`ulimit -u`, or that of the container), or run less beside it.',
  },
  {
    code: 'OUT_OF_MEMORY',
    names: ['ENOMEM'],
    words: /cannot allocate memory|out of memory|virtual memory exhausted/i,
    says: 'there is no memory left',
    remedy: 'Free some, raise the limit on it (`ulimit -v`, or that of the container), or run less beside it.',
  },
  {
    code: 'FILE_SIZE_LIMIT',
    names: ['EFBIG', 'SIGXFSZ'],
    words: /file too large|file size limit exceeded/i,
    says: 'a file became longer than is allowed',
    remedy: 'Raise the limit on the size of files (`ulimit -f unlimited`).',
  },
  {
    code: 'PROCESSOR_TIME_LIMIT',
    names: ['SIGXCPU'],
    words: /cpu time limit exceeded/i,
    says: 'it took more processor time than is allowed',
    remedy: 'Raise the limit on processor time (`ulimit -t unlimited`).',
  },
  {
    code: 'DISK_FAILED',
    names: ['EIO'],
    words: /input\/output error/i,
    says: 'the disk could not be read or written',
    remedy: 'Look at the system log, and use another disk.',
  },
];

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What a limit of this machine means, and what to do about it; undefined where an errno is none. */
export function limitOf(errno: string): { readonly says: string; readonly remedy: string } | undefined {
  return limits.find(({ names }) => names.includes(errno));
}

/** Is this a system call's error that says nothing about its file, but that this machine gives no more? */
export function isMachineLimit(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno !== undefined && limits.some(({ names }) => names.includes(errno));
}

/**
 * The harness error for a limit; undefined for what is none.
 *
 * @param met a system call's error; or the signal by which a program ended, or what it printed
 * @param doing what could not be done, as the beginning of a sentence: `The gate could not be compiled`
 */
export function machineLimit(met: unknown, doing: string): LockstepError | undefined {
  const name = typeof met === 'string' ? met : errnoOf(met);
  if (name === undefined) return undefined;
  const found = limits.find(({ names, words }) => names.includes(name) || (typeof met === 'string' && words.test(met)));
  if (found === undefined) return undefined;
  const known = found.names.includes(name) ? ` (${name})` : '';
  return harnessError(found.code, `${doing}: ${found.says}${known}.`, found.remedy, met);
}
