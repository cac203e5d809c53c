/*
** Raw work on files of the world: each call is a step, then the C library's own call on the real file. Descriptors are the
** kernel's. Pipes are no files of the world, but what lanes wait at: a read or write that would wait is tried again when somebody
** has moved a pipe.
*/
#include <stdarg.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <linux/magic.h>
#include <utime.h>

/* ---- steps on files ---- */

/* Stops before a step on a file. Result: 0, or -1 with the errno that the plan makes it fail with. */
static int begins(Lane *l, const char *kind, const char *name, const char *detail) {
  int code = step(l, kind, name, detail);
  if (!code) return 0;
  errno = (code & 255) == SQLITE_FULL ? ENOSPC : EIO;
  return -1;
}

/* The step has happened, with this result of a call that sets errno. */
static ssize_t ends(Lane *l, ssize_t result) {
  int e = result < 0 ? errno : 0;
  stepCompletes(l, e);
  deliverSignals();
  errno = e;
  return result;
}

/* The same of a step that read or wrote these bytes. */
static ssize_t endsContents(Lane *l, ssize_t result, const void *bytes) {
  int e = errno;
  if (result >= 0) happened(l, 0, result, checksum(bytes, (int)result));
  else stepCompletes(l, e);
  deliverSignals();
  errno = e;
  return result;
}

/* ---- descriptors: the gate keeps which of them are files of the world (gate-raw.c) ---- */

/* Stops before a step on a descriptor. Result: as begins. */
static int beginsOn(Lane *l, const char *kind, int fd, size_t bytes, off_t at) {
  int code = stepOn(l, kind, fd, (uint32_t)bytes, at);
  if (!code) return 0;
  errno = (code & 255) == SQLITE_FULL ? ENOSPC : EIO;
  return -1;
}

/* A step `open` has happened. */
static int endsOpen(Lane *l, int fd) {
  if (fd < 0) return (int)ends(l, fd);
  hasOpened(l, fd);
  deliverSignals();
  return fd;
}

/* A descriptor came in another way than by open(2). */
static void comes(Lane *l, int fd, const char *name, const char *how) {
  if (!begins(l, "open", name, how)) endsOpen(l, fd);
}

static int copied(Lane *l, int from, int to) {
  const char *name = nameOfFd(from);
  if (to >= 0 && name) comes(l, to, name, "duplicate");
  return to;
}

/* Where the next read or write is. */
static off_t placeIn(int fd) {
  struct stat s;
  if ((NEXT(fcntl)(fd, F_GETFL) & O_APPEND) && !NEXT(fstat)(fd, &s)) return s.st_size;
  off_t at = NEXT(lseek)(fd, 0, SEEK_CUR);
  return at < 0 ? 0 : at;
}

/* A pipe, a socket or what is no file of a kind (eventfd(2)): what is done at one end is waited for at another. */
static int isPipe(int fd) {
  struct stat s;
  return NEXT(fstat)(fd, &s) == 0 && (S_ISFIFO(s.st_mode) || S_ISSOCK(s.st_mode) || !(s.st_mode & S_IFMT));
}

/* The standard input that a process of the run writes to while this one runs: whose it is, NULL where it is none, and which file. Who
** inherits that may have another standard input by then, and is told the file. */
static char *inputOf;
static unsigned long long inputFile[2];

static int isInput(int fd) {
  struct stat s;
  return inputOf && NEXT(fstat)(fd, &s) == 0 && s.st_dev == inputFile[0] && s.st_ino == inputFile[1];
}

/* `NAME` or `NAME DEVICE INODE`, as it is handed on. */
static void inheritInput(char *told) {
  struct stat s;
  char *file = told ? strchr(told, ' ') : NULL;
  inputOf = told;
  if (file) {
    sscanf(file, "%llu %llu", &inputFile[0], &inputFile[1]);
    *file = 0;
  } else if (told && NEXT(fstat)(STDIN_FILENO, &s) == 0 && S_ISREG(s.st_mode)) {
    inputFile[0] = s.st_dev;
    inputFile[1] = s.st_ino;
  }
}

/* At what is its end now: waits until there is more. While it asked, more may have come. */
static ssize_t readInput(Lane *l, int fd, void *p, size_t bytes) {
  for (;;) {
    ssize_t n = NEXT(read)(fd, p, bytes);
    if (n || !bytes) return n;
    int isOpen = strstr(asks(l, "input %s", inputOf), "true") != NULL;
    n = NEXT(read)(fd, p, bytes);
    if (n || !isOpen) return n;
    if (awaits(l, KERNEL, -1) & INTERRUPTS) return errno = EINTR, -1;
  }
}

/* An endless file of chance. */
static int isRandom(int fd) {
  struct stat s;
  enum { RANDOM = 0x108, URANDOM = 0x109 }; /* devices 1:8 and 1:9, random(4) */
  return NEXT(fstat)(fd, &s) == 0 && S_ISCHR(s.st_mode) && (s.st_rdev == RANDOM || s.st_rdev == URANDOM);
}

/* ---- open and close ---- */

static const char *accessText(int flags, char out[32]) {
  static const char *const modes[] = {"r", "w", "rw", ""};
  snprintf(out, 32, "%s%s%s%s%s", modes[flags & O_ACCMODE], flags & O_CREAT ? "+create" : "",
           flags & O_EXCL ? "+new" : "", flags & O_TRUNC ? "+empty" : "", flags & O_APPEND ? "+append" : "");
  return out;
}

static int openPlace(Lane *l, const Place *p, int flags, mode_t mode) {
  char real[PATH_MAX], detail[32];
  if (begins(l, "open", p->name, accessText(flags, detail))) return -1;
  return endsOpen(l, realOf(l, p, !(flags & O_NOFOLLOW), real) ? NEXT(open)(real, flags, mode) : -1);
}

static int openAt(Lane *l, int folder, const char *path, int flags, mode_t mode) {
  Place p;
  if (!placeOf(l, folder, path, &p)) return -1;
  return p.inWorld ? openPlace(l, &p, flags, mode) : NEXT(open)(p.name, flags, mode);
}

/* The mode behind the flags, where they say that there is one. */
#define MODE_BEHIND(flags)                                   \
  ({                                                         \
    mode_t given = 0;                                        \
    if ((flags) & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) {  \
      va_list more;                                          \
      va_start(more, flags);                                 \
      given = va_arg(more, mode_t);                          \
      va_end(more);                                          \
    }                                                        \
    given;                                                   \
  })

