/*
** System calls by their number (syscall(2)): such as programs make for want of a function of the C library, or past it. What that function
** would do here is done; what touches nothing but the caller's own memory and thread is the kernel's; all else is refused.
**
** What stays out: calls that a program makes without the C library, by an instruction of its own.
*/

/* What languages make their own mutexes of (Rust's standard library does): as the mutexes here. */
static long futex(Lane *l, uint32_t *word, long op, uint32_t value, const struct timespec *t) {
  enum { WAIT = 0, WAKE = 1, WAIT_BITSET = 9, WAKE_BITSET = 10, CLOCK_FLAG = 256, FLAGS = 128 | CLOCK_FLAG };
  long kind = op & ~FLAGS;
  if (kind == WAKE || kind == WAKE_BITSET) {
    long woken = 0;
    while (woken < (long)value && wake(l, word, 0)) woken++;
    return woken;
  }
  if (kind != WAIT && kind != WAIT_BITSET)
    notFollowed("waits by a system call of its own (futex) in a way that its host does not follow");
  if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != value) return errno = EAGAIN, -1;
  int64_t until = !t ? FOREVER : kind == WAIT ? l->grant.now + msOf(t) : untilOf(l, op & CLOCK_FLAG ? CLOCK_REALTIME : CLOCK_MONOTONIC, t);
  Waiter w = {NULL, word, laneName, 0};
  enqueue(&w);
  return asErrno(waitIn(l, &w, until));
}

static long statsOf(Lane *l, int folder, const char *path, struct stat *s, int flags) {
  return statAtOrFd(l, folder, path, s, flags);
}

/* Of the caller's own memory and thread, or the same in every run. */
static int isOwnAffair(long number) {
  switch (number) {
    case SYS_brk: case SYS_mprotect: case SYS_munmap: case SYS_mremap: case SYS_madvise: case SYS_mlock: case SYS_munlock:
    case SYS_mlock2: case SYS_mlockall: case SYS_munlockall: case SYS_mincore: case SYS_membarrier: case SYS_get_mempolicy:
    case SYS_set_mempolicy: case SYS_mbind: case SYS_memfd_create:
    case SYS_set_robust_list: case SYS_get_robust_list: case SYS_set_tid_address: case SYS_rseq: case SYS_prctl:
    case SYS_rt_sigprocmask: case SYS_rt_sigpending: case SYS_sigaltstack: case SYS_capget: case SYS_capset:
    case SYS_getuid: case SYS_geteuid: case SYS_getgid: case SYS_getegid: case SYS_getresuid: case SYS_getresgid: case SYS_getgroups:
    case SYS_getpriority: case SYS_setpriority: case SYS_ioprio_get: case SYS_ioprio_set: case SYS_sched_getparam:
    case SYS_sched_setparam: case SYS_sched_getscheduler: case SYS_sched_setscheduler: case SYS_sched_getattr: case SYS_sched_setattr:
    case SYS_sched_get_priority_max: case SYS_sched_get_priority_min: case SYS_lseek: case SYS_umask: case SYS_personality:
#ifdef SYS_arch_prctl
    case SYS_arch_prctl:
#endif
      return 1;
    default:
      return 0;
  }
}

/* What the kernel may lack, or refuse, without a program's being wrong: it has another way. */
static int mayBeLacking(long number) {
  switch (number) {
    case SYS_copy_file_range: case SYS_inotify_init1: case SYS_userfaultfd: case SYS_perf_event_open: case SYS_bpf: case SYS_seccomp:
#ifdef SYS_inotify_init
    case SYS_inotify_init:
#endif
#ifdef SYS_io_uring_setup
    case SYS_io_uring_setup:
#endif
#ifdef SYS_openat2
    case SYS_openat2:
#endif
#ifdef SYS_pidfd_open
    case SYS_pidfd_open:
#endif
      return 1;
    default:
      return 0;
  }
}

static long refusesRaw(long number) {
  char text[240];
  snprintf(text, sizeof text, "makes system call %ld by its number (syscall; sys/syscall.h has its name), which its host does not follow: let it call "
           "the C library's function of that name", number);
  notFollowed(text);
  return -1;
}

