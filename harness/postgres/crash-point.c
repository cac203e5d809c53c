/*
** Under PostgreSQL's processes, by LD_PRELOAD: kills the server right before the n-th write to a file or sync that one of its processes, which
** is named by its number in a shared page, makes from then on. So a COMMIT has as many places to die in as it has system calls. And while the
** page says that the disk is full, no file of a table or an index grows: ENOSPC. The WAL has its room: where it stands in its segment hangs on
** what earlier runs have written. And it counts what is written and synced. What stays out: who names the process, and the deaths of the others (crash-point.ts, cluster.ts).
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* `left`: so many calls until it dies, 1 for the next; `died` is set then. `full`: the disk is. `bytes`, `syncs`: of all processes so far. */
typedef struct {
  int32_t pid, left, died, full;
  uint64_t bytes, syncs;
} Point;

static volatile Point *point;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("LOCKSTEP_CRASH_POINT");
  int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void *page = mmap(NULL, sizeof(Point), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page != MAP_FAILED) point = page;
  close(fd);
}

static void step(void) {
  if (!point || point->pid != getpid() || --point->left != 0) return;
  point->died = 1;
  kill(getppid(), SIGKILL);
  kill(getpid(), SIGKILL);
}

/* Would a file of a table or an index, below base/ of the cluster, grow to so many bytes on a full disk? */
static int refused(int fd, off_t end) {
  char link[64], path[4096];
  struct stat now;
  if (!point || !point->full || fstat(fd, &now) != 0 || end <= now.st_size) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strstr(path, "/base/") != NULL;
}

static size_t sum(const struct iovec *parts, int count) {
  size_t bytes = 0;
  for (int i = 0; i < count; i++) bytes += parts[i].iov_len;
  return bytes;
}

static void tally(size_t bytes, int syncs) {
  if (!point) return;
  __sync_fetch_and_add(&point->bytes, bytes);
  __sync_fetch_and_add(&point->syncs, syncs);
}

#define NEXT(type, name, parameters, arguments, end, full, written, synced) \
  type name parameters { \
    static type(*next) parameters; \
    if (!next) next = (type(*) parameters)dlsym(RTLD_NEXT, #name); \
    if (refused(fd, end)) { \
      errno = ENOSPC; \
      return full; \
    } \
    step(); \
    tally(written, synced); \
    return next arguments; \
  }

NEXT(ssize_t, pwrite, (int fd, const void *bytes, size_t length, off_t at), (fd, bytes, length, at), at + (off_t)length, -1, length, 0)
NEXT(ssize_t, pwrite64, (int fd, const void *bytes, size_t length, off64_t at), (fd, bytes, length, at), at + (off_t)length, -1, length, 0)
NEXT(ssize_t, pwritev, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at), at + (off_t)sum(parts, count), -1, sum(parts, count), 0)
NEXT(ssize_t, pwritev64, (int fd, const struct iovec *parts, int count, off64_t at), (fd, parts, count, at), at + (off_t)sum(parts, count), -1, sum(parts, count), 0)
NEXT(int, posix_fallocate, (int fd, off_t at, off_t length), (fd, at, length), at + length, ENOSPC, 0, 0)
NEXT(int, posix_fallocate64, (int fd, off64_t at, off64_t length), (fd, at, length), at + length, ENOSPC, 0, 0)
NEXT(int, fsync, (int fd), (fd), 0, -1, 0, 1)
NEXT(int, fdatasync, (int fd), (fd), 0, -1, 0, 1)