int open(const char *path, int flags, ...) {
  Lane *l = CALLER();
  mode_t mode = MODE_BEHIND(flags);
  return l ? openAt(l, AT_FDCWD, path, flags, mode) : NEXT(open)(path, flags, mode);
}
SAME_AS(open, open64);

int openat(int folder, const char *path, int flags, ...) {
  Lane *l = CALLER();
  mode_t mode = MODE_BEHIND(flags);
  return l ? openAt(l, folder, path, flags, mode) : NEXT(openat)(folder, path, flags, mode);
}
SAME_AS(openat, openat64);

int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags) {
  Lane *l = CALLER();
  return l ? openAt(l, AT_FDCWD, path, flags, 0) : NEXT(open)(path, flags);
}
SAME_AS(__open_2, __open64_2);

int __openat_2(int folder, const char *path, int flags);
int __openat_2(int folder, const char *path, int flags) {
  Lane *l = CALLER();
  return l ? openAt(l, folder, path, flags, 0) : NEXT(openat)(folder, path, flags);
}
SAME_AS(__openat_2, __openat64_2);

int creat(const char *path, mode_t mode) {
  Lane *l = CALLER();
  return l ? openAt(l, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode) : NEXT(creat)(path, mode);
}
SAME_AS(creat, creat64);

/* Closing any descriptor of a file drops every POSIX lock that the process has on it: a step of its own. */
static int closes(Lane *l, int fd) {
  const char *name = nameOfFd(fd);
  if (isChannel(fd)) return errno = EBADF, -1;
  if (!name) {
    int moves = isPipe(fd);
    int rc = NEXT(close)(fd);
    if (moves) notifies(l, KERNEL);
    return rc;
  }
  int failed = beginsOn(l, "close", fd, 0, 0); /* what gives back happens all the same */
  int e = errno;
  int rc = NEXT(close)(fd);
  if (failed) return errno = e, -1;
  return (int)ends(l, rc);
}

int close(int fd) {
  Lane *l = CALLER();
  return l ? closes(l, fd) : NEXT(close)(fd);
}

/* No descriptor is so high. */
static int fdsMost(void) {
  struct rlimit most;
  return getrlimit(RLIMIT_NOFILE, &most) || most.rlim_cur > 1 << 16 ? 1 << 16 : (int)most.rlim_cur;
}

int close_range(unsigned first, unsigned last, int flags) {
  Lane *l = CALLER();
  if (!l) return NEXT(close_range)(first, last, flags);
  for (unsigned fd = first; fd <= last && (int)fd < fdsMost(); fd++) {
    if (isChannel((int)fd)) continue;
    if (flags) NEXT(fcntl)((int)fd, F_SETFD, FD_CLOEXEC);
    else if (NEXT(fcntl)((int)fd, F_GETFD) >= 0) closes(l, (int)fd);
  }
  return 0;
}

void closefrom(int first) {
  Lane *l = CALLER();
  if (!l) NEXT(closefrom)(first);
  for (int fd = first; l && fd < fdsMost(); fd++)
    if (!isChannel(fd) && NEXT(fcntl)(fd, F_GETFD) >= 0) closes(l, fd);
}

int dup(int fd) {
  Lane *l = CALLER();
  return l ? copied(l, fd, NEXT(dup)(fd)) : NEXT(dup)(fd);
}

/* What the new number led to is closed, as a step. */
static int dupTo(Lane *l, int from, int to, int flags) {
  if (isChannel(to)) notFollowed("takes a number for a file that is out of its reach");
  if (from == to) return flags < 0 ? NEXT(dup2)(from, to) : NEXT(dup3)(from, to, flags);
  if (NEXT(fcntl)(from, F_GETFD) >= 0 && NEXT(fcntl)(to, F_GETFD) >= 0) closes(l, to);
  return copied(l, from, flags < 0 ? NEXT(dup2)(from, to) : NEXT(dup3)(from, to, flags));
}

int dup2(int from, int to) {
  Lane *l = CALLER();
  return l ? dupTo(l, from, to, -1) : NEXT(dup2)(from, to);
}

int dup3(int from, int to, int flags) {
  Lane *l = CALLER();
  return l ? dupTo(l, from, to, flags) : NEXT(dup3)(from, to, flags);
}

/* ---- read and write ---- */

/* Does a call on a pipe not wait now? */
static int isReady(int fd, short events) {
  struct pollfd p = {fd, events, 0};
  return NEXT(poll)(&p, 1, 0) != 0;
}

static int mayWait(int fd) { return !(NEXT(fcntl)(fd, F_GETFL) & O_NONBLOCK); }

/* Stands still until a pipe is ready. Result: 0, or -1 with EINTR. */
static int untilReady(Lane *l, int fd, short events) {
  while (mayWait(fd) && !isReady(fd, events))
    if (awaits(l, KERNEL, -1) & INTERRUPTS) return errno = EINTR, -1;
  return 0;
}

static ssize_t readPipe(Lane *l, int fd, void *p, size_t bytes) {
  if (untilReady(l, fd, POLLIN)) return -1;
  ssize_t n = NEXT(read)(fd, p, bytes);
  int e = errno;
  notifies(l, KERNEL);
  errno = e;
  return n;
}

/* In parts that a pipe which can be written to takes without waiting (pipe(7), PIPE_BUF). */
static ssize_t writePipe(Lane *l, int fd, const void *p, size_t bytes) {
  size_t done = 0;
  do {
    if (untilReady(l, fd, POLLOUT)) return done ? (ssize_t)done : -1;
    size_t part = bytes - done < PIPE_BUF ? bytes - done : PIPE_BUF;
    ssize_t n = NEXT(write)(fd, (const char *)p + done, part);
    if (n < 0) return done ? (ssize_t)done : -1;
    done += (size_t)n;
    notifies(l, KERNEL);
  } while (done < bytes);
  return (ssize_t)done;
}

static ssize_t reads(Lane *l, int fd, void *p, size_t bytes) {
  if (nameOfFd(fd)) return beginsOn(l, "read", fd, bytes, placeIn(fd)) ? -1 : endsContents(l, NEXT(read)(fd, p, bytes), p);
  if (isRandom(fd)) return fill(l, p, bytes), (ssize_t)bytes;
  if (isInput(fd)) return readInput(l, fd, p, bytes);
  return isPipe(fd) ? readPipe(l, fd, p, bytes) : NEXT(read)(fd, p, bytes);
}

