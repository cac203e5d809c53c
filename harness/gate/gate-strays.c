/*
** What a program does past the gate: on databases of a run, by an SQLite of its own or by a system call that no host has made a step of; on
** other files of the run, where it writes them; and by what processes share past all files. Part of gate.c, which includes it. Such work
** is in no trace, and ends the run.
**
** It is found in two ways, in programs that are processes of their own. Where this library stands before the C library (LD_PRELOAD of the
** Python host), each such call of the process comes by: one that neither SQLite nor a step asks for is told at once. And now
** and then, where a lane stands still, its process's descriptors are looked at: one on a database must be SQLite's or a step's.
**
** What stays out: what is opened and closed by the bare kernel between two looks, databases of which SQLite knows nothing yet, and other files
** that are only read (an interpreter reads its modules so).
*/
static const char *const besideDatabase[] = {"", "-wal", "-shm", "-journal"};
enum { BESIDE = sizeof besideDatabase / sizeof *besideDatabase };

static int looksForStrays; /* this process is a program of its own */

static void strayOpen(const char *who, const char *name) {
  char text[240];
  snprintf(text, sizeof text, "opens %s past the gate (%s): by an SQLite of its own, or by a call that its host does not follow. Let it use "
           "the libsqlite3 that is put under it, and open files as its language does", name, who);
  notFollowed(text);
}

/* Calls one for each file of a database that there is. Result: whether it has said yes. */
static int anyDatabaseFile(const Lane *l, int (*is)(const char *name, const char *path, const struct stat *s)) {
  char path[PATH_MAX];
  struct stat s;
  for (unsigned i = 0; i < l->databaseCount; i++) {
    for (int b = 0; b < BESIDE; b++) {
      if (snprintf(path, sizeof path, "%s/%s%s", l->root, l->databases[i], besideDatabase[b]) >= PATH_MAX || stat(path, &s)) continue;
      if (is(path + strlen(l->root) + 1, path, &s)) return 1;
    }
  }
  return 0;
}

/* Descriptors that are open and neither SQLite's nor a step's, and what they are of. */
static struct Elsewhere {
  dev_t device;
  ino_t inode;
} elsewhere[LOOKED_AT];
static int elsewhereCount;

/* Asks the kernel once which are open, since most are not. Result: by number; where it says nothing, all of them. */
static void askWhichAreOpen(struct pollfd asked[LOOKED_AT]) {
  for (int fd = 0; fd < LOOKED_AT; fd++) asked[fd] = (struct pollfd){fd, 0, 0};
#ifdef __linux__
  struct timespec none = {0, 0}; /* by no function of the C library: hosts stand before those */
  syscall(SYS_ppoll, asked, (nfds_t)LOOKED_AT, &none, NULL, 0);
#endif
}

static void lookElsewhere(void) {
  struct pollfd asked[LOOKED_AT];
  struct stat open;
  elsewhereCount = 0;
  askWhichAreOpen(asked);
  for (int fd = 0; fd < LOOKED_AT; fd++) {
    if (asked[fd].revents & POLLNVAL || isSqlites[fd] || (fd < descriptorRoom && descriptors[fd].o.run)) continue;
    if (!fstat(fd, &open)) elsewhere[elsewhereCount++] = (struct Elsewhere){open.st_dev, open.st_ino};
  }
}

static int isOpenElsewhere(const char *name, const char *path, const struct stat *s) {
  (void)path;
  for (int i = 0; i < elsewhereCount; i++)
    if (elsewhere[i].inode == s->st_ino && elsewhere[i].device == s->st_dev) strayOpen("it is open now", name);
  return 0;
}

/* Where a lane stands still: rarely enough to cost nothing, and at the same places in every replay. */
static void lookForStrays(Lane *l, const Record *r) {
  if (!looksForStrays || l->stepOpen) return;
  l->stops++;
  int isRare = !(l->stops & (l->stops - 1));
  if (!isRare && r->op != OP_SLEEP && r->op != OP_END) return;
  lookElsewhere();
  anyDatabaseFile(l, isOpenElsewhere);
}

#if !defined SQLITE_CORE && defined __GLIBC__

#include <mqueue.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

/* ---- open(2) of the whole process ---- */

static const char *soughtPath;
static dev_t soughtDevice;
static ino_t soughtInode;

static int isSought(const char *name, const char *path, const struct stat *s) {
  (void)path;
  if (s->st_dev != soughtDevice || s->st_ino != soughtInode) return 0;
  soughtPath = name;
  return 1;
}

