// Names of the system calls that a process can stand in for long, by their numbers (Linux: asm/unistd_64.h and
// asm-generic/unistd.h). What stays out: all that return at once.
const x64: { readonly [number: number]: string } = {
  0: 'read',
  1: 'write',
  2: 'open',
  3: 'close',
  7: 'poll',
  16: 'ioctl',
  17: 'pread64',
  18: 'pwrite64',
  23: 'select',
  34: 'pause',
  35: 'nanosleep',
  42: 'connect',
  43: 'accept',
  45: 'recvfrom',
  47: 'recvmsg',
  61: 'wait4',
  72: 'fcntl',
  73: 'flock',
  74: 'fsync',
  75: 'fdatasync',
  130: 'rt_sigsuspend',
  202: 'futex',
  230: 'clock_nanosleep',
  232: 'epoll_wait',
  247: 'waitid',
  257: 'openat',
  270: 'pselect6',
  271: 'ppoll',
  281: 'epoll_pwait',
  441: 'epoll_pwait2',
};

const arm64: { readonly [number: number]: string } = {
  22: 'epoll_pwait',
  25: 'fcntl',
  29: 'ioctl',
  32: 'flock',
  56: 'openat',
  57: 'close',
  63: 'read',
  64: 'write',
  67: 'pread64',
  68: 'pwrite64',
  72: 'pselect6',
  73: 'ppoll',
  82: 'fsync',
  83: 'fdatasync',
  95: 'waitid',
  98: 'futex',
  101: 'nanosleep',
  115: 'clock_nanosleep',
  133: 'rt_sigsuspend',
  202: 'accept',
  203: 'connect',
  207: 'recvfrom',
  212: 'recvmsg',
  260: 'wait4',
  441: 'epoll_pwait2',
};

/** Name of a system call of this machine; `system call 333` where it is not known here. */
export function systemCallName(number: number): string {
  const known = process.arch === 'x64' ? x64 : process.arch === 'arm64' ? arm64 : {};
  return known[number] ?? `system call ${number}`;
}