static ssize_t writes(Lane *l, int fd, const void *p, size_t bytes) {
  if (nameOfFd(fd)) return beginsOn(l, "write", fd, bytes, placeIn(fd)) ? -1 : endsContents(l, NEXT(write)(fd, p, bytes), p);
  return isPipe(fd) ? writePipe(l, fd, p, bytes) : NEXT(write)(fd, p, bytes);
}

static ssize_t preads(Lane *l, int fd, void *p, size_t bytes, off_t at) {
  if (!nameOfFd(fd)) return NEXT(pread)(fd, p, bytes, at);
  return beginsOn(l, "read", fd, bytes, at) ? -1 : endsContents(l, NEXT(pread)(fd, p, bytes, at), p);
}

static ssize_t pwrites(Lane *l, int fd, const void *p, size_t bytes, off_t at) {
  if (!nameOfFd(fd)) return NEXT(pwrite)(fd, p, bytes, at);
  return beginsOn(l, "write", fd, bytes, at) ? -1 : endsContents(l, NEXT(pwrite)(fd, p, bytes, at), p);
}

ssize_t read(int fd, void *p, size_t bytes) {
  Lane *l = CALLER();
  return l ? reads(l, fd, p, bytes) : NEXT(read)(fd, p, bytes);
}

ssize_t __read_chk(int fd, void *p, size_t bytes, size_t room);
ssize_t __read_chk(int fd, void *p, size_t bytes, size_t room) {
  Lane *l = CALLER();
  if (bytes > room) abort();
  return l ? reads(l, fd, p, bytes) : NEXT(read)(fd, p, bytes);
}

ssize_t write(int fd, const void *p, size_t bytes) {
  Lane *l = CALLER();
  return l ? writes(l, fd, p, bytes) : NEXT(write)(fd, p, bytes);
}

int eventfd_read(int fd, eventfd_t *value) {
  Lane *l = CALLER();
  return !l ? NEXT(eventfd_read)(fd, value) : reads(l, fd, value, sizeof *value) == sizeof *value ? 0 : -1;
}

int eventfd_write(int fd, eventfd_t value) {
  Lane *l = CALLER();
  return !l ? NEXT(eventfd_write)(fd, value) : writes(l, fd, &value, sizeof value) == sizeof value ? 0 : -1;
}

ssize_t pread(int fd, void *p, size_t bytes, off_t at) {
  Lane *l = CALLER();
  return l ? preads(l, fd, p, bytes, at) : NEXT(pread)(fd, p, bytes, at);
}
SAME_AS(pread, pread64);

ssize_t __pread_chk(int fd, void *p, size_t bytes, off_t at, size_t room);
ssize_t __pread_chk(int fd, void *p, size_t bytes, off_t at, size_t room) {
  Lane *l = CALLER();
  if (bytes > room) abort();
  return l ? preads(l, fd, p, bytes, at) : NEXT(pread)(fd, p, bytes, at);
}
SAME_AS(__pread_chk, __pread64_chk);

ssize_t pwrite(int fd, const void *p, size_t bytes, off_t at) {
  Lane *l = CALLER();
  return l ? pwrites(l, fd, p, bytes, at) : NEXT(pwrite)(fd, p, bytes, at);
}
SAME_AS(pwrite, pwrite64);

/* The first part that is not empty stands for the whole: a read or write may be short (readv(2)). */
static const struct iovec *firstPart(const struct iovec *parts, int n) {
  int i = 0;
  while (i < n - 1 && !parts[i].iov_len) i++;
  return &parts[i];
}

#define OF_PARTS(name, one, type, given, ...)                                        \
  ssize_t name(int fd, const struct iovec *parts, int n given) {                     \
    Lane *l = CALLER();                                                              \
    if (!l || n < 1) return NEXT(name)(fd, parts, n __VA_ARGS__);                    \
    const struct iovec *part = firstPart(parts, n);                                  \
    return one(l, fd, part->iov_base, part->iov_len __VA_ARGS__);                    \
  }
#define AT , off_t at
OF_PARTS(readv, reads, , )
OF_PARTS(writev, writes, , )
OF_PARTS(preadv, preads, , AT, , at)
OF_PARTS(pwritev, pwrites, , AT, , at)
SAME_AS(preadv, preadv64);
SAME_AS(pwritev, pwritev64);

/* As on a kernel that lacks it: programs read and write then, which are steps. */
ssize_t copy_file_range(int in, off_t *inAt, int out, off_t *outAt, size_t bytes, unsigned flags) {
  if (!CALLER()) return NEXT(copy_file_range)(in, inAt, out, outAt, bytes, flags);
  errno = ENOSYS;
  return -1;
}

ssize_t splice(int in, off_t *inAt, int out, off_t *outAt, size_t bytes, unsigned flags) {
  if (!CALLER()) return NEXT(splice)(in, inAt, out, outAt, bytes, flags);
  errno = EINVAL;
  return -1;
}

ssize_t sendfile(int out, int in, off_t *at, size_t bytes) {
  Lane *l = CALLER();
  if (!l) return NEXT(sendfile)(out, in, at, bytes);
  char part[1 << 16];
  size_t most = bytes < sizeof part ? bytes : sizeof part;
  ssize_t n = at ? preads(l, in, part, most, *at) : reads(l, in, part, most);
  if (n <= 0) return n;
  ssize_t done = writes(l, out, part, (size_t)n);
  if (at && done > 0) *at += done;
  else if (!at && done < n) NEXT(lseek)(in, (done < 0 ? 0 : done) - n, SEEK_CUR);
  return done;
}
SAME_AS(sendfile, sendfile64);

int vdprintf(int fd, const char *restrict format, va_list more) {
  Lane *l = CALLER();
  char *text;
  if (!l) return NEXT(vdprintf)(fd, format, more);
  int n = vasprintf(&text, format, more);
  if (n < 0) return n;
  ssize_t done = writes(l, fd, text, (size_t)n);
  free(text);
  return (int)done;
}

int dprintf(int fd, const char *restrict format, ...) {
  Lane *l = CALLER();
  char *text;
  va_list more;
  va_start(more, format);
  int n = vasprintf(&text, format, more);
  va_end(more);
  if (n < 0) return n;
  ssize_t done = l ? writes(l, fd, text, (size_t)n) : NEXT(write)(fd, text, (size_t)n);
  free(text);
  return (int)done;
}

/* ---- what a file is ---- */