static int isNamedLike(const Lane *l, const char *path) {
  const char *last = strrchr(path, '/');
  last = last ? last + 1 : path;
  for (unsigned i = 0; i < l->databaseCount; i++) {
    const char *name = strrchr(l->databases[i], '/');
    name = name ? name + 1 : l->databases[i];
    if (!strncmp(last, name, strlen(name))) return 1;
  }
  return 0;
}

/* The lane whose program makes a call past its host, or NULL. */
static Lane *pastHost(void) {
  Lane *l = laneHere();
  return l && looksForStrays && !opensItself && !l->stepOpen ? l : NULL;
}

/* The file of the program or of a library that has this place in it. */
static const char *fileAt(const void *caller) {
  Dl_info info;
  const char *file = dladdr(caller, &info) && info.dli_fname ? info.dli_fname : "the program";
  const char *last = strrchr(file, '/');
  return last ? last + 1 : file;
}

/* The name below the world of what a path means, which may not be there yet; NULL where it lies elsewhere. */
static const char *nameInWorld(const Lane *l, const char *path, char out[PATH_MAX]) {
  char folder[PATH_MAX];
  if (realpath(path, out)) return below(l->root, out);
  if (snprintf(folder, sizeof folder, "%s", path) >= PATH_MAX) return NULL;
  char *last = strrchr(folder, '/');
  if (last) *last = 0;
  if (!realpath(!last ? "." : *folder ? folder : "/", out)) return NULL;
  size_t n = strlen(out);
  if (snprintf(out + n, PATH_MAX - n, "/%s", last ? last + 1 : folder) >= (int)(PATH_MAX - n)) return NULL;
  return below(l->root, out);
}

/* A call that opens a file, from this place in the program. A name that only the run has (WORLD) would not be found. */
static void opens(const char *path, int writes, const void *caller) {
  Lane *l = pastHost();
  if (!l || !path || !(writes || isNamedLike(l, path))) return;
  struct stat s;
  const char *logical = below(WORLD, path);
  char whole[PATH_MAX], found[PATH_MAX];
  if (logical && snprintf(whole, sizeof whole, "%s/%s", l->root, logical) < PATH_MAX) path = whole;
  const char *written = writes ? nameInWorld(l, path, found) : NULL;
  if (written) strayOpen(fileAt(caller), written);
  if (stat(path, &s)) return;
  soughtDevice = s.st_dev;
  soughtInode = s.st_ino;
  if (anyDatabaseFile(l, isSought)) strayOpen(fileAt(caller), soughtPath);
}

/* A call that maps a file into memory that others share. */
static void mapsShared(int flags, int fd, const void *caller) {
  Lane *l = (flags & MAP_TYPE) == MAP_PRIVATE || flags & MAP_ANONYMOUS ? NULL : pastHost();
  char link[64], path[PATH_MAX], text[200 + PATH_MAX];
  if (!l || fd < 0 || fd >= LOOKED_AT || isSqlites[fd]) return;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  path[n > 0 ? n : 0] = 0;
  const char *name = below(l->root, path);
  if (!name) return;
  snprintf(text, sizeof text, "maps %s into memory with MAP_SHARED (mmap, by %s), where nobody sees what it reads and writes: let it read and write "
           "the file", name, fileAt(caller));
  notFollowed(text);
}

/* A call for what has a key or a name that is one for the whole machine (sysvipc(7), shm_overview(7), mq_overview(7), sem_overview(7)). */
static void sharesByName(const char *call, const void *caller) {
  char text[300];
  if (!pastHost()) return;
  snprintf(text, sizeof text, "shares memory, a semaphore or a queue by a key or a name (%s, by %s), which is one for all runs of this machine, and "
           "outlives them: let its processes share a pipe or a file of the run", call, fileAt(caller));
  notFollowed(text);
}

#define NEXT_FUNCTION(name, type)                          \
  static type next;                                        \
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, #name)

#define NEXT_OF(name, type, writes)                        \
  NEXT_FUNCTION(name, type);                               \
  opens(path, writes, __builtin_return_address(0))

typedef int (*OpenCall)(const char *, int, ...);
typedef int (*OpenAtCall)(int, const char *, int, ...);
typedef FILE *(*FopenCall)(const char *, const char *);