/* Files by descriptor, and their names. */
static long onFiles(Lane *l, long number, const long a[6]) {
  int fd = (int)a[0];
  switch (number) {
#ifdef SYS_open
    case SYS_open: return openAt(l, AT_FDCWD, (const char *)a[0], (int)a[1], (mode_t)a[2]);
    case SYS_creat: return openAt(l, AT_FDCWD, (const char *)a[0], O_CREAT | O_WRONLY | O_TRUNC, (mode_t)a[1]);
    case SYS_stat: return statsOf(l, AT_FDCWD, (const char *)a[0], (struct stat *)a[1], 0);
    case SYS_lstat: return statsOf(l, AT_FDCWD, (const char *)a[0], (struct stat *)a[1], AT_SYMLINK_NOFOLLOW);
    case SYS_unlink: return unlinkIn(l, AT_FDCWD, (const char *)a[0], 0);
    case SYS_rmdir: return unlinkIn(l, AT_FDCWD, (const char *)a[0], AT_REMOVEDIR);
    case SYS_mkdir: return onName(l, AT_FDCWD, (const char *)a[0], "mkdir", 0, mkdirs, &(mode_t){(mode_t)a[1]});
    case SYS_rename: return onNames(l, "rename", AT_FDCWD, (const char *)a[0], AT_FDCWD, (const char *)a[1], 0, renames, 0);
    case SYS_dup2: return dupTo(l, fd, (int)a[1], -1);
#endif
    case SYS_openat: return openAt(l, fd, (const char *)a[1], (int)a[2], (mode_t)a[3]);
    case SYS_close: return closes(l, fd);
    case SYS_read: return reads(l, fd, (void *)a[1], (size_t)a[2]);
    case SYS_write: return writes(l, fd, (const void *)a[1], (size_t)a[2]);
    case SYS_pread64: return preads(l, fd, (void *)a[1], (size_t)a[2], a[3]);
    case SYS_pwrite64: return pwrites(l, fd, (const void *)a[1], (size_t)a[2], a[3]);
    case SYS_fstat: return statFd(l, fd, (struct stat *)a[1]);
    case SYS_newfstatat: return statsOf(l, fd, (const char *)a[1], (struct stat *)a[2], (int)a[3]);
    case SYS_ftruncate: return truncates(l, fd, a[1]);
    case SYS_fsync: return syncs(l, fd, NEXT(fsync));
    case SYS_fdatasync: return syncs(l, fd, NEXT(fdatasync));
    case SYS_unlinkat: return unlinkIn(l, fd, (const char *)a[1], (int)a[2]);
    case SYS_mkdirat: return onName(l, fd, (const char *)a[1], "mkdir", 0, mkdirs, &(mode_t){(mode_t)a[2]});
    case SYS_renameat2:
      return onNames(l, "rename", fd, (const char *)a[1], (int)a[2], (const char *)a[3], 0, renames, (unsigned)a[4]);
    case SYS_dup: return copied(l, fd, NEXT(dup)(fd));
    case SYS_dup3: return dupTo(l, fd, (int)a[1], (int)a[2]);
    case SYS_mmap: return (long)maps(l, (void *)a[0], (size_t)a[1], (int)a[2], (int)a[3], (int)a[4], a[5]);
    default: return refusesRaw(number);
  }
}

long syscall(long number, ...) {
  Lane *l = CALLER();
  long a[6];
  va_list more;
  va_start(more, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(more, long);
  va_end(more);
  if (!l || isOwnAffair(number)) return NEXT(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  if (mayBeLacking(number)) return errno = ENOSYS, -1;
  switch (number) {
    case SYS_getrandom:
      fill(l, (void *)a[0], (size_t)a[1]);
      return a[1];
    case SYS_futex: return futex(l, (uint32_t *)a[0], a[1], (uint32_t)a[2], (const struct timespec *)a[3]);
    case SYS_gettid: return FIRST_PID + l->id;
    case SYS_getpid: return ownPid;
    case SYS_getppid: return parentPid;
    case SYS_sched_yield: return sleepStep(l, 0), 0;
    case SYS_clock_gettime: return *(struct timespec *)a[1] = timespecOf(clockMs(l, (clockid_t)a[0])), 0;
    case SYS_nanosleep: return asErrno(sleepFor(l, (const struct timespec *)a[0], (struct timespec *)a[1]));
    case SYS_tgkill: case SYS_tkill: {
      int thread = (int)a[number == SYS_tgkill], signal = (int)a[1 + (number == SYS_tgkill)];
      if (thread != FIRST_PID + l->id) return refusesRaw(number);
      return signalsItself(l, signal);
    }
    case SYS_exit_group:
      flushRecords();
      NEXT(_exit)((int)a[0]);
      return -1;
#ifdef SYS_fork
    case SYS_fork: case SYS_vfork:
#endif
    case SYS_clone: case SYS_clone3: case SYS_execve: case SYS_execveat:
      notFollowed("starts a process by a system call of its own (syscall): let it call the C library");
      return -1;
    default:
      return onFiles(l, number, a);
  }
}