/* What the kernel says of a file, without what differs between two runs: the coordinator's answer to the step has the rest. */
static void makeLogical(const Lane *l, struct stat *s) {
  unsigned long long inode = 0;
  long long mtimeNs = 0;
  sscanf(l->reply, "%llu %lld", &inode, &mtimeNs);
  s->st_ino = inode;
  s->st_dev = 1;
  s->st_blksize = 4096;
  if (S_ISDIR(s->st_mode)) s->st_size = 4096, s->st_nlink = 2; /* each file system counts in its own way */
  s->st_blocks = (s->st_size + 511) / 512;
  s->st_mtim = (struct timespec){EPOCH_MS / 1000 + mtimeNs / 1000000000, mtimeNs % 1000000000};
  s->st_atim = s->st_ctim = s->st_mtim;
}

static int statAt(Lane *l, int folder, const char *path, struct stat *s, int flags) {
  Place p;
  char real[PATH_MAX];
  if (!placeOf(l, folder, path, &p)) return -1;
  if (!p.inWorld) return NEXT(fstatat)(AT_FDCWD, p.name, s, flags);
  int follow = !(flags & AT_SYMLINK_NOFOLLOW);
  if (begins(l, follow ? "stat" : "lstat", p.name, NULL)) return -1;
  int rc = realOf(l, &p, follow, real) ? NEXT(fstatat)(AT_FDCWD, real, s, flags & AT_SYMLINK_NOFOLLOW) : -1;
  if (!rc) makeLogical(l, s);
  return (int)ends(l, rc);
}

static int statFd(Lane *l, int fd, struct stat *s) {
  if (!nameOfFd(fd)) return NEXT(fstat)(fd, s);
  if (beginsOn(l, "stat", fd, 0, 0)) return -1;
  int rc = NEXT(fstat)(fd, s);
  if (!rc) makeLogical(l, s);
  return (int)ends(l, rc);
}

int stat(const char *restrict path, struct stat *restrict s) {
  Lane *l = CALLER();
  return l ? statAt(l, AT_FDCWD, path, s, 0) : NEXT(stat)(path, s);
}

int lstat(const char *restrict path, struct stat *restrict s) {
  Lane *l = CALLER();
  return l ? statAt(l, AT_FDCWD, path, s, AT_SYMLINK_NOFOLLOW) : NEXT(lstat)(path, s);
}

int fstat(int fd, struct stat *s) {
  Lane *l = CALLER();
  return l ? statFd(l, fd, s) : NEXT(fstat)(fd, s);
}

static int statAtOrFd(Lane *l, int folder, const char *path, struct stat *s, int flags) {
  return (flags & AT_EMPTY_PATH) && !*path ? statFd(l, folder, s) : statAt(l, folder, path, s, flags);
}

int fstatat(int folder, const char *restrict path, struct stat *restrict s, int flags) {
  Lane *l = CALLER();
  return l ? statAtOrFd(l, folder, path, s, flags) : NEXT(fstatat)(folder, path, s, flags);
}

/* Their other names: with `64` (the same struct on 64 bits), and before glibc 2.33. */
int stat64(const char *restrict path, struct stat64 *restrict s) {
  Lane *l = CALLER();
  return l ? statAt(l, AT_FDCWD, path, (struct stat *)s, 0) : NEXT(stat64)(path, s);
}

int lstat64(const char *restrict path, struct stat64 *restrict s) {
  Lane *l = CALLER();
  return l ? statAt(l, AT_FDCWD, path, (struct stat *)s, AT_SYMLINK_NOFOLLOW) : NEXT(lstat64)(path, s);
}

int fstat64(int fd, struct stat64 *s) {
  Lane *l = CALLER();
  return l ? statFd(l, fd, (struct stat *)s) : NEXT(fstat64)(fd, s);
}

int fstatat64(int folder, const char *restrict path, struct stat64 *restrict s, int flags) {
  Lane *l = CALLER();
  return l ? statAtOrFd(l, folder, path, (struct stat *)s, flags) : NEXT(fstatat64)(folder, path, s, flags);
}

int __xstat(int version, const char *path, struct stat *s);
int __xstat(int version, const char *path, struct stat *s) {
  Lane *l = CALLER();
  (void)version;
  return l ? statAt(l, AT_FDCWD, path, s, 0) : NEXT(stat)(path, s);
}
SAME_AS(__xstat, __xstat64);

int __lxstat(int version, const char *path, struct stat *s);
int __lxstat(int version, const char *path, struct stat *s) {
  Lane *l = CALLER();
  (void)version;
  return l ? statAt(l, AT_FDCWD, path, s, AT_SYMLINK_NOFOLLOW) : NEXT(lstat)(path, s);
}
SAME_AS(__lxstat, __lxstat64);

int __fxstat(int version, int fd, struct stat *s);
int __fxstat(int version, int fd, struct stat *s) {
  Lane *l = CALLER();
  (void)version;
  return l ? statFd(l, fd, s) : NEXT(fstat)(fd, s);
}
SAME_AS(__fxstat, __fxstat64);

int __fxstatat(int version, int folder, const char *path, struct stat *s, int flags);
int __fxstatat(int version, int folder, const char *path, struct stat *s, int flags) {
  Lane *l = CALLER();
  (void)version;
  return l ? statAtOrFd(l, folder, path, s, flags) : NEXT(fstatat)(folder, path, s, flags);
}
SAME_AS(__fxstatat, __fxstatat64);

static struct statx_timestamp statxTime(struct timespec t) { return (struct statx_timestamp){.tv_sec = t.tv_sec, .tv_nsec = (uint32_t)t.tv_nsec}; }

int statx(int folder, const char *restrict path, int flags, unsigned mask, struct statx *restrict x) {
  Lane *l = CALLER();
  struct stat s;
  if (!l) return NEXT(statx)(folder, path, flags, mask, x);
  if (statAtOrFd(l, folder, path, &s, flags)) return -1;
  memset(x, 0, sizeof *x);
  x->stx_mask = STATX_BASIC_STATS;
  x->stx_blksize = (uint32_t)s.st_blksize;
  x->stx_nlink = (uint32_t)s.st_nlink;
  x->stx_uid = s.st_uid;
  x->stx_gid = s.st_gid;
  x->stx_mode = (uint16_t)s.st_mode;
  x->stx_ino = s.st_ino;
  x->stx_size = (uint64_t)s.st_size;
  x->stx_blocks = (uint64_t)s.st_blocks;
  x->stx_dev_minor = (uint32_t)s.st_dev;
  x->stx_atime = statxTime(s.st_atim);
  x->stx_mtime = statxTime(s.st_mtim);
  x->stx_ctime = statxTime(s.st_ctim);
  return 0;
}