static int isToWrite(int flags) { return (flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT; }

#define STANDS_BEFORE_OPEN(name)                         \
  int name(const char *path, int flags, ...) {           \
    va_list more;                                        \
    va_start(more, flags);                               \
    mode_t mode = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(more, mode_t) : 0; \
    va_end(more);                                        \
    NEXT_OF(name, OpenCall, isToWrite(flags));                             \
    return next(path, flags, mode);                      \
  }
#define STANDS_BEFORE_OPENAT(name)                       \
  int name(int folder, const char *path, int flags, ...) { \
    va_list more;                                        \
    va_start(more, flags);                               \
    mode_t mode = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(more, mode_t) : 0; \
    va_end(more);                                        \
    NEXT_OF(name, OpenAtCall, isToWrite(flags));                           \
    return next(folder, path, flags, mode);              \
  }
#define STANDS_BEFORE_FOPEN(name)                        \
  FILE *name(const char *path, const char *mode) {       \
    NEXT_OF(name, FopenCall, strpbrk(mode, "wa+") != NULL);                            \
    return next(path, mode);                             \
  }

STANDS_BEFORE_OPEN(open)
STANDS_BEFORE_OPEN(open64)
STANDS_BEFORE_OPENAT(openat)
STANDS_BEFORE_OPENAT(openat64)
STANDS_BEFORE_FOPEN(fopen)
STANDS_BEFORE_FOPEN(fopen64)

/* What a program calls that was compiled with _FORTIFY_SOURCE, and makes no file. */
int __open_2(const char *path, int flags) {
  NEXT_OF(__open_2, OpenCall, isToWrite(flags));
  return next(path, flags);
}

int __open64_2(const char *path, int flags) {
  NEXT_OF(__open64_2, OpenCall, isToWrite(flags));
  return next(path, flags);
}

/* ---- and what shares past all files ---- */

typedef void *(*MmapCall)(void *, size_t, int, int, int, off_t);

#define STANDS_BEFORE_MMAP(name)                                                                  \
  void *name(void *at, size_t bytes, int protection, int flags, int fd, off_t offset) {           \
    NEXT_FUNCTION(name, MmapCall);                                                                \
    mapsShared(flags, fd, __builtin_return_address(0));                                           \
    return next(at, bytes, protection, flags, fd, offset);                                        \
  }
STANDS_BEFORE_MMAP(mmap)
STANDS_BEFORE_MMAP(mmap64)

#define STANDS_BEFORE_SHARING(type, name, parameters, ...)    \
  type name parameters {                                      \
    NEXT_FUNCTION(name, __typeof__(&name));                   \
    sharesByName(#name, __builtin_return_address(0));         \
    return next(__VA_ARGS__);                                 \
  }
STANDS_BEFORE_SHARING(int, shmget, (key_t key, size_t bytes, int flags), key, bytes, flags)
STANDS_BEFORE_SHARING(int, semget, (key_t key, int n, int flags), key, n, flags)
STANDS_BEFORE_SHARING(int, msgget, (key_t key, int flags), key, flags)
STANDS_BEFORE_SHARING(int, shm_open, (const char *name, int flags, mode_t mode), name, flags, mode)

#define STANDS_BEFORE_OPENING(type, name, first, second)                  \
  type name(const char *path, int flags, ...) {                           \
    va_list more;                                                         \
    NEXT_FUNCTION(name, __typeof__(&name));                               \
    sharesByName(#name, __builtin_return_address(0));                     \
    va_start(more, flags);                                                \
    first a = flags & O_CREAT ? va_arg(more, first) : (first)0;           \
    second b = flags & O_CREAT ? va_arg(more, second) : (second)0;        \
    va_end(more);                                                         \
    return next(path, flags, a, b);                                       \
  }
STANDS_BEFORE_OPENING(sem_t *, sem_open, mode_t, unsigned)
STANDS_BEFORE_OPENING(mqd_t, mq_open, mode_t, struct mq_attr *)

/* By its number. */
long syscall(long number, ...) {
  typedef long (*Syscall)(long, ...);
  const void *caller = __builtin_return_address(0);
  long a[6];
  va_list more;
  va_start(more, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(more, long);
  va_end(more);
  NEXT_FUNCTION(syscall, Syscall);
  switch (number) {
#ifdef SYS_open
    case SYS_open: opens((const char *)a[0], isToWrite((int)a[1]), caller); break;
    case SYS_creat: opens((const char *)a[0], 1, caller); break;
#endif
    case SYS_openat: opens((const char *)a[1], isToWrite((int)a[2]), caller); break;
    case SYS_mmap: mapsShared((int)a[3], (int)a[4], caller); break;
    case SYS_shmget: sharesByName("shmget", caller); break;
    case SYS_semget: sharesByName("semget", caller); break;
    case SYS_msgget: sharesByName("msgget", caller); break;
    case SYS_mq_open: sharesByName("mq_open", caller); break;
  }
  return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#endif
