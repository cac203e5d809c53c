// The few system calls that Node does not offer and Lockstep cannot do without, through koffi: FIFOs, a poll with a
// time limit, a wait that leaves the child for Node to reap, the adoption of orphans, flock(2), and the processors that a
// thread may use. What stays out: any policy.
import { constants } from 'node:os';
import koffi from 'koffi';
import { harnessError } from '../errors/errors.ts';
import { statOf } from './process-state.ts';
import { asHostError, errnoName, systemError } from '../errors/host-errors.ts';

const libc = koffi.load(null); // what this process has loaded already: the C library under any name
const cMkfifo = libc.func('int mkfifo(const char *path, uint mode)');
const cPoll = libc.func('int poll(_Inout_ uint8_t *fds, ulong n, int timeout)');
const cWaitid = libc.func('int waitid(int type, uint id, _Inout_ uint8_t *info, int options)');
const cFlock = libc.func('int flock(int fd, int operation)');

const POLLIN = 1;
const POLLOUT = 4;
const POLLHUP = 16;
const P_PID = 1;
// <sys/wait.h>: Linux and macOS number these differently.
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = process.platform === 'darwin' ? 0x20 : 0x01000000;
const LOCK = { shared: 1, exclusive: 2, nonBlocking: 4, unlock: 8 } as const;

/** Makes a FIFO, readable and writable by its owner. Throws a harness error with the errno. */
export function makeFifo(path: string): void {
  if (cMkfifo(path, 0o600) === 0) return;
  const failed = systemError('mkfifo', koffi.errno(), path);
  const known = asHostError(failed);
  if (known !== failed) throw known;
  throw harnessError(
    'FIFO_FAILED',
    `The FIFO ${path} could not be made (${failed.message}).`,
    'Lockstep needs a directory on a local file system for its runs: check TMPDIR, or free some space.',
  );
}

const pollBuffer = new Uint8Array(16);
const pollView = new DataView(pollBuffer.buffer);
let lastWakeFd = -1;

/** poll(2) for one descriptor and for another that is only to wake it. Result: what the first is ready for; 0: nothing. */
function poll(fd: number, events: number, timeoutMs: number, wakeFd: number): number | 'interrupted' {
  pollView.setInt32(0, fd, true); // a negative one is passed over
  pollView.setInt32(4, events, true);
  if (wakeFd !== lastWakeFd) {
    pollView.setInt32(8, wakeFd, true);
    pollView.setInt32(12, POLLIN, true);
    lastWakeFd = wakeFd;
  }
  const n = Number(cPoll(pollBuffer, wakeFd < 0 ? 1 : 2, Math.ceil(timeoutMs)));
  if (n < 0) {
    if (koffi.errno() === constants.errno.EINTR) return 'interrupted';
    throw systemError('poll', koffi.errno());
  }
  const seen = pollView.getUint16(6, true);
  return n > 0 && seen === 0 ? 'interrupted' : seen;
}

/**
 * Waits until a descriptor can be read.
 *
 * @param fd undefined: only for the other, or for the time to pass
 * @param timeoutMs real milliseconds
 * @param wakeFd ends the wait when it can be read
 * @returns `readable`, `closed` (no writer and nothing left to read), `timeout`, or `interrupted` by a signal or `wakeFd`
 */
export function pollReadable(
  fd: number | undefined,
  timeoutMs: number,
  wakeFd: number | undefined = -1,
): 'readable' | 'closed' | 'timeout' | 'interrupted' {
  const seen = poll(fd ?? -1, POLLIN, timeoutMs, wakeFd);
  if (seen === 'interrupted') return seen;
  if (seen === 0) return 'timeout';
  if ((seen & POLLIN) !== 0) return 'readable';
  return (seen & POLLHUP) !== 0 ? 'closed' : 'readable';
}

/** Waits until a descriptor can be written, as {@link pollReadable} does. */
export function pollWritable(fd: number, timeoutMs: number, wakeFd: number | undefined = -1): 'writable' | 'not yet' {
  const seen = poll(fd, POLLOUT, timeoutMs, wakeFd);
  return seen === 'interrupted' || seen === 0 ? 'not yet' : 'writable';
}

const waitInfo = new Uint8Array(128);
const waitView = new DataView(waitInfo.buffer);

/** How a process ended. */
export type ProcessEnd = { readonly exitCode: number } | { readonly signal: string };

/** The status that waitid(2) has just given. */
function statusOfWait(): ProcessEnd {
  // siginfo_t: si_signo, si_errno, si_code, padding, si_pid, si_uid, si_status (Linux, 64 bit; macOS has no padding).
  const darwin = process.platform === 'darwin';
  const code = waitView.getInt32(8, true);
  const status = waitView.getInt32(darwin ? 20 : 24, true);
  if (code === 1) return { exitCode: status };
  return { signal: signalName(status) };
}

function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found === undefined ? `signal ${number}` : found[0];
}

/**
 * Blocks until a child is dead and all its descriptors and locks are gone, and leaves its status for Node to collect.
 * (A process becomes a zombie only after the kernel has closed its files: exit_files comes before exit_notify.)
 *
 * @returns how it died, or undefined when it is no child of ours any more (Node has reaped it)
 */
export function awaitDeath(pid: number): ProcessEnd | undefined {
  while (cWaitid(P_PID, pid, waitInfo, WEXITED | WNOWAIT) !== 0) {
    if (koffi.errno() !== constants.errno.EINTR) return undefined;
  }
  return statusOfWait();
}