static int accessAt(Lane *l, int folder, const char *path, int mode, int flags) {
  Place p;
  char real[PATH_MAX];
  if (!placeOf(l, folder, path, &p)) return -1;
  if (!p.inWorld) return NEXT(faccessat)(AT_FDCWD, p.name, mode, flags);
  if (begins(l, "exists", p.name, NULL)) return -1;
  return (int)ends(l, realOf(l, &p, 1, real) ? NEXT(faccessat)(AT_FDCWD, real, mode, flags) : -1);
}

int access(const char *path, int mode) {
  Lane *l = CALLER();
  return l ? accessAt(l, AT_FDCWD, path, mode, 0) : NEXT(access)(path, mode);
}

int faccessat(int folder, const char *path, int mode, int flags) {
  Lane *l = CALLER();
  return l ? accessAt(l, folder, path, mode, flags) : NEXT(faccessat)(folder, path, mode, flags);
}

int euidaccess(const char *path, int mode) {
  Lane *l = CALLER();
  return l ? accessAt(l, AT_FDCWD, path, mode, AT_EACCESS) : NEXT(euidaccess)(path, mode);
}
SAME_AS(euidaccess, eaccess);

/* A disk that is half full in every run. */
static void makeDisk(struct statvfs *s) {
  enum { BLOCK = 4096, BLOCKS = 1 << 20, FILES = 1 << 16 };
  memset(s, 0, sizeof *s);
  s->f_bsize = s->f_frsize = BLOCK;
  s->f_blocks = BLOCKS;
  s->f_bfree = s->f_bavail = BLOCKS / 2;
  s->f_files = FILES;
  s->f_ffree = s->f_favail = FILES / 2;
  s->f_namemax = NAME_MAX;
}

int statvfs(const char *restrict path, struct statvfs *restrict s) {
  Lane *l = CALLER();
  Place p;
  if (!l) return NEXT(statvfs)(path, s);
  if (!placeOf(l, AT_FDCWD, path, &p)) return -1;
  if (!p.inWorld) return NEXT(statvfs)(p.name, s);
  makeDisk(s);
  return 0;
}

int fstatvfs(int fd, struct statvfs *s) {
  if (!CALLER() || !nameOfFd(fd)) return NEXT(fstatvfs)(fd, s);
  makeDisk(s);
  return 0;
}

static int statfsOf(Lane *l, const char *path, struct statfs *s) {
  Place p;
  struct statvfs disk;
  if (!placeOf(l, AT_FDCWD, path, &p)) return -1;
  if (!p.inWorld) return NEXT(statfs)(p.name, s);
  makeDisk(&disk);
  memset(s, 0, sizeof *s);
  s->f_type = TMPFS_MAGIC;
  s->f_bsize = (long)disk.f_bsize;
  s->f_blocks = disk.f_blocks;
  s->f_bfree = s->f_bavail = disk.f_bfree;
  s->f_files = disk.f_files;
  s->f_ffree = disk.f_ffree;
  s->f_namelen = NAME_MAX;
  return 0;
}

int statfs(const char *path, struct statfs *s) {
  Lane *l = CALLER();
  return l ? statfsOf(l, path, s) : NEXT(statfs)(path, s);
}

/* On 64 bits they are the same, under another name of their struct. */
int statvfs64(const char *restrict path, struct statvfs64 *restrict s) {
  Lane *l = CALLER();
  Place p;
  if (!l || !placeOf(l, AT_FDCWD, path, &p) || !p.inWorld) return NEXT(statvfs64)(path, s);
  makeDisk((struct statvfs *)s);
  return 0;
}

int statfs64(const char *path, struct statfs64 *s) {
  Lane *l = CALLER();
  return l ? statfsOf(l, path, (struct statfs *)s) : NEXT(statfs64)(path, s);
}

/* ---- names ---- */

typedef int OnPath(const char *real, void *more);

/* A step on one name. */
static int onName(Lane *l, int folder, const char *path, const char *kind, int follow, OnPath *act, void *more) {
  Place p;
  char real[PATH_MAX];
  if (!placeOf(l, folder, path, &p)) return -1;
  if (!p.inWorld) return act(p.name, more);
  if (begins(l, kind, p.name, NULL)) return -1;
  return (int)ends(l, realOf(l, &p, follow, real) ? act(real, more) : -1);
}

/* A step on two names: of the first, with the second as its text. What moves between the world and elsewhere is a step too. */
static int onNames(Lane *l, const char *kind, int folder, const char *path, int toFolder, const char *toPath, int follow,
                   int (*act)(const char *, const char *, unsigned), unsigned flags) {
  Place p, to;
  char real[PATH_MAX], realTo[PATH_MAX];
  if (!placeOf(l, folder, path, &p) || !placeOf(l, toFolder, toPath, &to)) return -1;
  if (!p.inWorld && !to.inWorld) return act(p.name, to.name, flags);
  if (begins(l, kind, p.name, to.name)) return -1;
  int ok = (!p.inWorld || realOf(l, &p, follow, real)) && (!to.inWorld || realOf(l, &to, 0, realTo));
  return (int)ends(l, ok ? act(p.inWorld ? real : p.name, to.inWorld ? realTo : to.name, flags) : -1);
}

static int renames(const char *from, const char *to, unsigned flags) { return NEXT(renameat2)(AT_FDCWD, from, AT_FDCWD, to, flags); }
static int links(const char *from, const char *to, unsigned flags) { return NEXT(linkat)(AT_FDCWD, from, AT_FDCWD, to, (int)flags); }
static int unlinks(const char *real, void *flags) { return NEXT(unlinkat)(AT_FDCWD, real, *(int *)flags); }
static int mkdirs(const char *real, void *mode) { return NEXT(mkdir)(real, *(mode_t *)mode); }
static int chmods(const char *real, void *mode) { return NEXT(chmod)(real, *(mode_t *)mode); }
static int chowns(const char *real, void *ids) { return NEXT(lchown)(real, ((uid_t *)ids)[0], ((gid_t *)ids)[1]); }
static int utimens(const char *real, void *times) { return NEXT(utimensat)(AT_FDCWD, real, times, 0); }

int rename(const char *from, const char *to) {
  Lane *l = CALLER();
  return l ? onNames(l, "rename", AT_FDCWD, from, AT_FDCWD, to, 0, renames, 0) : NEXT(rename)(from, to);
}

int renameat(int folder, const char *from, int toFolder, const char *to) {
  Lane *l = CALLER();
  return l ? onNames(l, "rename", folder, from, toFolder, to, 0, renames, 0) : NEXT(renameat)(folder, from, toFolder, to);
}

