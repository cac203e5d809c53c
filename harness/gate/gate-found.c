/*
** SQLite's own descriptors, as a program finds them that looks through the descriptors of its process, and fcntl(2) locks on
** them. Part of gate.c, which includes it.
**
** A trace cannot have their numbers, which are the kernel's; each is known by the open file of SQLite's that it was opened for: the
** real VFS is told to ask us to open and close files (sqlite3.h, xSetSystemCall). Two connections of a process may share the descriptor of a
** wal-index: that one is known by the first of them.
**
** What stays out: descriptors that a program has opened itself (gate-raw.c).
*/
#include <dirent.h>

typedef struct {
  Opened o;
  char *path;
  uint64_t order; /* in which they were opened */
} Found;

static Found *founds; /* by number */
static int foundRoom;
static uint64_t foundCount;

/* What the real VFS opens a file for, in this thread. */
static __thread const GateFile *opensFor;
static __thread int opensRole;

enum { LOOKED_AT = 256 }; /* descriptors; those of hosts are higher (channelsFrom), or no files of the world */
static unsigned char isSqlites[LOOKED_AT]; /* by number: SQLite has it open, in a run or not */

static int (*openNext)(const char *, int, int);
static int (*closeNext)(int);

static int openOfSqlite(const char *path, int flags, int mode) {
  enum { ROOM = 64 };
  opensItself++;
  int fd = openNext(path, flags, mode);
  opensItself--;
  if (fd >= 0 && fd < LOOKED_AT) isSqlites[fd] = 1;
  if (fd < 0 || !opensFor || !opensFor->path) return fd;
  if (fd >= foundRoom) {
    founds = grow(founds, (size_t)(fd + ROOM) * sizeof *founds);
    memset(founds + foundRoom, 0, (size_t)(fd + ROOM - foundRoom) * sizeof *founds);
    foundRoom = fd + ROOM;
  }
  Found *f = &founds[fd];
  free(f->path);
  *f = (Found){opensFor->o, copyOf(opensFor->path), ++foundCount};
  f->o.role = (uint8_t)opensRole;
  return fd;
}

static int closeOfSqlite(int fd) {
  if (fd >= 0 && fd < LOOKED_AT) isSqlites[fd] = 0;
  if (laneHere() && fd >= 0 && fd < foundRoom) founds[fd].o.run = 0;
  return closeNext(fd);
}

/* SQLite's system calls are to be replaced (c3ref/vfs.html, xSetSystemCall). */
static void followOpens(void) {
  if (real->iVersion < 3) return;
  int (*opens)(const char *, int, int) = (int (*)(const char *, int, int))real->xGetSystemCall(real, "open");
  int (*closes)(int) = (int (*)(int))real->xGetSystemCall(real, "close");
  if (!opens || !closes || opens == openOfSqlite) return;
  openNext = opens;
  closeNext = closes;
  real->xSetSystemCall(real, "open", (sqlite3_syscall_ptr)openOfSqlite);
  real->xSetSystemCall(real, "close", (sqlite3_syscall_ptr)closeOfSqlite);
}

/* What SQLite has opened in this run, and has open. */
static Found *foundAt(int fd) { return fd >= 0 && fd < foundRoom && founds[fd].o.run == processRun ? &founds[fd] : NULL; }

/* The descriptor that SQLite has of the wal-index of a database of this process; -1 for none. */
static int descriptorOfIndex(const GateFile *g) {
  char path[PATH_MAX];
  struct stat named, own;
  if (!g->path || snprintf(path, sizeof path, "%s-shm", g->path) >= PATH_MAX || stat(path, &named)) return -1;
  for (int fd = 0; fd < foundRoom; fd++) {
    if (foundAt(fd) && founds[fd].o.role == ROLE_SHM && !fstat(fd, &own) && own.st_ino == named.st_ino && own.st_dev == named.st_dev) return fd;
  }
  return -1;
}

static int byOrder(const void *a, const void *b) {
  uint64_t x = founds[*(const int *)a].order, y = founds[*(const int *)b].order;
  return (x > y) - (x < y);
}

/*
** The descriptors of this process that SQLite opened in this run and that are of the file which a path means now, in the order in
** which they were opened, whatever their numbers. Result: a JSON array, to be freed by the caller; NULL where the path means none, or
** the system has no /proc.
*/
static char *scan(const char *path) {
  enum { SCANNED_MAX = 4096, DIGITS = 8 };
  static int fds[SCANNED_MAX]; /* one lane of a process runs at a time */
  struct stat named, own;
  int count = 0;
  DIR *all = stat(path, &named) ? NULL : opendir("/proc/self/fd");
  if (!all) return NULL;
  for (struct dirent *e; (e = readdir(all)) && count < SCANNED_MAX;) {
    int fd = atoi(e->d_name);
    if (foundAt(fd) && !fstat(fd, &own) && own.st_ino == named.st_ino && own.st_dev == named.st_dev) fds[count++] = fd;
  }
  closedir(all);
  qsort(fds, (size_t)count, sizeof *fds, byOrder);
  char *text = grow(NULL, (size_t)count * DIGITS + 3), *end = text;
  *end++ = '[';
  for (int i = 0; i < count; i++) end += sprintf(end, i ? ",%d" : "%d", fds[i]);
  strcpy(end, "]");
  return text;
}

/* What is asked for in a step `fdLock` stands in its `b` above the offset: record.ts reads it. */
enum { LOCK_OF_PROCESS = 1, LOCK_RELEASED = 2 };

/*
** fcntl(2): a read lock of bytes of an open file description (F_OFD_SETLK) or, with LOCK_OF_PROCESS, of this process (F_SETLK);
** with LOCK_RELEASED its end. Result: 0 or the errno.
*/
static int lockRange(int fd, int how, int64_t offset, int64_t length) {
#ifdef F_OFD_SETLK
  struct flock range = {.l_type = how & LOCK_RELEASED ? F_UNLCK : F_RDLCK, .l_whence = SEEK_SET, .l_start = offset, .l_len = length};
  int failed;
  do failed = fcntl(fd, how & LOCK_OF_PROCESS ? F_SETLK : F_OFD_SETLK, &range) ? errno : 0;
  while (failed == EINTR);
  return failed;
#else
  (void)fd, (void)how, (void)offset, (void)length;
  return ENOSYS;
#endif
}
