/*
** Under PostgreSQL's processes, by LD_PRELOAD: kills the server right before the n-th write to a file or sync that one of its processes, which
** is named by its number in a shared page, makes from then on. So a COMMIT has as many places to die in as it has system calls. What stays
** out: who names the process, and the deaths of the others (crash-point.ts, cluster.ts).
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* `left`: so many calls until it dies, 1 for the next; `died` is set then. */
typedef struct {
  int32_t pid, left, died;
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

#define NEXT(type, name, parameters, arguments) \
  type name parameters { \
    static type(*next) parameters; \
    if (!next) next = (type(*) parameters)dlsym(RTLD_NEXT, #name); \
    step(); \
    return next arguments; \
  }

NEXT(ssize_t, pwrite, (int fd, const void *bytes, size_t length, off_t at), (fd, bytes, length, at))
NEXT(ssize_t, pwrite64, (int fd, const void *bytes, size_t length, off64_t at), (fd, bytes, length, at))
NEXT(ssize_t, pwritev, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at))
NEXT(ssize_t, pwritev64, (int fd, const struct iovec *parts, int count, off64_t at), (fd, parts, count, at))
NEXT(int, fsync, (int fd), (fd))
NEXT(int, fdatasync, (int fd), (fd))