int renameat2(int folder, const char *from, int toFolder, const char *to, unsigned flags) {
  Lane *l = CALLER();
  return l ? onNames(l, "rename", folder, from, toFolder, to, 0, renames, flags)
           : NEXT(renameat2)(folder, from, toFolder, to, flags);
}

int link(const char *from, const char *to) {
  Lane *l = CALLER();
  return l ? onNames(l, "link", AT_FDCWD, from, AT_FDCWD, to, 0, links, 0) : NEXT(link)(from, to);
}

int linkat(int folder, const char *from, int toFolder, const char *to, int flags) {
  Lane *l = CALLER();
  int follow = flags & AT_SYMLINK_FOLLOW;
  return l ? onNames(l, "link", folder, from, toFolder, to, follow, links, (unsigned)flags)
           : NEXT(linkat)(folder, from, toFolder, to, flags);
}

/* A link in the world leads to a name of the world, and is relative, so that the world can be copied. */
static int symlinkIn(Lane *l, const char *target, int folder, const char *path) {
  Place p, to;
  char real[PATH_MAX], relative[PATH_MAX] = "", parent[PATH_MAX];
  if (!placeOf(l, folder, path, &p)) return -1;
  if (!p.inWorld) return NEXT(symlink)(target, p.name);
  if (!joined(TOP, p.name, parent)) return errno = ENAMETOOLONG, -1;
  *strrchr(parent, '/') = 0;
  char full[PATH_MAX];
  if (!joined(parent, target, full)) return errno = ENAMETOOLONG, -1;
  if (!placeOf(l, AT_FDCWD, full, &to)) return -1;
  if (!to.inWorld) {
    refuseName(l, target);
    return errno = EACCES, -1;
  }
  for (const char *c = p.name; *c; c++) if (*c == '/' && strlen(relative) + 4 < sizeof relative) strcat(relative, "../");
  if (strlen(relative) + strlen(to.name) >= sizeof relative) return errno = ENAMETOOLONG, -1;
  strcat(relative, to.name);
  if (begins(l, "symlink", p.name, to.name)) return -1;
  return (int)ends(l, realOf(l, &p, 0, real) ? NEXT(symlink)(target[0] == '/' ? relative : target, real) : -1);
}

int symlink(const char *target, const char *path) {
  Lane *l = CALLER();
  return l ? symlinkIn(l, target, AT_FDCWD, path) : NEXT(symlink)(target, path);
}

int symlinkat(const char *target, int folder, const char *path) {
  Lane *l = CALLER();
  return l ? symlinkIn(l, target, folder, path) : NEXT(symlinkat)(target, folder, path);
}

static ssize_t readlinkOf(Lane *l, int folder, const char *path, char *out, size_t bytes) {
  Place p;
  char real[PATH_MAX], told[PATH_MAX];
  if (!placeOf(l, folder, path, &p) || (p.inWorld && !realOf(l, &p, 0, real))) return -1;
  ssize_t n = NEXT(readlink)(p.inWorld ? real : p.name, told, sizeof told - 1);
  if (n < 0) return -1;
  told[n] = 0;
  toldPath(l, told, sizeof told); /* /proc/self/fd and /proc/self/cwd know the real folder */
  size_t length = strlen(told);
  memcpy(out, told, length < bytes ? length : bytes);
  return (ssize_t)(length < bytes ? length : bytes);
}

ssize_t readlink(const char *restrict path, char *restrict out, size_t bytes) {
  Lane *l = CALLER();
  return l ? readlinkOf(l, AT_FDCWD, path, out, bytes) : NEXT(readlink)(path, out, bytes);
}

ssize_t readlinkat(int folder, const char *restrict path, char *restrict out, size_t bytes) {
  Lane *l = CALLER();
  return l ? readlinkOf(l, folder, path, out, bytes) : NEXT(readlinkat)(folder, path, out, bytes);
}

ssize_t __readlink_chk(const char *path, char *out, size_t bytes, size_t room);
ssize_t __readlink_chk(const char *path, char *out, size_t bytes, size_t room) {
  Lane *l = CALLER();
  if (bytes > room) abort();
  return l ? readlinkOf(l, AT_FDCWD, path, out, bytes) : NEXT(readlink)(path, out, bytes);
}

ssize_t __readlinkat_chk(int folder, const char *path, char *out, size_t bytes, size_t room);
ssize_t __readlinkat_chk(int folder, const char *path, char *out, size_t bytes, size_t room) {
  Lane *l = CALLER();
  if (bytes > room) abort();
  return l ? readlinkOf(l, folder, path, out, bytes) : NEXT(readlinkat)(folder, path, out, bytes);
}

static int unlinkIn(Lane *l, int folder, const char *path, int flags) {
  return onName(l, folder, path, flags & AT_REMOVEDIR ? "rmdir" : "unlink", 0, unlinks, &flags);
}

int unlink(const char *path) {
  Lane *l = CALLER();
  return l ? unlinkIn(l, AT_FDCWD, path, 0) : NEXT(unlink)(path);
}

int unlinkat(int folder, const char *path, int flags) {
  Lane *l = CALLER();
  return l ? unlinkIn(l, folder, path, flags) : NEXT(unlinkat)(folder, path, flags);
}

int rmdir(const char *path) {
  Lane *l = CALLER();
  return l ? unlinkIn(l, AT_FDCWD, path, AT_REMOVEDIR) : NEXT(rmdir)(path);
}

int remove(const char *path) {
  Lane *l = CALLER();
  if (!l) return NEXT(remove)(path);
  if (!unlinkIn(l, AT_FDCWD, path, 0)) return 0;
  return errno == EISDIR ? unlinkIn(l, AT_FDCWD, path, AT_REMOVEDIR) : -1;
}

int mkdir(const char *path, mode_t mode) {
  Lane *l = CALLER();
  return l ? onName(l, AT_FDCWD, path, "mkdir", 0, mkdirs, &mode) : NEXT(mkdir)(path, mode);
}

int mkdirat(int folder, const char *path, mode_t mode) {
  Lane *l = CALLER();
  return l ? onName(l, folder, path, "mkdir", 0, mkdirs, &mode) : NEXT(mkdirat)(folder, path, mode);
}

int mkfifo(const char *path, mode_t mode) {
  if (CALLER()) notFollowed("makes a named pipe (mkfifo), at which others would wait in the kernel: let it use a pipe, or a file");
  return NEXT(mkfifo)(path, mode);
}

