/*
** What a zygote of Node is loaded with: forks that go on as whole Nodes. A Node that has loaded the host and waits before its program
** is copied in a millisecond, where a fresh one takes 30 of processor time.
**
** Nobody else forks a Node, since four things stand in the way; each has its answer here:
** - V8 asks the kernel to leave its heap out of copies (madvise(2), MADV_DONTFORK; v8/src/base/platform/platform-posix.cc): taken back.
** - Its threads are not copied. `--single-threaded` keeps V8 from giving them work; those that Node starts all the same only wait.
** - At its end Node takes down what those threads wait at, which in a copy still looks as if they did: pthread_cond_destroy(3) would wait
**   until they have left, pthread_mutex_destroy(3) refuse, pthread_join(3) wait for whoever has their place. There they do nothing.
** - libuv holds descriptors of the kernel that both would share: uv_loop_fork makes new ones, and so do its handlers of
**   pthread_atfork(3), which only the C library's own fork(2) calls.
**
** It is loaded before Node (LD_PRELOAD), to stand before those functions of the C library, and once more as an extension of SQLite, which is
** how JavaScript calls it. What stays out: what a copy does (zygote.ts), and what it answers.
*/
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <sqlite3ext.h>

SQLITE_EXTENSION_INIT1

static int isCopy;

/* A function of the C library itself, which this one stands before. */
#define REAL(name)                                      \
  static __typeof__(&name) real;                        \
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name); \
  if (!real) return ENOSYS;

/* Of these two the GNU C library frees nothing. */
int pthread_cond_destroy(pthread_cond_t *cond) {
  REAL(pthread_cond_destroy)
  return isCopy ? 0 : real(cond);
}

int pthread_mutex_destroy(pthread_mutex_t *mutex) {
  REAL(pthread_mutex_destroy)
  return isCopy ? 0 : real(mutex);
}

enum { THREADS_MAX = 64 };
static pthread_t threads[THREADS_MAX]; /* of the zygote: no copy has them */
static int threadCount;

/* On a stack of our own, which is never freed: in a copy the C library would give that of a thread which is not there to a new one, and
** the two would have one name. */
int pthread_create(pthread_t *thread, const pthread_attr_t *given, void *(*run)(void *), void *told) {
  REAL(pthread_create)
  if (isCopy || threadCount == THREADS_MAX) return real(thread, given, run, told);
  enum { GUARD = 1 << 16 };
  size_t bytes = 0;
  pthread_attr_t own;
  if (given) pthread_attr_getstacksize(given, &bytes);
  if (pthread_attr_init(&own)) return EAGAIN;
  if (!bytes) pthread_attr_getstacksize(&own, &bytes);
  char *stack = mmap(NULL, GUARD + bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  int failed = stack == MAP_FAILED || mprotect(stack, GUARD, PROT_NONE) ? EAGAIN : pthread_attr_setstack(&own, stack + GUARD, bytes);
  if (!failed) failed = real(thread, &own, run, told);
  pthread_attr_destroy(&own);
  if (!failed) threads[threadCount++] = *thread;
  return failed;
}

int pthread_join(pthread_t thread, void **result) {
  REAL(pthread_join)
  for (int i = 0; isCopy && i < threadCount; i++)
    if (pthread_equal(threads[i], thread)) return 0;
  return real(thread, result);
}

/* All memory goes into copies: what V8 has got since the last one too. */
static int shareMemory(void) {
  char line[4352];
  FILE *maps = fopen("/proc/self/maps", "re");
  if (!maps) return -1;
  while (fgets(line, sizeof line, maps)) {
    unsigned long from, to;
    /* what the kernel itself maps cannot be advised, and is in every process */
    if (sscanf(line, "%lx-%lx", &from, &to) == 2 && !strstr(line, "[v")) madvise((void *)from, to - from, MADV_DOFORK);
  }
  return fclose(maps);
}

/* libuv is in Node itself. Result: 0, or a negative errno. */
static int newLoop(void) {
  void *(*defaultLoop)(void);
  int (*loopFork)(void *);
  *(void **)&defaultLoop = dlsym(RTLD_DEFAULT, "uv_default_loop");
  *(void **)&loopFork = dlsym(RTLD_DEFAULT, "uv_loop_fork");
  return defaultLoop && loopFork ? loopFork(defaultLoop()) : -ENOSYS;
}

/*
** A copy whose parent exits, so that the coordinator adopts it: clone(2) with CLONE_PARENT would call none of the handlers of fork. The
** one between is no copy (vfork(2)). Result: the number of the process; 0 in it; or a negative errno.
*/
static __attribute__((noinline)) pid_t copy(int detached) {
  int told[2];
  pid_t pid = -1;
  if (shareMemory() || pipe2(told, O_CLOEXEC)) return -errno;
  pid_t between = vfork();
  if (between == 0) {
    pid_t self = getpid();
    if (detached) setsid();
    pid_t copied = fork();
    if (copied) {
      if (copied < 0) copied = -errno;
      _exit(write(told[1], &copied, sizeof copied) == sizeof copied ? 0 : 1);
    }
    isCopy = 1;
    close(told[0]);
    close(told[1]);
    while (getppid() == self) usleep(50); /* the gate dies with the parent that it attaches under */
    if (!detached) setsid();              /* a Ctrl-C at the terminal is for the coordinator alone */
    return newLoop();
  }
  int why = errno;
  close(told[1]);
  if (between < 0) pid = -why;
  else {
    if (read(told[0], &pid, sizeof pid) != sizeof pid) pid = -EAGAIN;
    waitpid(between, NULL, 0);
  }
  close(told[0]);
  return pid;
}

/* lockstep_copy(detached): see copy. */
static void sqlCopy(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  sqlite3_result_int(c, copy(sqlite3_value_int(v[0])));
}

/* lockstep_stream(fd, path, flags): the file is the process's descriptor `fd` from here on. Result: 0 or an errno. */
static void sqlStream(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  int to = sqlite3_value_int(v[0]);
  int fd = open((const char *)sqlite3_value_text(v[1]), sqlite3_value_int(v[2]) | O_CLOEXEC, 0666);
  int failed = fd < 0 || dup2(fd, to) < 0;
  int why = errno;
  if (fd >= 0) close(fd);
  sqlite3_result_int(c, failed ? why : 0);
}

/* What load_extension calls. */
int sqlite3_zygote_init(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
  (void)error;
  SQLITE_EXTENSION_INIT2(api);
  int rc = sqlite3_create_function(db, "lockstep_copy", 1, SQLITE_UTF8, NULL, sqlCopy, NULL, NULL);
  return rc ? rc : sqlite3_create_function(db, "lockstep_stream", 3, SQLITE_UTF8, NULL, sqlStream, NULL, NULL);
}
