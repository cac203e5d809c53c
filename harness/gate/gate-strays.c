/*
** Databases of a run that a program works on past the gate: by an SQLite of its own, or by a system call that no host has made a step
** of. Part of gate.c, which includes it. Such work is in no trace, and ends the run.
**
** It is found in two ways, in programs that are processes of their own. Where this library stands before the C library (LD_PRELOAD of the
** Python host), each open(2) of the process comes by: one that neither SQLite nor a step asks for is told at once. And now and then,
** where a lane stands still, its process's descriptors are looked at: one on a database must be SQLite's or a step's.
**
** What stays out: what is opened and closed by the bare kernel between two looks, and databases of which SQLite knows nothing yet.
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

static int isOpenElsewhere(const char *name, const char *path, const struct stat *s) {
  struct stat open;
  (void)path;
  for (int fd = 0; fd < LOOKED_AT; fd++) {
    if (isSqlites[fd] || (fd < descriptorRoom && descriptors[fd].o.run)) continue;
    if (!fstat(fd, &open) && open.st_ino == s->st_ino && open.st_dev == s->st_dev) strayOpen("it is open now", name);
  }
  return 0;
}

/* Where a lane stands still: rarely enough to cost nothing, and at the same places in every replay. */
static void lookForStrays(Lane *l, const Record *r) {
  if (!looksForStrays || l->stepOpen) return;
  l->stops++;
  int isRare = !(l->stops & (l->stops - 1));
  if (isRare || r->op == OP_SLEEP || r->op == OP_END) anyDatabaseFile(l, isOpenElsewhere);
}

#if !defined SQLITE_CORE && defined __GLIBC__

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

/* A call that opens a file, from this place in the program. A name that only the run has (WORLD) would not be found. */
static void opens(const char *path, const void *caller) {
  Lane *l = laneHere();
  if (!l || !looksForStrays || opensItself || l->stepOpen || !path || !isNamedLike(l, path)) return;
  struct stat s;
  const char *logical = below(WORLD, path);
  char whole[PATH_MAX];
  if (logical && snprintf(whole, sizeof whole, "%s/%s", l->root, logical) < PATH_MAX) path = whole;
  if (stat(path, &s)) return;
  soughtDevice = s.st_dev;
  soughtInode = s.st_ino;
  if (!anyDatabaseFile(l, isSought)) return;
  Dl_info info;
  const char *file = dladdr(caller, &info) && info.dli_fname ? info.dli_fname : "the program";
  const char *last = strrchr(file, '/');
  strayOpen(last ? last + 1 : file, soughtPath);
}

#define NEXT_OF(name, type)                                \
  static type next;                                        \
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, #name);    \
  opens(path, __builtin_return_address(0))

typedef int (*OpenCall)(const char *, int, ...);
typedef int (*OpenAtCall)(int, const char *, int, ...);
typedef FILE *(*FopenCall)(const char *, const char *);

#define STANDS_BEFORE_OPEN(name)                         \
  int name(const char *path, int flags, ...) {           \
    va_list more;                                        \
    va_start(more, flags);                               \
    mode_t mode = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(more, mode_t) : 0; \
    va_end(more);                                        \
    NEXT_OF(name, OpenCall);                             \
    return next(path, flags, mode);                      \
  }
#define STANDS_BEFORE_OPENAT(name)                       \
  int name(int folder, const char *path, int flags, ...) { \
    va_list more;                                        \
    va_start(more, flags);                               \
    mode_t mode = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(more, mode_t) : 0; \
    va_end(more);                                        \
    NEXT_OF(name, OpenAtCall);                           \
    return next(folder, path, flags, mode);              \
  }
#define STANDS_BEFORE_FOPEN(name)                        \
  FILE *name(const char *path, const char *mode) {       \
    NEXT_OF(name, FopenCall);                            \
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
  NEXT_OF(__open_2, OpenCall);
  return next(path, flags);
}

int __open64_2(const char *path, int flags) {
  NEXT_OF(__open64_2, OpenCall);
  return next(path, flags);
}

#endif