/* ---- the rest of a file's life ---- */

/* A step on an open file by its name, of a kind that the gate does not know; `act` is the call itself. */
#define ON_FD(fd, kind, detail, act)                              \
  ({                                                              \
    const char *name = nameOfFd(fd);                              \
    !name ? (act) : begins(l, kind, name, detail) ? -1 : (int)ends(l, act); \
  })

static int truncates(Lane *l, int fd, off_t size) {
  if (!nameOfFd(fd)) return NEXT(ftruncate)(fd, size);
  return beginsOn(l, "truncate", fd, 0, size) ? -1 : (int)ends(l, NEXT(ftruncate)(fd, size));
}

int ftruncate(int fd, off_t size) {
  Lane *l = CALLER();
  return l ? truncates(l, fd, size) : NEXT(ftruncate)(fd, size);
}
SAME_AS(ftruncate, ftruncate64);

int truncate(const char *path, off_t size) {
  Lane *l = CALLER();
  if (!l) return NEXT(truncate)(path, size);
  int fd = openAt(l, AT_FDCWD, path, O_WRONLY, 0);
  if (fd < 0) return -1;
  int rc = truncates(l, fd, size), e = errno;
  closes(l, fd);
  errno = e;
  return rc;
}
SAME_AS(truncate, truncate64);

int posix_fallocate(int fd, off_t at, off_t bytes) {
  Lane *l = CALLER();
  if (!l) return NEXT(posix_fallocate)(fd, at, bytes);
  return ON_FD(fd, "allocate", NULL, asErrno(NEXT(posix_fallocate)(fd, at, bytes))) ? errno : 0;
}
SAME_AS(posix_fallocate, posix_fallocate64);

int fallocate(int fd, int mode, off_t at, off_t bytes) {
  Lane *l = CALLER();
  return l ? ON_FD(fd, "allocate", NULL, NEXT(fallocate)(fd, mode, at, bytes)) : NEXT(fallocate)(fd, mode, at, bytes);
}
SAME_AS(fallocate, fallocate64);

static int syncs(Lane *l, int fd, int (*act)(int)) {
  if (!nameOfFd(fd)) return act(fd);
  return beginsOn(l, "sync", fd, 0, 0) ? -1 : (int)ends(l, act(fd));
}

int fsync(int fd) {
  Lane *l = CALLER();
  return l ? syncs(l, fd, NEXT(fsync)) : NEXT(fsync)(fd);
}

int fdatasync(int fd) {
  Lane *l = CALLER();
  return l ? syncs(l, fd, NEXT(fdatasync)) : NEXT(fdatasync)(fd);
}

int fchmod(int fd, mode_t mode) {
  Lane *l = CALLER();
  if (!l || !nameOfFd(fd)) return NEXT(fchmod)(fd, mode);
  return beginsOn(l, "chmod", fd, 0, mode) ? -1 : (int)ends(l, NEXT(fchmod)(fd, mode));
}

int chmod(const char *path, mode_t mode) {
  Lane *l = CALLER();
  return l ? onName(l, AT_FDCWD, path, "chmod", 1, chmods, &mode) : NEXT(chmod)(path, mode);
}

int fchmodat(int folder, const char *path, mode_t mode, int flags) {
  Lane *l = CALLER();
  return l ? onName(l, folder, path, "chmod", 1, chmods, &mode) : NEXT(fchmodat)(folder, path, mode, flags);
}

int fchown(int fd, uid_t user, gid_t group) {
  Lane *l = CALLER();
  return l ? ON_FD(fd, "chown", NULL, NEXT(fchown)(fd, user, group)) : NEXT(fchown)(fd, user, group);
}

int chown(const char *path, uid_t user, gid_t group) {
  Lane *l = CALLER();
  uid_t ids[] = {user, group};
  return l ? onName(l, AT_FDCWD, path, "chown", 1, chowns, ids) : NEXT(chown)(path, user, group);
}

int lchown(const char *path, uid_t user, gid_t group) {
  Lane *l = CALLER();
  uid_t ids[] = {user, group};
  return l ? onName(l, AT_FDCWD, path, "chown", 0, chowns, ids) : NEXT(lchown)(path, user, group);
}

int fchownat(int folder, const char *path, uid_t user, gid_t group, int flags) {
  Lane *l = CALLER();
  uid_t ids[] = {user, group};
  int follow = !(flags & AT_SYMLINK_NOFOLLOW);
  return l ? onName(l, folder, path, "chown", follow, chowns, ids) : NEXT(fchownat)(folder, path, user, group, flags);
}

/* Times that a program sets are the kernel's to keep; what it is told of a file's times is the run's (makeLogical). */
int utimensat(int folder, const char *path, const struct timespec times[2], int flags) {
  Lane *l = CALLER();
  if (!l) return NEXT(utimensat)(folder, path, times, flags);
  return onName(l, folder, path, "utime", 1, utimens, (void *)times);
}

int futimens(int fd, const struct timespec times[2]) {
  Lane *l = CALLER();
  return l ? ON_FD(fd, "utime", NULL, NEXT(futimens)(fd, times)) : NEXT(futimens)(fd, times);
}

static int utimesOf(Lane *l, int folder, const char *path, const struct timeval *t) {
  struct timespec both[2];
  for (int i = 0; t && i < 2; i++) both[i] = (struct timespec){t[i].tv_sec, t[i].tv_usec * 1000};
  return onName(l, folder, path, "utime", 1, utimens, t ? both : NULL);
}

int utimes(const char *path, const struct timeval t[2]) {
  Lane *l = CALLER();
  return l ? utimesOf(l, AT_FDCWD, path, t) : NEXT(utimes)(path, t);
}

int futimesat(int folder, const char *path, const struct timeval t[2]) {
  Lane *l = CALLER();
  return l ? utimesOf(l, folder, path, t) : NEXT(futimesat)(folder, path, t);
}

int utime(const char *path, const struct utimbuf *t) {
  Lane *l = CALLER();
  struct timeval both[2] = {{t ? t->actime : 0, 0}, {t ? t->modtime : 0, 0}};
  return l ? utimesOf(l, AT_FDCWD, path, t ? both : NULL) : NEXT(utime)(path, t);
}