/**
 * How a process has died, without waiting; leaves its status for who is to collect it. See {@link awaitDeath} for its files.
 *
 * @returns `unknown` when it is there no more: somebody has collected it, Node if it was a child of ours, else its parent
 */
export function endOf(pid: number): ProcessEnd | 'alive' | 'unknown' {
  waitView.setInt32(0, 0, true);
  if (cWaitid(P_PID, pid, waitInfo, WEXITED | WNOWAIT | WNOHANG) !== 0) return endOfStranger(pid);
  return waitView.getInt32(0, true) === 0 ? 'alive' : statusOfWait();
}

/** Processes that are no children of ours, though we started what forked them: waitid(2) does not know them. */
const strangers = new Set<number>();

/** From now on {@link endOf} knows a process that a child of ours has forked; until it is forgotten, for its number is used again. */
export function followStranger(pid: number): void {
  strangers.add(pid);
}

export function forgetStranger(pid: number): void {
  strangers.delete(pid);
}

/** Place of exit_code in /proc/…/stat, from the state on (proc_pid_stat(5)). */
const exitCodeField = 49;

function endOfStranger(pid: number): ProcessEnd | 'alive' | 'unknown' {
  const stat = strangers.has(pid) ? statOf(`/proc/${pid}`) : [];
  const [state = ''] = stat;
  if (state === '') return 'unknown';
  if (state !== 'Z' && state !== 'X') return 'alive';
  const code = Number(stat[exitCodeField]);
  return (code & 0x7f) === 0 ? { exitCode: code >> 8 } : { signal: signalName(code & 0x7f) };
}

const cSyscall =
  process.platform === 'linux' ? libc.func('long syscall(long number, long pid, long flags)') : undefined;
const pidfdOpen = 434; // SYS_pidfd_open: on every processor, since Linux 5.3

/** A descriptor that can be read when the process is dead (pidfd_open(2)); undefined where there is none to be had. */
export function openPidFd(pid: number): number | undefined {
  const fd = Number(cSyscall?.(pidfdOpen, pid, 0) ?? -1);
  return fd < 0 ? undefined : fd;
}

const cPrctl =
  process.platform === 'linux' ? libc.func('int prctl(int option, ulong a, ulong b, ulong c, ulong d)') : undefined;
const PR_SET_CHILD_SUBREAPER = 36;

/**
 * From now on a process whose parent dies becomes a child of this one, if it descends from it (prctl(2)).
 *
 * @returns false where the system has no such thing: orphans go to PID 1 there
 */
export function adoptOrphans(): boolean {
  return cPrctl !== undefined && Number(cPrctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)) === 0;
}

/** Collects an adopted orphan that is dead: Node does not know of it. */
export function collect(pid: number): void {
  cWaitid(P_PID, pid, waitInfo, WEXITED | WNOHANG);
}

/** Whether a child is dead already; leaves it for Node to collect. */
export function isDead(pid: number): boolean {
  return endOf(pid) !== 'alive';
}

/**
 * flock(2) without waiting.
 *
 * @returns 0 when the lock is held now, EWOULDBLOCK when another holds it, or the errno of any other failure
 */
export function flock(fd: number, mode: 'shared' | 'exclusive'): number {
  for (;;) {
    if (cFlock(fd, LOCK[mode] | LOCK.nonBlocking) === 0) return 0;
    const errno = koffi.errno();
    if (errno !== constants.errno.EINTR) return errno;
  }
}

/**
 * {@link flock} where a failure is an error of the machine.
 *
 * @returns true when the lock is held now, false when another holds it
 */
export function tryFlock(fd: number, mode: 'shared' | 'exclusive'): boolean {
  const errno = flock(fd, mode);
  if (errno === 0 || errno === constants.errno.EWOULDBLOCK) return errno === 0;
  throw harnessError('FLOCK_FAILED', `flock(2) failed with ${errnoName(errno)}.`, 'Use a local file system.');
}

/** Drops a flock(2). */
export function dropFlock(fd: number): void {
  cFlock(fd, LOCK.unlock);
}

const affinityBytes = 128; // cpu_set_t of glibc: 1,024 processors
const cGetAffinity =
  process.platform === 'linux' ? libc.func('int sched_getaffinity(int pid, size_t n, _Out_ uint8_t *mask)') : undefined;
const cSetAffinity =
  process.platform === 'linux' ? libc.func('int sched_setaffinity(int pid, size_t n, const uint8_t *mask)') : undefined;

/** Processors that this thread may use; empty where the system does not say. */
export function allowedProcessors(): readonly number[] {
  const mask = new Uint8Array(affinityBytes);
  if (cGetAffinity === undefined || Number(cGetAffinity(0, affinityBytes, mask)) < 0) return [];
  return Array.from({ length: affinityBytes * 8 }, (_, i) => i).filter(
    (i) => ((mask[i >> 3] ?? 0) & (1 << (i & 7))) !== 0,
  );
}

/** Keeps a thread to these processors: 0 is the calling thread. A wish: nothing happens where it cannot be granted. */
export function keepTo(tid: number, processors: readonly number[]): void {
  if (cSetAffinity === undefined || processors.length === 0) return;
  const mask = new Uint8Array(affinityBytes);
  for (const i of processors) mask[i >> 3] = (mask[i >> 3] ?? 0) | (1 << (i & 7));
  cSetAffinity(tid, affinityBytes, mask);
}