/* The bytes of a file at that place, for one that is mapped there and would show what others write from then on: which it may, or not
** (mmap(2), MAP_PRIVATE). Result: how many there were; -1 with errno. */
static ssize_t takesCopy(int fd, char *to, size_t bytes, off_t offset) {
  size_t n = 0;
  if (NEXT(mmap)(to, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) return -1;
  for (ssize_t part = 1; n < bytes && part > 0; n += part > 0 ? (size_t)part : 0) {
    part = NEXT(pread)(fd, to + n, bytes - n, offset + (off_t)n);
    if (part < 0) return -1;
  }
  return (ssize_t)n;
}

/* A private mapping is a read of what it shows, and a copy of that; of one that others share nobody would see what happens. */
static void *maps(Lane *l, void *at, size_t bytes, int protection, int flags, int fd, off_t offset) {
  if (flags & MAP_ANONYMOUS || !nameOfFd(fd)) return NEXT(mmap)(at, bytes, protection, flags, fd, offset);
  if ((flags & MAP_TYPE) != MAP_PRIVATE)
    notFollowed("maps a file of the run into memory with MAP_SHARED (mmap), where nobody sees what it reads and writes: let it read and "
                "write the file, or map it with MAP_PRIVATE");
  if (beginsOn(l, "read", fd, bytes, offset)) return MAP_FAILED;
  void *p = NEXT(mmap)(at, bytes, protection, flags, fd, offset);
  ssize_t n = p == MAP_FAILED ? -1 : takesCopy(fd, p, bytes, offset);
  endsContents(l, n, p);
  if (n < 0) return MAP_FAILED;
  mprotect(p, bytes, protection);
  return p;
}

void *mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset) {
  Lane *l = CALLER();
  return l ? maps(l, at, bytes, protection, flags, fd, offset) : NEXT(mmap)(at, bytes, protection, flags, fd, offset);
}
SAME_AS(mmap, mmap64);

/* ---- locks ---- */

/* Bytes at which SQLite locks a database (os.h, PENDING_BYTE and what follows) and its wal-index (WALINDEX_LOCK_OFFSET). */
static int isSqliteLock(const char *name, const struct flock *f) {
  enum { PENDING_BYTE = 0x40000000, SHARED_SIZE = 510, WALINDEX_LOCK = 120 };
  if (f->l_whence != SEEK_SET) return 0;
  if (f->l_start >= PENDING_BYTE && f->l_start < PENDING_BYTE + 2 + SHARED_SIZE) return 1;
  return endsWith(name, "-shm") && f->l_start >= WALINDEX_LOCK && f->l_start < WALINDEX_LOCK + 16;
}

static int locksRecord(Lane *l, int fd, int command, struct flock *f) {
  const char *name = nameOfFd(fd);
  if (!name) return NEXT(fcntl)(fd, command, f);
  if (isSqliteLock(name, f))
    notFollowed("locks a database as SQLite does, and not through the libsqlite3 that was put under it: it brings an SQLite of "
                "its own. Link it with libsqlite3 dynamically");
  int waits = command == F_SETLKW || command == F_OFD_SETLKW;
  int now = command == F_SETLKW ? F_SETLK : command == F_OFD_SETLKW ? F_OFD_SETLK : command;
  for (;;) {
    if (begins(l, "record-lock", name, f->l_type == F_UNLCK ? "unlock" : f->l_type == F_RDLCK ? "read" : "write")) return -1;
    int rc = (int)ends(l, NEXT(fcntl)(fd, now, f));
    if (!rc && f->l_type != F_WRLCK) notifies(l, KERNEL); /* one to read may have been one to write */
    if (!rc || !waits || (errno != EAGAIN && errno != EACCES)) return rc;
    if (awaits(l, KERNEL, -1) & INTERRUPTS) return errno = EINTR, -1;
  }
}

int fcntl(int fd, int command, ...) {
  Lane *l = CALLER();
  va_list more;
  va_start(more, command);
  void *given = va_arg(more, void *);
  va_end(more);
  if (!l) return NEXT(fcntl)(fd, command, given);
  switch (command) {
    case F_DUPFD: case F_DUPFD_CLOEXEC:
      return copied(l, fd, NEXT(fcntl)(fd, command, given));
    case F_SETLK: case F_SETLKW: case F_OFD_SETLK: case F_OFD_SETLKW:
      return locksRecord(l, fd, command, given);
    default:
      return NEXT(fcntl)(fd, command, given);
  }
}
SAME_AS(fcntl, fcntl64);

int lockf(int fd, int command, off_t bytes) {
  Lane *l = CALLER();
  if (!l || command == F_TEST || !nameOfFd(fd)) return NEXT(lockf)(fd, command, bytes);
  struct flock f = {.l_type = command == F_ULOCK ? F_UNLCK : F_WRLCK, .l_whence = SEEK_CUR, .l_start = 0, .l_len = bytes};
  return locksRecord(l, fd, command == F_LOCK ? F_SETLKW : F_SETLK, &f);
}
SAME_AS(lockf, lockf64);

int flock(int fd, int operation) {
  Lane *l = CALLER();
  const char *name = l ? nameOfFd(fd) : NULL;
  if (!name) return NEXT(flock)(fd, operation);
  for (;;) {
    int frees = operation & LOCK_UN;
    const char *detail = frees ? NULL : operation & LOCK_EX ? "exclusive" : "shared";
    if (begins(l, frees ? "funlock" : "flock", name, detail)) return -1;
    int rc = (int)ends(l, NEXT(flock)(fd, operation | LOCK_NB));
    if (!rc && operation & LOCK_SH) notifies(l, KERNEL); /* it may have been an exclusive one (flock(2)) */
    if (!rc || frees || operation & LOCK_NB || errno != EWOULDBLOCK) return rc;
    if (awaits(l, KERNEL, -1) & INTERRUPTS) return errno = EINTR, -1;
  }
}

/* A clone of a file (ioctl_ficlone(2)) would be no reads and writes: as on a file system that has none. */
int ioctl(int fd, unsigned long request, ...) {
  va_list more;
  va_start(more, request);
  void *given = va_arg(more, void *);
  va_end(more);
  enum { FICLONE_ = 0x40049409, FICLONERANGE_ = 0x4020940D };
  if (CALLER() && (request == FICLONE_ || request == FICLONERANGE_)) return errno = EOPNOTSUPP, -1;
  return NEXT(ioctl)(fd, request, given);
}

/* ---- pipes, and what is none ---- */

/* Nobody would be told that there is news: as on a kernel that lacks it, where programs look by themselves. */
int inotify_init1(int flags) {
  if (!CALLER()) return NEXT(inotify_init1)(flags);
  errno = ENOSYS;
  return -1;
}

int inotify_init(void) { return CALLER() ? (errno = ENOSYS, -1) : NEXT(inotify_init)(); }
