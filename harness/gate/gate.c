/*
** The gate: a SQLite VFS shim through which every file operation of a lane passes.
**
** A lane is one thread of a real process. Before each operation that the coordinator wants to decide about, the
** lane writes what it has done since (records) and what it is about to do (the pending record) into one FIFO, and
** blocks until a grant comes out of another. Between grants it runs at full speed. The layout of records, frames
** and grants is mirrored in protocol.ts; a test compares the two.
**
** The gate knows nothing of Node: it is a loadable extension, and a program in any language that can load one
** becomes a lane by the SQL functions registered at the end of this file, or by the C functions of lockstep.h. The native host (lane/native/host.c) includes
** it instead, with SQLITE_CORE, and calls what they call. Whichever lane of a process uses a file, its calls are steps of that
** lane. A thread that has not entered a run passes straight through to the real VFS, as do files that were opened before its
** process had a lane in it; a thread that never was a lane, and works on the world of the others, ends the process.
**
** The world is closed: to SQLite in a run, all files lie in one folder named WORLD, which stands for the run's own. A name
** that leads elsewhere is refused and recorded; under that the kernel refuses what gets past (lockstep_confine).
**
** What stays out: who moves next, when, and which fault strikes (the coordinator), and what a lane does (programs).
*/
#define _GNU_SOURCE
#include "sqlite3ext.h"
#ifndef SQLITE_CORE
static SQLITE_EXTENSION_INIT1 /* SQLite loads with RTLD_GLOBAL: what is not static is shared with other extensions */
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif
#ifdef __GLIBC__
#include <execinfo.h>
#endif

/*
** The tables of the wire: each name stands once here and once in TypeScript (model/operations.ts, protocol.ts), and a test
** compares all that lockstep_layout() tells of them. X(constant, name there[, value]); for structs X(struct, type, field).
*/

/* Operations. The order is the wire format: append only. `fault`, `quiet` and `statement` are the coordinator's own: a fault
** struck, wakings were skipped, or a server has answered. `name` and `sql` (gate-statements.c) are no steps. */
#define OPERATIONS(X) \
  X(OP_NAME, name) X(OP_START, start) X(OP_END, end) X(OP_OPEN, open) X(OP_CLOSE, close) X(OP_READ, read) \
  X(OP_WRITE, write) X(OP_TRUNCATE, truncate) X(OP_SYNC, sync) X(OP_FILE_SIZE, fileSize) X(OP_LOCK, lock) \
  X(OP_UNLOCK, unlock) X(OP_CHECK_RESERVED, checkReserved) X(OP_FILE_CONTROL, fileControl) X(OP_SHM_MAP, shmMap) \
  X(OP_SHM_LOCK, shmLock) X(OP_SHM_BARRIER, shmBarrier) X(OP_SHM_UNMAP, shmUnmap) X(OP_FETCH, fetch) \
  X(OP_UNFETCH, unfetch) X(OP_DELETE, delete) X(OP_ACCESS, access) X(OP_BUSY_SLEEP, busySleep) \
  X(OP_RANDOMNESS, randomness) X(OP_TIME, time) X(OP_RAW, raw) X(OP_MARK, mark) X(OP_STEP, step) \
  X(OP_FILE_READ, fileRead) X(OP_FILE_WRITE, fileWrite) X(OP_STAT, stat) X(OP_RENAME, rename) X(OP_UNLINK, unlink) \
  X(OP_COPY, copy) X(OP_LINK, link) X(OP_LIST, list) X(OP_FLOCK, flock) X(OP_FUNLOCK, funlock) X(OP_OBSERVE, observe) \
  X(OP_SLEEP, sleep) X(OP_ASK, ask) X(OP_FAULT, fault) X(OP_EXISTS, exists) X(OP_DISCONNECT, disconnect) \
  X(OP_TELL, tell) X(OP_QUIET, quiet) X(OP_REFUSED, refused) X(OP_MKDIR, mkdir) X(OP_SYMLINK, symlink) \
  X(OP_LSTAT, lstat) X(OP_RMDIR, rmdir) X(OP_CHMOD, chmod) X(OP_UTIME, utime) X(OP_FD_OPEN, fdOpen) X(OP_FD_CLOSE, fdClose) \
  X(OP_FD_READ, fdRead) X(OP_FD_WRITE, fdWrite) X(OP_FD_SYNC, fdSync) X(OP_FD_TRUNCATE, fdTruncate) X(OP_FD_STAT, fdStat) \
  X(OP_FD_SCAN, fdScan) X(OP_FD_LOCK, fdLock) X(OP_FD_CHMOD, fdChmod) X(OP_EXEC, exec) \
  X(OP_STATEMENT, statement) X(OP_SQL, sql)

/* What lockstep_step calls the operations that are not SQLite's. */
#define STEP_KINDS(X) \
  X(OP_FILE_READ, read) X(OP_FILE_WRITE, write) X(OP_STAT, stat) X(OP_RENAME, rename) X(OP_UNLINK, unlink) \
  X(OP_COPY, copy) X(OP_LINK, link) X(OP_LIST, list) X(OP_FLOCK, flock) X(OP_FUNLOCK, funlock) X(OP_EXISTS, exists) \
  X(OP_DISCONNECT, disconnect) X(OP_MKDIR, mkdir) X(OP_SYMLINK, symlink) X(OP_LSTAT, lstat) X(OP_RMDIR, rmdir) \
  X(OP_CHMOD, chmod) X(OP_UTIME, utime) X(OP_FD_OPEN, open) X(OP_FD_SCAN, scan)

/* What lockstep_on calls those on an open descriptor. */
#define DESCRIPTOR_KINDS(X) \
  X(OP_FD_CLOSE, close) X(OP_FD_READ, read) X(OP_FD_WRITE, write) X(OP_FD_SYNC, sync) X(OP_FD_TRUNCATE, truncate) \
  X(OP_FD_STAT, stat) X(OP_FD_LOCK, lock) X(OP_FD_CHMOD, chmod)

#define ROLES(X) \
  X(ROLE_DB, db) X(ROLE_WAL, wal) X(ROLE_SHM, shm) X(ROLE_JOURNAL, journal) X(ROLE_OTHER, other) X(ROLE_NONE, none)

#define RECORD_FLAGS(X) \
  X(FLAG_SWITCH, switchPoint, 1) X(FLAG_INJECTED, injected, 2) X(FLAG_TORN, torn, 4) X(FLAG_HOST, host, 8) \
  X(FLAG_UNGUARDED, unguarded, 16)

#define GRANT_ACTIONS(X) X(ACT_GO, go) X(ACT_FAIL, fail) X(ACT_TORN, torn) X(ACT_RAW, raw)

#define GRANT_FLAGS(X) X(GRANT_STOPPING, stopping, 1) X(GRANT_WATCHED, watched, 2) X(GRANT_UNGUARDED, unguarded, 4) \
  X(GRANT_COLLECT, collect, 8) X(GRANT_STEPWISE, stepwise, 16) X(GRANT_SQL, sql, 32)

#define FRAME_KINDS(X) \
  X(FRAME_FLUSH, flush) X(FRAME_PARK, park) X(FRAME_HELLO, hello) X(FRAME_LEAVE, leave) X(FRAME_DOOMED, doomed) \
  X(FRAME_STEP, step)

#define LIMITS(X) X(TRAPS_MAX, trapsMax, 64)

/* `descriptor`: of a lane that stands before a step `fdStat`, that of which it asks; no trace has it. */
/* `sum` is of the bytes read or written; `hostErrno` with FLAG_HOST only, else 0. */
#define RECORD(X) \
  X(Record, uint8_t, op) X(Record, uint8_t, role) X(Record, uint8_t, flags) X(Record, uint8_t, pad) \
  X(Record, uint16_t, lane) X(Record, uint16_t, file) X(Record, int32_t, rc) X(Record, uint32_t, handle) \
  X(Record, uint32_t, a) X(Record, uint32_t, extra) X(Record, int64_t, b) X(Record, uint32_t, sum) \
  X(Record, uint32_t, hostErrno)

#define FRAME(X) \
  X(Frame, uint32_t, bytes) X(Frame, uint32_t, steps) X(Frame, uint32_t, points) X(Frame, uint16_t, kind) \
  X(Frame, uint16_t, descriptor)

#define GRANT(X) \
  X(Grant, uint32_t, action) X(Grant, int32_t, code) X(Grant, uint32_t, budget) X(Grant, uint32_t, softSteps) \
  X(Grant, uint32_t, hardSteps) X(Grant, uint32_t, flags) X(Grant, uint32_t, traps) X(Grant, uint32_t, replyBytes) \
  X(Grant, uint32_t, newsBytes) X(Grant, uint32_t, pad) X(Grant, int64_t, now)

/* Sets: bit n of `ops` is there for operation n, of `opsFrom64` for operation 64 + n, of `roles` for role n. `taking`: no lock that is given back. */
#define TRAP(X) \
  X(Trap, uint64_t, ops) X(Trap, uint64_t, opsFrom64) X(Trap, uint32_t, roles) X(Trap, uint32_t, left) X(Trap, uint32_t, taking) \
  X(Trap, uint32_t, pad)

#define IN_ORDER(constant, name) constant,
#define OF_VALUE(constant, name, value) constant = value,
#define FIELD(struct, type, field) type field;

enum { OPERATIONS(IN_ORDER) OPERATIONS_COUNT };
_Static_assert(OPERATIONS_COUNT <= 128, "a trap's sets have a bit for each operation");
enum { ROLES(IN_ORDER) };
enum { RECORD_FLAGS(OF_VALUE) };
enum { GRANT_ACTIONS(IN_ORDER) };
enum { GRANT_FLAGS(OF_VALUE) };
enum { FRAME_KINDS(IN_ORDER) };
enum { LIMITS(OF_VALUE) FLUSH_BYTES = 1 << 16, NAMES_MAX = 4096 };

typedef struct { const char *name; int number; } Named;

#define BY_NAME(constant, name, ...) {#name, constant},

typedef struct { RECORD(FIELD) } Record;
typedef struct { FRAME(FIELD) } Frame;
typedef struct { GRANT(FIELD) } Grant;
typedef struct { TRAP(FIELD) } Trap;

/* A column whose rows are followed: gate-ledger.c. */
typedef struct { char *table, *column; } Watched;

typedef struct Lane {
  struct Lane *next;
  int in, out;      /* the FIFOs: grants in, frames out */
  int inside;       /* between lockstep_enter and lockstep_leave */
  uint16_t id;
  Grant grant;
  Trap traps[TRAPS_MAX];
  char *reply;      /* text of the last grant, NUL-terminated */
  char *buffer;     /* a frame: room for its head, then records not yet sent */
  uint32_t used, room, steps, points;
  uint64_t rngVfs, rngProgram;
  char *root;       /* the world's directory, no symbolic link in its path: names are relative to it */
  char *names[NAMES_MAX];
  unsigned nameCount, handleCount;
  char **databases; /* names of files that are databases, whatever they are called; the first is the scenario's */
  unsigned databaseCount;
  Watched *watched; /* the scenario's ledger */
  unsigned watchedCount;
  unsigned ledgers; /* connections whose commit is to be told before its next step */
  unsigned enters;  /* how often it has entered a run */
  unsigned stops;   /* how often it has stood still in this run, where anybody looks (gate-strays.c) */
  uint16_t shmFile; /* the database whose wal-index it called about last */
  Record step;      /* of lockstep_step, until lockstep_done completes it */
  char *stepText;
  int stepOpen;
  uint16_t asksOf;  /* the descriptor that a pending fdStat asks of, else 0 */
  int collects;     /* it is to run its process's collector, and has not been asked whether */
  int unguarded;    /* has worked on a database past SQLite's locks in this run, where grants ask for that */
} Lane;

static __thread Lane *lane;

/* The run that lanes of this process are in: a number that rises when the first of them enters, how many there are, and the
** directory of its world. */
static unsigned processRun;
static unsigned lanesInside;
static char *worldRoot;

/* After a fork, in a child: the process with lanes of which it is a copy, until it has a lane of its own; and what opened before is
** its parent's. */
static pid_t forkedFrom;
static unsigned inheritedRun;

static sqlite3_vfs *real;
static sqlite3_vfs gate;

/* Of a second copy of SQLite in this process (servesSecond): NULL, where there is none. */
static sqlite3_vfs *secondReal;
static sqlite3_vfs secondGate;
static void (*secondRandomness)(int, void *);

/* ---- the wire ---- */

/* The coordinator is gone, and the run with it: nothing this process could still do would be seen. */
static void coordinatorGone(void) { _exit(0); }

static int wordsFd = STDERR_FILENO; /* where it says why it ends; a host may keep another descriptor, which its program cannot redirect */

/* The two sides do not understand each other, or this process lacks what the gate needs: a line for the coordinator's
** sentence, and the end. It says the same as sysexits.h (EX_SOFTWARE), and is nothing that a program exits with. */
static void protocolError(const char *what) {
  char text[160];
  int n = snprintf(text, sizeof text, "lockstep: the gate gave up: %.100s\n", what);
  if (write(wordsFd, text, (size_t)n) < 0) _exit(71);
  _exit(70);
}

enum { EXIT_NOT_FOLLOWED = 76 }; /* process-errors.ts */

/* The predicate of the coordinator's sentence. */
static void tellNotFollowed(const char *what) {
  char text[1024];
  int n = snprintf(text, sizeof text, "lockstep: %.*s\n", (int)sizeof text - 16, what);
  if (write(wordsFd, text, (size_t)n) < 0) _exit(71);
}

/* The program of this process does what would go unseen: the end of it. */
static void notFollowed(const char *what) {
  tellNotFollowed(what);
  _exit(EXIT_NOT_FOLLOWED);
}

static void sendAll(int fd, const void *data, size_t bytes) {
  const char *p = data;
  while (bytes) {
    ssize_t n = write(fd, p, bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EPIPE) protocolError(strerror(errno));
    if (n <= 0) coordinatorGone();
    p += n;
    bytes -= (size_t)n;
  }
}

static void receiveAll(int fd, void *data, size_t bytes) {
  char *p = data;
  while (bytes) {
    ssize_t n = read(fd, p, bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) protocolError(strerror(errno));
    if (n == 0) coordinatorGone();
    p += n;
    bytes -= (size_t)n;
  }
}

static void *grow(void *p, size_t bytes) {
  void *q = realloc(p, bytes);
  if (!q) protocolError(strerror(ENOMEM));
  return q;
}

static char *copyOf(const char *text) { return text ? strcpy(grow(NULL, strlen(text) + 1), text) : NULL; }

static void sendFrame(Lane *l, int kind) {
  Frame f = {l->used, l->steps, l->points, (uint16_t)kind, l->asksOf};
  if (!l->buffer) l->buffer = grow(NULL, sizeof f);
  memcpy(l->buffer, &f, sizeof f);
  sendAll(l->out, l->buffer, sizeof f + l->used); /* one write: two would wake the coordinator twice */
  l->used = l->steps = l->points = 0;
}

static int isDatabase(const Lane *l, const char *name) {
  while (name[0] == '.' && name[1] == '/') name += 2;
  for (unsigned i = 0; i < l->databaseCount; i++) {
    if (!strcmp(l->databases[i], name)) return 1;
  }
  return 0;
}

static void addDatabase(Lane *l, const char *name) {
  if (isDatabase(l, name)) return;
  l->databases = grow(l->databases, (l->databaseCount + 1) * sizeof *l->databases);
  l->databases[l->databaseCount++] = copyOf(name);
}

/* `TABLE.COLUMN` */
static void addWatched(Lane *l, const char *text) {
  const char *dot = strrchr(text, '.');
  if (!dot) protocolError("a column of the ledger has no table");
  l->watched = grow(l->watched, (l->watchedCount + 1) * sizeof *l->watched);
  Watched *w = &l->watched[l->watchedCount++];
  w->table = copyOf(text);
  w->table[dot - text] = 0;
  w->column = copyOf(dot + 1);
}

static void forgetNews(Lane *l) {
  while (l->databaseCount) free(l->databases[--l->databaseCount]);
  while (l->watchedCount) {
    Watched *w = &l->watched[--l->watchedCount];
    free(w->table);
    free(w->column);
  }
}

/* What this lane has not been told yet, each with its NUL: a database by its name, which the scenario declares, or SQLite has opened
** as one in this run, in whichever process; a column of the scenario's ledger. */
static void receiveNews(Lane *l) {
  static const char database[] = "database ", ledger[] = "ledger ";
  if (!l->grant.newsBytes) return;
  char *news = grow(NULL, l->grant.newsBytes);
  receiveAll(l->in, news, l->grant.newsBytes);
  const char *end = news + l->grant.newsBytes;
  if (end[-1]) protocolError("a piece of news is cut off");
  for (const char *one = news; one < end; one += strlen(one) + 1) {
    if (!strncmp(one, database, sizeof database - 1)) addDatabase(l, one + sizeof database - 1);
    else if (!strncmp(one, ledger, sizeof ledger - 1)) addWatched(l, one + sizeof ledger - 1);
    else protocolError("a piece of news is of no kind");
  }
  free(news);
}

static void receiveGrant(Lane *l) {
  receiveAll(l->in, &l->grant, sizeof l->grant);
  if (l->grant.traps > TRAPS_MAX) protocolError("a grant has more traps than fit");
  receiveAll(l->in, l->traps, l->grant.traps * sizeof(Trap));
  l->reply = grow(l->reply, (size_t)l->grant.replyBytes + 1);
  receiveAll(l->in, l->reply, l->grant.replyBytes);
  l->reply[l->grant.replyBytes] = 0;
  receiveNews(l);
  if (l->grant.flags & GRANT_COLLECT) l->collects = 1;
}

static void append(Lane *l, Record r, const char *text) {
  r.extra = text ? (uint32_t)strlen(text) : 0;
  uint32_t bytes = (uint32_t)sizeof r + r.extra;
  if (l->used + bytes > l->room) {
    l->room = l->used + bytes + FLUSH_BYTES;
    l->buffer = grow(l->buffer, sizeof(Frame) + l->room);
  }
  char *end = l->buffer + sizeof(Frame) + l->used;
  memcpy(end, &r, sizeof r);
  if (r.extra) memcpy(end + sizeof r, text, r.extra);
  l->used += bytes;
}

/* ---- names: a file is known by its path below the world's directory, numbered in order of first sight ----
**
** No record tells where the world lies: SQLite itself knows only names below WORLD, also where it writes them into a file
** (a super-journal, for a transaction over several databases).
*/

#define WORLD "/lockstep/"

static int endsWith(const char *text, const char *tail) {
  size_t n = strlen(text), m = strlen(tail);
  return n >= m && !strcmp(text + n - m, tail);
}

static int roleOfFlags(int flags) {
  if (flags & SQLITE_OPEN_MAIN_DB) return ROLE_DB;
  if (flags & SQLITE_OPEN_WAL) return ROLE_WAL;
  if (flags & SQLITE_OPEN_MAIN_JOURNAL) return ROLE_JOURNAL;
  return ROLE_OTHER;
}

/* What of a path lies below a folder (its name ends in '/' or not); NULL when it lies elsewhere. */
static const char *below(const char *folder, const char *path) {
  size_t n = strlen(folder);
  if (n && folder[n - 1] == '/') n--;
  return !strncmp(path, folder, n) && path[n] == '/' ? path + n + 1 : NULL;
}

static const char *logicalName(const Lane *l, const char *path) {
  if (!path) return "(temporary)";
  const char *name = below(WORLD, path);
  if (!name) name = below(l->root, path);
  return name ? name : path;
}

/* SQLite opens a file as a database: from now on it is one, whatever it is called. Not where it is called after another one
** with more behind it (`app.sqlite.new`): that is a copy, and becomes a database when it takes the name of one. As in
** addDatabase (harness/run/run-state.ts). */
static void opensDatabase(Lane *l, const char *name) {
  for (unsigned i = 0; i < l->databaseCount; i++) {
    size_t n = strlen(l->databases[i]);
    if (!strncmp(name, l->databases[i], n) && (!name[n] || name[n] == '.')) return;
  }
  addDatabase(l, name);
}

/* What a name says of its file, before anybody has opened it: a known database, or what is called like one of its files. */
static int roleOfName(const Lane *l, const char *path) {
  const char *name = logicalName(l, path);
  if (isDatabase(l, name)) return ROLE_DB;
  if (endsWith(name, "-wal")) return ROLE_WAL;
  if (endsWith(name, "-shm")) return ROLE_SHM;
  if (endsWith(name, "-journal")) return ROLE_JOURNAL;
  if (endsWith(name, ".db")) return ROLE_DB;
  return ROLE_OTHER;
}

/* Number of a file name; a new one is announced by a NAME record. The table is bounded: the last entry is shared. */
static uint16_t fileNumber(Lane *l, const char *path, int role) {
  const char *name = logicalName(l, path);
  for (unsigned i = 0; i < l->nameCount; i++) {
    if (!strcmp(l->names[i], name)) return (uint16_t)i;
  }
  if (l->nameCount == NAMES_MAX) return NAMES_MAX - 1;
  unsigned i = l->nameCount++;
  l->names[i] = copyOf(name);
  append(l, (Record){.op = OP_NAME, .role = (uint8_t)role, .lane = l->id, .file = (uint16_t)i}, name);
  return (uint16_t)i;
}

/* ---- steps ---- */

static int isSwitchPoint(int op) {
  switch (op) {
    case OP_READ: case OP_WRITE: case OP_FILE_SIZE: case OP_CHECK_RESERVED: case OP_FILE_CONTROL: case OP_FETCH:
    case OP_ACCESS: case OP_RANDOMNESS: case OP_TIME: case OP_OBSERVE: case OP_EXISTS: case OP_DISCONNECT:
    case OP_REFUSED:
      return 0;
    default:
      return 1;
  }
}

/* Operations whose answer only the coordinator has: they always park. */
static int isBlocking(int op) {
  return op == OP_START || op == OP_BUSY_SLEEP || op == OP_SLEEP || op == OP_ASK || op == OP_STAT || op == OP_LSTAT ||
         op == OP_FD_STAT;
}

/*
** Between two switch points a lane's steps order with those of others by locks, so that no switch is needed there. That holds
** as long as everybody works under SQLite's locks: after somebody has read or written a database as a plain file, mapped it,
** or lost its locks by such a read, every read, write and fetch is a place of its own, where the plan asks for it.
*/
static int switchesHere(const Lane *l, int op) {
  if (op != OP_READ && op != OP_WRITE && op != OP_FETCH) return isSwitchPoint(op);
  return (l->grant.flags & GRANT_WATCHED) && (l->unguarded || (l->grant.flags & GRANT_UNGUARDED));
}

static int isUnguarded(const Lane *l, const Record *r, const char *text) {
  switch (r->op) {
    case OP_FETCH: case OP_RAW:
      return 1;
    case OP_FD_READ: case OP_FD_WRITE: case OP_FD_TRUNCATE: case OP_FD_CLOSE:
      return r->role <= ROLE_JOURNAL;
    case OP_FILE_READ: case OP_FILE_WRITE: case OP_RENAME: case OP_UNLINK: case OP_COPY: case OP_LINK:
      return r->role <= ROLE_JOURNAL || (text && roleOfName(l, text) <= ROLE_JOURNAL);
    default:
      return 0;
  }
}

static Record record(Lane *l, int op, int role, uint16_t file, uint32_t handle, uint32_t a, int64_t b) {
  return (Record){.op = (uint8_t)op, .role = (uint8_t)role, .flags = switchesHere(l, op) ? FLAG_SWITCH : 0,
                  .lane = l->id, .file = file, .handle = handle, .a = a, .b = b};
}

/* Lets the coordinator see the disk as this step has left it: it answers with a byte. Nothing is decided here, so that a run that is
** watched so is the same run. */
static void showStep(Lane *l) {
  char seen;
  sendFrame(l, FRAME_STEP);
  receiveAll(l->in, &seen, sizeof seen);
}

static void stepEnds(Lane *l, Record *r, int rc, const char *text) {
  r->rc = rc;
  if ((l->grant.flags & GRANT_WATCHED) && rc == 0 && isUnguarded(l, r, text)) {
    r->flags |= FLAG_UNGUARDED;
    l->unguarded = 1;
  }
  l->steps++;
  if (r->flags & FLAG_SWITCH) l->points++;
  append(l, *r, text);
  if (l->grant.flags & GRANT_STEPWISE) showStep(l);
  else if (l->used > FLUSH_BYTES) sendFrame(l, FRAME_FLUSH);
}

/* Errors of the machine, not of what is simulated on it (host-errors.ts has the same). */
static int isHostErrno(int e) {
  switch (e) {
    case ENOSPC: case EDQUOT: case EFBIG: case EMFILE: case ENFILE: case ENOMEM: case EIO: case ENXIO: case ENODEV:
    case EROFS: case ESTALE: case ENOLCK:
#ifdef EUCLEAN
    case EUCLEAN:
#endif
      return 1;
    default:
      return 0;
  }
}

/* After a call of the real VFS, before which errno was 0: the record says so if it failed for want of something that the
** machine lacks. SQLite's result code does not: ENOLCK is SQLITE_BUSY, and a failed access(2) "no such file". */
static void hostSays(Record *r, int rc) {
  int e = (rc & 255) == SQLITE_NOMEM ? ENOMEM : errno;
  if ((rc == SQLITE_OK && r->op != OP_ACCESS) || !isHostErrno(e)) return;
  r->flags |= FLAG_HOST;
  r->hostErrno = (uint32_t)e;
}

static __thread int opensItself; /* this thread is in SQLite's own open(2) (gate-found.c), or in the gate's */

/* The lock-cancel fault: open, read and close each file named in the grant (NUL-separated paths). Closing any
** descriptor of a file drops every POSIX lock that this process holds on it (howtocorrupt.html section 2.2). */
static void rawReads(Lane *l) {
  const char *end = l->reply + l->grant.replyBytes;
  for (const char *path = l->reply; path < end; path += strlen(path) + 1) {
    char header[64];
    int rc = 0;
    opensItself++;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    opensItself--;
    if (fd < 0) {
      rc = errno;
    } else {
      if (read(fd, header, sizeof header) < 0) rc = errno;
      close(fd);
    }
    int role = roleOfName(l, path);
    Record r = record(l, OP_RAW, role, fileNumber(l, path, role), 0, sizeof header, 0);
    r.flags |= FLAG_INJECTED;
    stepEnds(l, &r, rc, NULL);
  }
}

static int isOpOf(const Trap *t, unsigned op) { return (op < 64 ? t->ops >> op : t->opsFrom64 >> (op - 64)) & 1; }

static int givesLockBack(const Record *r) { return r->op == OP_SHM_LOCK && (r->a & SQLITE_SHM_UNLOCK); }

static int mustPark(Lane *l, const Record *r) {
  const Grant *g = &l->grant;
  /* SQLite asks for randomness holding the mutex of its generator, of which a process has one: a lane that stood still
  ** there would hold up the others in the kernel. What was due before this step is due before the next. */
  if (r->op == OP_RANDOMNESS) return 0;
  int park = isBlocking(r->op) || g->hardSteps == 0;
  for (uint32_t i = 0; i < g->traps; i++) {
    Trap *t = &l->traps[i];
    int matches = isOpOf(t, r->op) && (t->roles >> r->role & 1) && !(t->taking && givesLockBack(r));
    if (matches && t->left && --t->left == 0) park = 1;
  }
  return park || ((r->flags & FLAG_SWITCH) && (g->budget == 0 || g->softSteps == 0));
}

/* What was recorded still arrives; a SIGKILL is not to be caught or cleaned up after. */
static void dies(Lane *l) {
  sendFrame(l, FRAME_FLUSH);
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static void tellLedgers(Lane *l);
static void lookForStrays(Lane *l, const Record *r);

/* Stops before the step when the grant says so. Result: ACT_GO, ACT_FAIL (the code is in the grant) or ACT_TORN. */
static int stepBegins(Lane *l, Record *r, const char *text) {
  if (l->ledgers && r->op != OP_RANDOMNESS) tellLedgers(l);
  Grant *g = &l->grant;
  int action = ACT_GO;
  if (mustPark(l, r)) {
    lookForStrays(l, r);
    do {
      append(l, *r, text); /* the pending record is the last of a PARK frame */
      sendFrame(l, FRAME_PARK);
      receiveGrant(l);
      action = (int)g->action;
      if (action == ACT_RAW) rawReads(l);
    } while (action == ACT_RAW);
  }
  if (g->hardSteps) g->hardSteps--;
  if (g->softSteps) g->softSteps--;
  if ((r->flags & FLAG_SWITCH) && g->budget) g->budget--;
  if (action != ACT_GO) r->flags |= FLAG_INJECTED;
  if (action == ACT_TORN && r->op != OP_WRITE) dies(l); /* nothing of it can happen in part */
  return action;
}

/* The end of what lockstep_step began, if it is not over yet. */
static void stepCompletes(Lane *l, int rc) {
  if (!l->stepOpen) return;
  l->stepOpen = 0;
  stepEnds(l, &l->step, rc, l->stepText);
}

/* ---- the closed world: which file a name means, if it is one of the world's ---- */

/* Bytes that a terminal or a list of files would not show as they are: C0 and DEL, and in UTF-8 C1, the line and paragraph
** separators and what turns the direction of text. As in fileNameComplaint (harness/model/names.ts). */
static int isUnseen(const unsigned char *c) {
  if (c[0] < 0x20 || c[0] == 0x7f) return 1;
  if (c[0] == 0xC2) return c[1] >= 0x80 && c[1] <= 0x9F;
  if (c[0] != 0xE2) return 0;
  if (c[1] == 0x80) return c[2] == 0x8E || c[2] == 0x8F || (c[2] >= 0xA8 && c[2] <= 0xAE);
  return c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9;
}

static int isPlain(const char *name) {
  for (const char *c = name; *c; c++) {
    if (isUnseen((const unsigned char *)c)) return 0;
    int begins = c == name || c[-1] == '/';
    if (begins && c[0] == '.' && c[1] == '.' && (c[2] == '/' || !c[2])) return 0;
  }
  return *name != 0;
}

enum { LINKS_MAX = 40 }; /* as the kernel's own limit, path_resolution(7) */

/*
** The real path of a name, links resolved: of the last segment too where `follow` says so, whether or not its target exists.
** Result: 0 when it leads out of the world's directory, and nothing may be done with it.
*/
static int resolve(const Lane *l, const char *given, int follow, char out[PATH_MAX]) {
  char path[PATH_MAX], target[PATH_MAX], parent[PATH_MAX];
  const char *name = below(WORLD, given);
  if (!name) name = below(l->root, given);
  if (!name && given[0] != '/') name = given;
  if (!name || !isPlain(name) || snprintf(path, sizeof path, "%s/%s", l->root, name) >= PATH_MAX) return 0;
  for (int links = 0; links < LINKS_MAX; links++) {
    char *last = strrchr(path, '/');
    *last++ = 0;
    if (!*last || !strcmp(last, ".") || !strcmp(last, "..")) return 0;
    if (!strcmp(path, l->root)) {
      strcpy(parent, path);
    } else if (!realpath(path, parent)) {
      if (errno != ENOENT && errno != ENOTDIR) return 0;
      return snprintf(out, PATH_MAX, "%s/%s", path, last) < PATH_MAX; /* no such folder: whatever is tried there fails */
    }
    if (strcmp(parent, l->root) && !below(l->root, parent)) return 0;
    if (snprintf(out, PATH_MAX, "%s/%s", parent, last) >= PATH_MAX) return 0;
    ssize_t n = follow ? readlink(out, target, sizeof target - 1) : -1;
    if (n < 0) return 1; /* no link */
    target[n] = 0;
    if (target[0] == '/') strcpy(path, target);
    else if (snprintf(path, sizeof path, "%s/%s", parent, target) >= PATH_MAX) return 0;
  }
  return 0;
}

/* Says in the trace that a name was refused, and which. */
static void refuse(Lane *l, const char *given) {
  const char *name = logicalName(l, given);
  Record r = record(l, OP_REFUSED, ROLE_NONE, 0, 0, 0, 0);
  stepBegins(l, &r, name);
  stepEnds(l, &r, SQLITE_CANTOPEN, name);
}

static int resolveOrRefuse(Lane *l, const char *given, int follow, char out[PATH_MAX]) {
  if (resolve(l, given, follow, out)) return 1;
  refuse(l, given);
  return 0;
}

/* ---- checksums: a record of a read or a write says what the bytes were, so that two replays agree on contents too ---- */

static uint64_t mix(uint64_t h, uint64_t word) {
  h = (h ^ word) * 0xBF58476D1CE4E5B9ull;
  return h ^ (h >> 32);
}

static uint32_t checksum(const void *data, int n) {
  const char *p = data;
  uint64_t h[4] = {(uint64_t)n, 1, 2, 3}, word[4]; /* four chains, so that one need not wait for another */
  for (; n >= (int)sizeof word; n -= (int)sizeof word, p += sizeof word) {
    memcpy(word, p, sizeof word);
    for (int i = 0; i < 4; i++) h[i] = mix(h[i], word[i]);
  }
  memset(word, 0, sizeof word);
  if (n > 0) memcpy(word, p, (size_t)n);
  for (int i = 0; i < 4; i++) h[i] = mix(h[i], word[i]);
  return (uint32_t)mix(mix(h[0], h[1]), mix(h[2], h[3]));
}

/* ---- files ---- */

/* Who opened a file in this run, and as what it is told. */
typedef struct {
  unsigned run;     /* of the process: what an earlier run left open, or was opened outside one (0), is not recorded */
  Lane *opener;
  unsigned enters;  /* of the opener: its thread may serve as another lane later */
  char openerText[8]; /* its number */
  uint32_t handle;  /* numbered by lanes: of the opener's */
  uint16_t file;    /* of the opener's */
  uint8_t role;
} Opened;

typedef struct {
  sqlite3_file base;
  sqlite3_io_methods methods;
  Opened o;
  char *path;       /* real; the real VFS keeps a pointer to it as long as the file is open */
  int alone;        /* nobody else sees what is written to its wal-index through it, as on a network file system */
  uint64_t aloneRegions; /* regions of which that is so already */
} GateFile;           /* the real file follows */

static sqlite3_file *inner(sqlite3_file *f) { return (sqlite3_file *)((GateFile *)f + 1); }

/* The lane that this thread is in a run, or NULL. */
static Lane *laneHere(void) { return lane && lane->inside ? lane : NULL; }

/* Nobody waits for a forked child but its parent: the end of both. */
static void strayChild(void) {
  tellNotFollowed("forked a process that worked on the run's files, in ways that its host does not follow: its steps would go unseen");
  kill(forkedFrom, SIGKILL);
  _exit(EXIT_NOT_FOLLOWED);
}

/* Nobody can grant the steps of a thread that is no lane, and steps that nobody grants would be in no trace. One that was a
** lane and has left (`lane` stays) only puts away what it had. */
static void neverALane(void) {
  if (forkedFrom) strayChild();
  if (!lane && __atomic_load_n(&lanesInside, __ATOMIC_RELAXED))
    notFollowed("worked on the run's files in a thread that is no lane: its steps would go unseen");
}

static void inherits(Lane *l, Opened *o);

/* The lane whose step a call on a file is; NULL where it is recorded for none. */
static Lane *laneOf(Opened *o) {
  Lane *l = laneHere();
  if (l && o->run && o->run <= inheritedRun) inherits(l, o);
  if (o->run != processRun || !o->run) return NULL;
  if (!l) neverALane();
  return l;
}

/* Who opened a file, as the text of a step on it by another lane; NULL where that is the lane itself. */
static const char *openerOf(const Lane *l, const Opened *o) {
  return o->opener == l && o->enters == l->enters ? NULL : o->openerText;
}

static Opened openedBy(Lane *l, int role, uint16_t file, uint32_t handle) {
  Opened o = {.run = processRun, .opener = l, .enters = l->enters, .role = (uint8_t)role, .file = file, .handle = handle};
  snprintf(o.openerText, sizeof o.openerText, "%u", l->id);
  return o;
}

/*
** A forked child uses a file of SQLite's that its parent had opened, which SQLite forbids (howtocorrupt.html, section 2.6): from here on it
** is the child's, and an `open` without flags says so. The host must follow that: one that says nothing ends the run.
*/
static int goesOnWithInherited;

static void inherits(Lane *l, Opened *o) {
  GateFile *f = (GateFile *)((char *)o - offsetof(GateFile, o));
  if (!goesOnWithInherited)
    notFollowed("used a connection that its process had inherited by fork, which SQLite forbids (howtocorrupt.html, section 2.6)");
  *o = openedBy(l, o->role, fileNumber(l, f->path, o->role), ++l->handleCount);
  Record r = record(l, OP_OPEN, o->role, o->file, o->handle, 0, 0);
  stepBegins(l, &r, NULL);
  stepEnds(l, &r, SQLITE_OK, NULL);
}

static Record fileRecord(Lane *l, const GateFile *f, int op, int role, uint32_t a, int64_t b) {
  uint16_t file = openerOf(l, &f->o) ? fileNumber(l, f->path, f->o.role) : f->o.file;
  if (role == ROLE_SHM) l->shmFile = file;
  return record(l, op, role, file, f->o.handle, a, b);
}

/* What gives back: SQLite takes it for done whatever the code, so it is done even when it must fail. */
static int givesBack(int op) { return op == OP_CLOSE || op == OP_SHM_UNMAP || op == OP_UNFETCH; }

/* The body of nearly every method: ask, call or fail, record. RESULT is what `b` of the record becomes. */
#define STEP(OP, ROLE, A, B, CALL, RESULT)                                   \
  GateFile *g = (GateFile *)f;                                               \
  Lane *l = laneOf(&g->o);                                                   \
  if (!l) return CALL;                                                       \
  Record r = fileRecord(l, g, OP, ROLE, (uint32_t)(A), (int64_t)(B));        \
  int go = stepBegins(l, &r, openerOf(l, &g->o)) == ACT_GO;                  \
  errno = 0;                                                                 \
  int rc = go || givesBack(OP) ? CALL : SQLITE_OK;                           \
  hostSays(&r, rc);                                                          \
  if (!go) rc = l->grant.code;                                               \
  r.b = (int64_t)(RESULT);                                                   \
  stepEnds(l, &r, rc, openerOf(l, &g->o));                                   \
  return rc

#include "gate-found.c"

#define IO(METHOD, ...) inner(f)->pMethods->METHOD(inner(f), ##__VA_ARGS__)

static int closeReal(sqlite3_file *f) {
  int rc = IO(xClose);
  free(((GateFile *)f)->path);
  return rc;
}

static int gateClose(sqlite3_file *f) { STEP(OP_CLOSE, g->o.role, 0, 0, closeReal(f), 0); }

static int gateRead(sqlite3_file *f, void *p, int n, sqlite3_int64 at) {
  GateFile *g = (GateFile *)f;
  Lane *l = laneOf(&g->o);
  if (!l) return IO(xRead, p, n, at);
  Record r = fileRecord(l, g, OP_READ, g->o.role, (uint32_t)n, at);
  int rc;
  if (stepBegins(l, &r, openerOf(l, &g->o)) == ACT_GO) {
    errno = 0;
    rc = IO(xRead, p, n, at);
    hostSays(&r, rc);
  } else {
    memset(p, 0, (size_t)n); /* what SQLite demands of SQLITE_IOERR_SHORT_READ */
    rc = l->grant.code;
  }
  if (rc == SQLITE_OK) r.sum = checksum(p, n);
  stepEnds(l, &r, rc, openerOf(l, &g->o));
  return rc;
}

static int gateWrite(sqlite3_file *f, const void *p, int n, sqlite3_int64 at) {
  GateFile *g = (GateFile *)f;
  Lane *l = laneOf(&g->o);
  if (!l) return IO(xWrite, p, n, at);
  Record r = fileRecord(l, g, OP_WRITE, g->o.role, (uint32_t)n, at);
  int action = stepBegins(l, &r, openerOf(l, &g->o));
  if (action == ACT_TORN) {
    int keep = l->grant.code < n ? l->grant.code : n;
    errno = 0;
    int rc = keep > 0 ? IO(xWrite, p, keep, at) : SQLITE_OK;
    r.a = (uint32_t)keep;
    r.flags |= FLAG_TORN;
    r.sum = checksum(p, keep);
    hostSays(&r, rc);
    stepEnds(l, &r, rc, openerOf(l, &g->o));
    dies(l);
  }
  errno = 0;
  int rc = action == ACT_GO ? IO(xWrite, p, n, at) : l->grant.code;
  if (action == ACT_GO) hostSays(&r, rc);
  if (rc == SQLITE_OK) r.sum = checksum(p, n);
  stepEnds(l, &r, rc, openerOf(l, &g->o));
  return rc;
}

static int gateTruncate(sqlite3_file *f, sqlite3_int64 size) { STEP(OP_TRUNCATE, g->o.role, 0, size, IO(xTruncate, size), size); }
static int gateSync(sqlite3_file *f, int flags) { STEP(OP_SYNC, g->o.role, flags, 0, IO(xSync, flags), 0); }
static int gateFileSize(sqlite3_file *f, sqlite3_int64 *size) {
  *size = 0; /* it is recorded, and a failure does not set it */
  STEP(OP_FILE_SIZE, g->o.role, 0, 0, IO(xFileSize, size), *size);
}
static int gateLock(sqlite3_file *f, int level) { STEP(OP_LOCK, g->o.role, level, 0, IO(xLock, level), 0); }
static int gateUnlock(sqlite3_file *f, int level) { STEP(OP_UNLOCK, g->o.role, level, 0, IO(xUnlock, level), 0); }
static int gateCheckReserved(sqlite3_file *f, int *held) {
  *held = 0;
  STEP(OP_CHECK_RESERVED, g->o.role, 0, 0, IO(xCheckReservedLock, held), *held);
}

/* Where temporary files go is not for a plan to say: the one pragma that names a folder outside (pragma.html). */
static int fileControl(sqlite3_file *f, int op, void *arg) {
  char **pragma = arg; /* result, name, argument */
  if (op != SQLITE_FCNTL_PRAGMA || !laneHere() || !pragma[2] || sqlite3_stricmp(pragma[1], "temp_store_directory"))
    return IO(xFileControl, op, arg);
  refuse(laneHere(), pragma[2]);
  pragma[0] = sqlite3_mprintf("temp_store_directory leads out of the run's folder");
  return SQLITE_ERROR;
}

static int gateFileControl(sqlite3_file *f, int op, void *arg) { STEP(OP_FILE_CONTROL, g->o.role, op, 0, fileControl(f, op, arg), 0); }

/* Pure questions about the device: no step. */
static int gateSectorSize(sqlite3_file *f) { return IO(xSectorSize); }
static int gateDevice(sqlite3_file *f) { return IO(xDeviceCharacteristics); }

/*
** A wal-index that is not coherent, as on a network file system (howtocorrupt.html, section 2.1; wal.html, section 1): what this process
** writes to a page of it is seen by nobody else, and from then on it sees nothing of others there. In the same place, so that SQLite
** need not know.
*/
static int mapAlone(GateFile *g, int page, int size, void *at) {
  if (page >= 64 || g->aloneRegions >> page & 1) return SQLITE_OK;
  int fd = descriptorOfIndex(g);
  if (fd < 0 || mmap(at, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, (off_t)page * size) == MAP_FAILED)
    return SQLITE_IOERR_SHMMAP;
  g->aloneRegions |= (uint64_t)1 << page;
  return SQLITE_OK;
}

static int shmMapReal(sqlite3_file *f, int page, int size, int extend, void volatile **p) {
  opensFor = (GateFile *)f;
  opensRole = ROLE_SHM;
  int rc = IO(xShmMap, page, size, extend, p);
  opensFor = NULL;
  if (rc == SQLITE_OK && *p && ((GateFile *)f)->alone) rc = mapAlone((GateFile *)f, page, size, (void *)*p);
  return rc;
}
static int gateShmMap(sqlite3_file *f, int page, int size, int extend, void volatile **p) {
  STEP(OP_SHM_MAP, ROLE_SHM, page, extend, shmMapReal(f, page, size, extend, p), extend);
}
static int gateShmLock(sqlite3_file *f, int offset, int n, int flags) {
  STEP(OP_SHM_LOCK, ROLE_SHM, (offset << 16) | (n << 8) | flags, 0, IO(xShmLock, offset, n, flags), 0);
}
static void gateShmBarrier(sqlite3_file *f) {
  GateFile *g = (GateFile *)f;
  Lane *l = laneOf(&g->o);
  if (!l) {
    IO(xShmBarrier);
    return;
  }
  Record r = fileRecord(l, g, OP_SHM_BARRIER, ROLE_SHM, 0, 0);
  stepBegins(l, &r, openerOf(l, &g->o)); /* it has no result, so it cannot fail */
  IO(xShmBarrier);
  stepEnds(l, &r, SQLITE_OK, openerOf(l, &g->o));
}
static int gateShmUnmap(sqlite3_file *f, int remove) { STEP(OP_SHM_UNMAP, ROLE_SHM, remove, 0, IO(xShmUnmap, remove), 0); }
static int gateFetch(sqlite3_file *f, sqlite3_int64 at, int n, void **p) { STEP(OP_FETCH, g->o.role, n, at, IO(xFetch, at, n, p), at); }
static int gateUnfetch(sqlite3_file *f, sqlite3_int64 at, void *p) { STEP(OP_UNFETCH, g->o.role, 0, at, IO(xUnfetch, at, p), at); }

static const sqlite3_io_methods methods = {
  0, gateClose, gateRead, gateWrite, gateTruncate, gateSync, gateFileSize, gateLock, gateUnlock, gateCheckReserved,
  gateFileControl, gateSectorSize, gateDevice, gateShmMap, gateShmLock, gateShmBarrier, gateShmUnmap, gateFetch,
  gateUnfetch,
};

/* A shim may not promise what the real file lacks: a later version of the interface, or shared memory (which SQLite
** takes to be there when xShmMap is). */
static const sqlite3_io_methods *methodsLike(GateFile *g, const sqlite3_io_methods *theirs) {
  g->methods = methods;
  g->methods.iVersion = theirs->iVersion < 3 ? theirs->iVersion : 3;
  if (theirs->iVersion < 2 || !theirs->xShmMap) g->methods.xShmMap = NULL;
  return &g->methods;
}

/* ---- the VFS ---- */

/* A path as the real VFS may read on behind it: nothing before, no journal's name and no parameters after (sqlite3.h,
** "Database File Names" at sqlite3_filename_database). */
static char *filename(const char *path) {
  enum { ZEROS = 4 };
  char *p = grow(NULL, strlen(path) + 1 + ZEROS);
  strcpy(p, path);
  memset(p + strlen(path) + 1, 0, ZEROS);
  return p;
}

/* How the next database that this thread opens is opened (lockstep_opens): by another VFS of SQLite's own, with a wal-index of its own. */
static __thread sqlite3_vfs *nextVfs;
static __thread int nextAlone;

/* Result: 0 where SQLite has no such VFS. `vfs`: NULL, or such as unix-dotfile, whose files are as large as those of the first. */
static int opensBy(const char *vfs, int alone) {
  nextVfs = vfs ? sqlite3_vfs_find(vfs) : NULL;
  nextAlone = alone;
  return !vfs || (nextVfs && nextVfs != &gate && nextVfs->szOsFile == real->szOsFile);
}

static sqlite3_vfs *takeVfs(sqlite3_vfs *usual, GateFile *g) {
  if (g->o.role != ROLE_DB) return usual;
  sqlite3_vfs *v = nextVfs ? nextVfs : usual;
  g->alone = nextAlone;
  nextVfs = NULL;
  nextAlone = 0;
  return v;
}

static int openReal(Lane *l, sqlite3_vfs *usual, const char *path, GateFile *g, int flags, int *outFlags) {
  char resolved[PATH_MAX];
  if (l && path) {
    if (!resolveOrRefuse(l, path, 1, resolved)) return SQLITE_CANTOPEN;
    path = g->path = filename(resolved);
  }
  sqlite3_file *f = inner(&g->base);
  sqlite3_vfs *v = l ? takeVfs(usual, g) : usual;
  opensFor = l ? g : NULL;
  opensRole = g->o.role;
  int rc = v->xOpen(v, path, f, flags, outFlags);
  opensFor = NULL;
  if (f->pMethods) g->base.pMethods = methodsLike(g, f->pMethods);
  else free(g->path);
  return rc;
}

/* The SQLite that a program brings answers, whichever that is: the first to open a database says so in the trace. */
static int ownEngine;
static int databasesOpened; /* of this process: from then on the gate serves no other SQLite */

static void oneStep(Lane *l, int op, uint32_t a, int64_t b, const char *text);

static void tellEngine(Lane *l) {
  char text[96];
  if (ownEngine && !databasesOpened) {
    snprintf(text, sizeof text, "{\"kind\":\"sqlite\",\"data\":{\"version\":\"%s\"}}", sqlite3_libversion());
    oneStep(l, OP_OBSERVE, 0, 0, text);
  }
  databasesOpened = 1;
}

static int gateOpen(sqlite3_vfs *v, const char *path, sqlite3_file *f, int flags, int *outFlags) {
  sqlite3_vfs *usual = v == &secondGate ? secondReal : real;
  GateFile *g = (GateFile *)f;
  Lane *l = laneHere();
  memset(f, 0, sizeof *g + (size_t)usual->szOsFile);
  if (!l) {
    if (path && (below(WORLD, path) || (worldRoot && below(worldRoot, path)))) neverALane();
    return openReal(NULL, usual, path, g, flags, outFlags);
  }
  int role = roleOfFlags(flags);
  if (path && role == ROLE_DB) tellEngine(l);
  uint16_t number = fileNumber(l, path, role);
  g->o = openedBy(l, role, number, ++l->handleCount);
  if (path && g->o.role == ROLE_DB) opensDatabase(l, logicalName(l, path));
  Record r = fileRecord(l, g, OP_OPEN, g->o.role, (uint32_t)flags, 0);
  int go = stepBegins(l, &r, NULL) == ACT_GO;
  errno = 0;
  int rc = go ? openReal(l, usual, path, g, flags, outFlags) : l->grant.code;
  if (go) hostSays(&r, rc);
  stepEnds(l, &r, rc, NULL);
  return rc;
}

static int deleteReal(Lane *l, const char *path, int syncDir) {
  char resolved[PATH_MAX];
  if (!resolveOrRefuse(l, path, 0, resolved)) return SQLITE_IOERR_DELETE;
  return real->xDelete(real, resolved, syncDir);
}

static int gateDelete(sqlite3_vfs *v, const char *path, int syncDir) {
  (void)v;
  Lane *l = laneHere();
  if (!l) return real->xDelete(real, path, syncDir);
  int role = roleOfName(l, path);
  Record r = record(l, OP_DELETE, role, fileNumber(l, path, role), 0, (uint32_t)syncDir, 0);
  int go = stepBegins(l, &r, NULL) == ACT_GO;
  errno = 0;
  int rc = go ? deleteReal(l, path, syncDir) : l->grant.code;
  if (go) hostSays(&r, rc);
  stepEnds(l, &r, rc, NULL);
  return rc;
}

static int accessReal(Lane *l, const char *path, int flags, int *out) {
  char resolved[PATH_MAX];
  if (!resolveOrRefuse(l, path, 1, resolved)) return SQLITE_OK; /* as if it were not there */
  return real->xAccess(real, resolved, flags, out);
}

static int gateAccess(sqlite3_vfs *v, const char *path, int flags, int *out) {
  (void)v;
  Lane *l = laneHere();
  if (!l) return real->xAccess(real, path, flags, out);
  int role = roleOfName(l, path);
  Record r = record(l, OP_ACCESS, role, fileNumber(l, path, role), 0, (uint32_t)flags, 0);
  *out = 0;
  int go = stepBegins(l, &r, NULL) == ACT_GO;
  errno = 0;
  int rc = go ? accessReal(l, path, flags, out) : l->grant.code;
  if (go) hostSays(&r, rc);
  r.b = *out;
  stepEnds(l, &r, rc, NULL);
  return rc;
}

/* The one place where a name that a program or a statement gave comes in: a relative one means the world's directory, as does
** an absolute one below WORLD or below that directory itself. No step: nothing happens, unless it is refused. */
static int gateFullPathname(sqlite3_vfs *v, const char *path, int n, char *out) {
  (void)v;
  char resolved[PATH_MAX];
  Lane *l = laneHere();
  if (!l) return real->xFullPathname(real, path, n, out);
  if (!resolveOrRefuse(l, path, 1, resolved)) return SQLITE_CANTOPEN;
  const char *name = below(l->root, resolved);
  const char *given = logicalName(l, path);
  if (snprintf(out, (size_t)n, "%s%s", WORLD, name) >= n) return SQLITE_CANTOPEN;
  while (given[0] == '.' && given[1] == '/') given += 2;
  return strcmp(name, given) ? SQLITE_OK_SYMLINK : SQLITE_OK;
}

/* splitmix64: one add and three mixes a number, and every seed is a good one. */
static uint64_t nextRandom(uint64_t *state) {
  uint64_t z = (*state += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

static int gateRandomness(sqlite3_vfs *v, int n, char *out) {
  (void)v;
  Lane *l = laneHere();
  if (!l) return real->xRandomness(real, n, out);
  Record r = record(l, OP_RANDOMNESS, ROLE_NONE, 0, 0, (uint32_t)n, 0);
  stepBegins(l, &r, NULL);
  for (int i = 0; i < n; i++) out[i] = (char)nextRandom(&l->rngVfs);
  stepEnds(l, &r, SQLITE_OK, NULL);
  return n;
}

static int gateSleep(sqlite3_vfs *v, int microseconds) {
  (void)v;
  Lane *l = laneHere();
  if (!l) return real->xSleep(real, microseconds);
  Record r = record(l, OP_BUSY_SLEEP, ROLE_NONE, 0, 0, (uint32_t)microseconds, 0);
  stepBegins(l, &r, NULL);
  stepEnds(l, &r, SQLITE_OK, NULL);
  return microseconds;
}

static const int64_t epochInJulianMs = 210866760000000; /* 1970-01-01 in SQLite's unit: ms since 4714-11-24 BC noon */

static int gateTime64(sqlite3_vfs *v, sqlite3_int64 *t) {
  (void)v;
  Lane *l = laneHere();
  if (!l) return real->xCurrentTimeInt64(real, t);
  Record r = record(l, OP_TIME, ROLE_NONE, 0, 0, 0, 0);
  stepBegins(l, &r, NULL);
  *t = epochInJulianMs + l->grant.now;
  stepEnds(l, &r, SQLITE_OK, NULL);
  return SQLITE_OK;
}

static int gateTime(sqlite3_vfs *v, double *t) {
  sqlite3_int64 ms = 0;
  int rc = gateTime64(v, &ms);
  *t = (double)ms / 86400000.0;
  return rc;
}

/* Not file operations: straight to the real VFS, whose private data they need. */
static void *gateDlOpen(sqlite3_vfs *v, const char *path) { (void)v; return real->xDlOpen(real, path); }
static void gateDlError(sqlite3_vfs *v, int n, char *out) { (void)v; real->xDlError(real, n, out); }
static void (*gateDlSym(sqlite3_vfs *v, void *p, const char *name))(void) { (void)v; return real->xDlSym(real, p, name); }
static void gateDlClose(sqlite3_vfs *v, void *p) { (void)v; real->xDlClose(real, p); }
static int gateLastError(sqlite3_vfs *v, int n, char *out) { (void)v; return real->xGetLastError(real, n, out); }
static int gateSetCall(sqlite3_vfs *v, const char *name, sqlite3_syscall_ptr p) { (void)v; return real->xSetSystemCall(real, name, p); }
static sqlite3_syscall_ptr gateGetCall(sqlite3_vfs *v, const char *name) { (void)v; return real->xGetSystemCall(real, name); }
static const char *gateNextCall(sqlite3_vfs *v, const char *name) { (void)v; return real->xNextSystemCall(real, name); }

/* SQLite's own fault hook: 661 is the mark that a deep engine puts on each access to the shared wal-index. */
static int faultHook(int code) {
  Lane *l = laneHere();
  if (code != 661 || !l) return 0;
  Record r = record(l, OP_MARK, ROLE_SHM, l->shmFile, 0, (uint32_t)code, 0);
  stepBegins(l, &r, NULL);
  stepEnds(l, &r, SQLITE_OK, NULL);
  return 0;
}

/* A step without a file, also in the middle of another that lockstep_step has begun. */
static void inAnyStep(Lane *l, int op, const char *text) {
  Record r = record(l, op, ROLE_NONE, 0, 0, 0, 0);
  stepBegins(l, &r, text);
  stepEnds(l, &r, SQLITE_OK, text);
}

#include "gate-raw.c"
#include "gate-mapped.c"
#include "gate-strays.c"
#include "gate-mutex.c"
#include "gate-statements.c"
#include "gate-ledger.c"

/* ---- a crash: where it happened, for the coordinator's sentence ---- */

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
static const int crashSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
enum { CRASH_SIGNALS = sizeof crashSignals / sizeof *crashSignals, STACK_MAX = 24 };
static struct sigaction before[CRASH_SIGNALS]; /* V8 has a handler of its own for SIGSEGV */

/*
** Does an address lie in a mapping of one of the world's files, behind its end? Then somebody has made the file shorter, and the
** real program would end here as well (mmap.html, "Disadvantages"): an event of the run. Where the file is long enough, the disk
** had no room for the page. Reads /proc with stdio, which a signal handler may since the access that raised it was SQLite's.
*/
static int isBehindEnd(const Lane *l, uintptr_t address) {
  char line[PATH_MAX + 128];
  FILE *maps = fopen("/proc/self/maps", "re");
  int found = 0;
  while (maps && !found && fgets(line, sizeof line, maps)) {
    uintptr_t from, to;
    unsigned long long offset;
    int path = 0;
    line[strcspn(line, "\n")] = 0;
    if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %*s %llx %*s %*s %n", &from, &to, &offset, &path) < 3 || !path) continue;
    if (address < from || address >= to || !below(l->root, line + path)) continue;
    struct stat now;
    found = stat(line + path, &now) || now.st_size <= (off_t)(address - from + offset); /* no such name: it was unlinked */
  }
  if (maps) fclose(maps);
  return found;
}

/* The stack goes to the log, then the signal to whom it would have gone without the gate. */
static void tellCrash(int signal, siginfo_t *info, void *context) {
  (void)context;
  if (signal == SIGBUS && laneHere() && isBehindEnd(lane, (uintptr_t)info->si_addr)) sendFrame(lane, FRAME_DOOMED);
  if (laneHere()) sendFrame(lane, FRAME_FLUSH); /* what it has done belongs to the trace */
  static const char text[] = "lockstep: the native stack:\n";
  void *stack[STACK_MAX];
  for (int i = 0; i < CRASH_SIGNALS; i++) sigaction(crashSignals[i], &before[i], NULL);
  if (write(STDERR_FILENO, text, sizeof text - 1) > 0) backtrace_symbols_fd(stack, backtrace(stack, STACK_MAX), STDERR_FILENO);
  raise(signal);
}

static void installCrashHandler(void) {
  void *first[1];
  struct sigaction own;
  memset(&own, 0, sizeof own);
  own.sa_sigaction = tellCrash;
  own.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  backtrace(first, 1); /* its first call loads a library, which a signal handler must not */
  for (int i = 0; i < CRASH_SIGNALS; i++) sigaction(crashSignals[i], &own, &before[i]);
}

static void crashesAreTold(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, installCrashHandler);
}
#else
static void crashesAreTold(void) {}
#endif

/* Opens a FIFO whose other end the coordinator holds open. Without it that is an error, and no wait for ever. */
static int openFifo(const char *path, int flags) {
  int fd = open(path, flags | O_NONBLOCK | O_CLOEXEC);
  if (fd >= 0) fcntl(fd, F_SETFL, flags);
  return fd;
}

/* ---- fork: a child has its parent's memory, and no part in its parent's lanes ---- */

static Lane *attachedLanes; /* of this process */
static pid_t forking;

static void forks(void) { forking = __atomic_load_n(&lanesInside, __ATOMIC_RELAXED) ? getpid() : 0; }

/* In the child, in its only thread: what the coordinator hears by the parent's FIFOs is the parent's word, and that nobody is left
** at their other end the news of its death. */
static void isForked(void) {
  if (!forking) return; /* such as the zygote of the native host, which gives its children lanes itself */
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* until it is a process of the run (forkedInto), if it ever is */
#endif
  forkedFrom = forking;
  inheritedRun = processRun;
  for (Lane *l = attachedLanes; l; l = l->next) {
    close(l->in);
    close(l->out);
  }
  attachedLanes = lane = NULL;
  lanesInside = 0;
}

/* ---- confinement: what the kernel refuses to this process, whatever it runs (landlock(7), Linux 5.13 and later) ---- */

#ifdef __linux__

/* From <linux/landlock.h>, of which the one installed may be older than the kernel. */
enum { SYS_RULESET = 444, SYS_RULE, SYS_RESTRICT, RULE_PATH_BENEATH = 1, RULESET_VERSION = 1 };
typedef struct { uint64_t fs, net, scoped; } Ruleset;
typedef struct { uint64_t allowed; int32_t parent; } __attribute__((packed)) PathBeneath;

enum {
  FS_READ = 1 << 2 | 1 << 3, FS_1 = 0x1FFF & ~FS_READ, /* all of version 1 but reading */
  FS_REFER = 1 << 13, FS_TRUNCATE = 1 << 14, FS_IOCTL = 1 << 15, NET_TCP = 1 << 0 | 1 << 1,
  SCOPE_UNIX_AND_SIGNALS = 1 << 0 | 1 << 1,
  FS_EXECUTE = 1 << 0,
  /* below the given folders: write, remove, make files, folders, FIFOs and links, rename across, truncate; no program is run */
  FS_INSIDE = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 12 | FS_REFER | FS_TRUNCATE
};

/* A file that anybody may write to. */
static int landlockFile(int set, const char *path) {
  enum { FS_WRITE_FILE = 1 << 1 };
  PathBeneath rule = {FS_WRITE_FILE, open(path, O_PATH | O_CLOEXEC)};
  int ok = rule.parent >= 0 && !syscall(SYS_RULE, set, RULE_PATH_BENEATH, &rule, 0);
  if (rule.parent >= 0) close(rule.parent);
  return ok;
}

/* Result: Landlock's version, 0 where the kernel has none, or -1 with errno. */
static int landlock(int n, const char *const *folders, int runsPrograms) {
  long version = syscall(SYS_RULESET, NULL, 0, RULESET_VERSION);
  if (version <= 0) return 0;
  Ruleset rules = {FS_1, 0, 0};
  if (version >= 2) rules.fs |= FS_REFER;
  if (version >= 3) rules.fs |= FS_TRUNCATE;
  if (version >= 4) rules.net = NET_TCP;
  if (version >= 5) rules.fs |= FS_IOCTL;
  if (version >= 6) rules.scoped = SCOPE_UNIX_AND_SIGNALS;
  if (runsPrograms) rules.fs &= ~(uint64_t)FS_EXECUTE;
  int set = (int)syscall(SYS_RULESET, &rules, sizeof rules, 0);
  int ok = set >= 0;
  for (int i = 0; ok && i < n; i++) {
    PathBeneath rule = {FS_INSIDE & rules.fs, open(folders[i], O_PATH | O_DIRECTORY | O_CLOEXEC)};
    ok = rule.parent >= 0 && !syscall(SYS_RULE, set, RULE_PATH_BENEATH, &rule, 0);
    if (rule.parent >= 0) close(rule.parent);
  }
  if (runsPrograms) ok = ok && landlockFile(set, "/dev/null");
  ok = ok && !syscall(SYS_RESTRICT, set, 0);
  int why = errno;
  if (set >= 0) close(set);
  errno = why;
  return ok ? (int)version : -1;
}

#endif

/* ---- what a lane calls; the errors are texts, NULL where there is none ---- */

static const char *attachTo(const char *inPath, const char *outPath) {
  if (lane) return "lockstep_attach: this thread is attached already";
  int out = openFifo(outPath, O_WRONLY);
  int in = out < 0 ? -1 : openFifo(inPath, O_RDONLY);
  if (in < 0) {
    if (out >= 0) close(out);
    return "lockstep_attach: a FIFO of the coordinator cannot be opened, or nobody is behind it";
  }
  lane = memset(grow(NULL, sizeof *lane), 0, sizeof *lane); /* for good: files point to it */
  lane->in = in;
  lane->out = out;
  pthread_mutex_lock(&sharedMutex);
  lane->next = attachedLanes;
  attachedLanes = lane;
  pthread_mutex_unlock(&sharedMutex);
  sqlite3_randomness(0, 0); /* opening this thread's own connection has drawn: see reseed */
#ifdef __linux__
  lane->steps = (uint32_t)syscall(SYS_gettid); /* a hello has none: it says where to look when this thread is stuck */
#endif
  crashesAreTold();
  sendFrame(lane, FRAME_HELLO);
  return NULL;
}

/* Opens the two FIFOs of this thread and says hello. */
static const char *attach(const char *inPath, const char *outPath) {
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* a lane that never comes back to the gate must not outlive the coordinator */
#endif
  return attachTo(inPath, outPath);
}

/*
** A process whose parent is one of the run may outlive that, and PR_SET_PDEATHSIG is of no use to it. Somewhere above its FIFOs lies one
** that the coordinator has open, and in which nobody writes (run/alive.ts): that its last writer is gone is a signal (fcntl(2), F_SETSIG),
** and SIGKILL may be that. Where there is no such file, it ends at its next step.
*/
static int aliveFd = -1;

static void diesWithCoordinator(const Lane *l) {
#ifdef __linux__
  enum { OUT_OF_THE_WAY = 900 };
  char link[64], path[PATH_MAX], alive[PATH_MAX + 8];
  snprintf(link, sizeof link, "/proc/self/fd/%d", l->in);
  ssize_t n = readlink(link, path, sizeof path - 1);
  path[n > 0 ? n : 0] = 0;
  int fd = -1;
  for (char *last; fd < 0 && (last = strrchr(path, '/')) && last > path; fd = open(alive, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
    *last = 0;
    snprintf(alive, sizeof alive, "%s/alive", path);
  }
  if (fd < 0) return;
  if (aliveFd >= 0) close(aliveFd); /* its parent's */
  aliveFd = fcntl(fd, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
  if (aliveFd < 0) aliveFd = fd; /* a program that may have few descriptors */
  else close(fd);
  fcntl(aliveFd, F_SETOWN, getpid());
  fcntl(aliveFd, F_SETSIG, SIGKILL);
  fcntl(aliveFd, F_SETFL, O_NONBLOCK | O_ASYNC);
#else
  (void)l;
#endif
}

/* In the child of a fork: its process is one of the run from here on. It does not die with its parent, which is a process of the
** run as well. */
static const char *forkedInto(const char *inPath, const char *outPath) {
  if (!forkedFrom) return "lockstep_forked: this process is no child of a fork in a run, or goes on as one of the run already";
  const char *error = attachTo(inPath, outPath);
  if (error) return error;
  forkedFrom = 0;
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, 0);
#endif
  diesWithCoordinator(lane);
  return NULL;
}

/*
** From here on this thread, and those that it starts, may write below these folders only, run no program (unless `runsPrograms`:
** what it runs may no more than itself, and write to /dev/null), open no TCP connection and signal no process outside; no new
** privileges, no core file. Not to be undone. Result: the version of Landlock that holds it, 0 where the kernel cannot, or -1 with
** errno.
*/
static int confine(int n, const char *const *folders, int runsPrograms) {
  struct rlimit none = {0, 0};
  int held = setrlimit(RLIMIT_CORE, &none);
#ifdef __linux__
  if (!held) held = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (!held) held = landlock(n, folders, runsPrograms);
#else
  (void)n, (void)folders, (void)runsPrograms;
#endif
  return held;
}

/* Seeds SQLite's PRNG anew by its next draw: of each copy of it in this process. */
static void forgetChance(void) {
  sqlite3_randomness(0, 0);
  if (secondRandomness) secondRandomness(0, NULL);
}

/* SQLite's PRNG, one for the process, is seeded anew by its next draw. A thread that is made in the middle of a run does so
** before it says hello, since opening its connection has drawn, beside lanes that stand still; where a waiting thread serves
** instead, its parent does so at the same moment. So the other lanes draw alike in both cases. */
static void reseed(void) { forgetChance(); }

/* Waits for work. Result: the text of the job, NULL where this thread is not attached or in a run. */
static const char *job(void) {
  if (!lane || lane->inside) return NULL;
  forgetNews(lane);
  receiveGrant(lane);
  return lane->reply;
}

/* From here on each call is a step. Result: 0 where this thread is not attached or in a run already. */
static int enter(int id, uint64_t seed, const char *root) {
  Lane *l = lane;
  if (!l || l->inside) return 0;
  l->id = (uint16_t)id;
  l->rngVfs = seed;
  l->rngProgram = ~l->rngVfs;
  free(l->root);
  l->root = copyOf(root);
  for (unsigned i = 0; i < l->nameCount; i++) free(l->names[i]);
  l->nameCount = l->handleCount = 0;
  l->shmFile = 0;
  l->stepOpen = 0;
  l->unguarded = 0;
  l->stops = 0;
  l->enters++;
  /* SQLite's PRNG is one for the process: seed it anew. For every lane, since a thread that has just been started has
  ** drawn from it outside the run, and a reused one has not. */
  forgetChance();
  l->inside = 1;
  laneEnters(l->root);
  Record r = record(l, OP_START, ROLE_NONE, 0, 0, 0, 0);
  stepBegins(l, &r, NULL);
  stepEnds(l, &r, SQLITE_OK, NULL);
  return 1;
}

/* The end of this lane's part in the run; the text tells how it ended. */
static void leave(Lane *l, const char *text) {
  stepCompletes(l, SQLITE_OK);
  if (l->ledgers) tellLedgers(l);
  Record r = record(l, OP_END, ROLE_NONE, 0, 0, 0, 0);
  r.flags = 0;
  lookForStrays(l, &r);
  stepEnds(l, &r, SQLITE_OK, text);
  l->inside = 0;
  laneLeaves();
  forgetChance(); /* what this process draws outside a run is not ours to decide */
  sendFrame(l, FRAME_LEAVE);
}

static const Named stepKinds[] = {STEP_KINDS(BY_NAME)};

/*
** Stops before an action that is not SQLite's: a known kind of operation on that file or, where it is NULL, any label; detail
** may be NULL. Result: 0, or the code that the action must fail with instead of happening. The caller acts, then calls done.
*/
static int step(Lane *l, const char *kind, const char *file, const char *detail) {
  stepCompletes(l, SQLITE_OK);
  int op = OP_STEP;
  for (size_t i = 0; file && i < sizeof stepKinds / sizeof *stepKinds; i++) {
    if (!strcmp(stepKinds[i].name, kind)) op = stepKinds[i].number;
  }
  int role = file ? roleOfName(l, file) : ROLE_NONE;
  uint16_t number = file ? fileNumber(l, file, role) : 0;
  free(l->stepText);
  l->stepText = copyOf(op == OP_STEP ? kind : detail);
  l->step = record(l, op, role, number, op == OP_FD_OPEN ? ++l->handleCount : 0, 0, 0);
  int injected = stepBegins(l, &l->step, l->stepText) == ACT_GO ? 0 : l->grant.code;
  l->stepOpen = 1;
  if (injected) stepCompletes(l, injected);
  return injected;
}

/* A name that the caller was given leads out of the world's directory. */
static void refuseName(Lane *l, const char *name) {
  stepCompletes(l, SQLITE_OK);
  refuse(l, name);
}

static void oneStep(Lane *l, int op, uint32_t a, int64_t b, const char *text) {
  stepCompletes(l, SQLITE_OK);
  Record r = record(l, op, ROLE_NONE, 0, 0, a, b);
  int action = stepBegins(l, &r, text);
  stepEnds(l, &r, action == ACT_FAIL ? l->grant.code : SQLITE_OK, text);
}

/* A verb and what it needs, for the coordinator. Result: its answer, JSON. */
static const char *ask(Lane *l, const char *text) {
  oneStep(l, OP_ASK, 0, 0, text);
  return l->reply;
}

/* 53 random bits, from a stream that SQLite's own randomness does not share. */
static int64_t randomBits(Lane *l) { return (int64_t)(nextRandom(&l->rngProgram) >> 11); }

/* True once the plan's end is reached, or this process was asked to stop. */
static int isStopping(const Lane *l) { return (l->grant.flags & GRANT_STOPPING) != 0; }

static int onConnection(sqlite3 *db);

/* Whenever SQLite has been started: a shutdown forgets both. */
static void servesSqlite(void) {
  sqlite3_vfs_register(&gate, 1);
  sqlite3_auto_extension((void (*)(void))onConnection);
}

static void standBefore(void) {
  real = sqlite3_vfs_find(NULL);
  followOpens();
  gate = *real;
  gate.zName = "lockstep";
  gate.pNext = NULL;
  gate.szOsFile = (int)sizeof(GateFile) + real->szOsFile;
  gate.xOpen = gateOpen;
  gate.xDelete = gateDelete;
  gate.xAccess = gateAccess;
  gate.xFullPathname = gateFullPathname;
  gate.xDlOpen = gateDlOpen;
  gate.xDlError = gateDlError;
  gate.xDlSym = gateDlSym;
  gate.xDlClose = gateDlClose;
  gate.xRandomness = gateRandomness;
  gate.xSleep = gateSleep;
  gate.xCurrentTime = gateTime;
  gate.xGetLastError = gateLastError;
  if (gate.iVersion >= 2) gate.xCurrentTimeInt64 = gateTime64;
  if (gate.iVersion >= 3) {
    gate.xSetSystemCall = gateSetCall;
    gate.xGetSystemCall = gateGetCall;
    gate.xNextSystemCall = gateNextCall;
  }
  sqlite3_test_control(SQLITE_TESTCTRL_FAULT_INSTALL, faultHook);
  findHooks();
  servesSqlite();
}

static void registerGate(void) {
  standBefore();
  pthread_atfork(forks, NULL, isForked);
}

#include "gate-exec.c"
#include "gate-calls.c"

#if !defined SQLITE_CORE || defined LOCKSTEP_COMMANDS /* a host of commands that is linked with SQLite */

/* ---- the end of a program that is a process of its own: it leaves the run when the process has done all that it does at its end ---- */

static char *ownEnd; /* how it ended where its exit code is not 0; NULL: by that code */

static void ownExit(int status, void *nothing) {
  (void)nothing;
  Lane *l = lane;
  if (!l || !l->inside) return;
  if (l->next) { /* another thread than the main one, which came first: the coordinator sees that all of them are dead, none before */
    sendFrame(l, FRAME_FLUSH);
    return;
  }
  char text[64];
  if (!status) snprintf(text, sizeof text, "{\"how\":\"returned\",\"open\":0}");
  else snprintf(text, sizeof text, "{\"how\":\"exited\",\"code\":%d,\"open\":0}", status & 0xFF);
  leave(l, status && ownEnd ? ownEnd : text);
}

/*
** From here on the end of the process is the end of this lane, by on_exit(3): after the program's own handlers, what a language clears
** away, and what it closes meanwhile. The text, JSON as lane/end.ts has it, says how it ends unless it ends well.
*/
static const char *endsWithProcess(const char *text) {
#ifdef __GLIBC__
  static int registered;
  looksForStrays = 1;
  free(ownEnd);
  ownEnd = text ? copyOf(text) : NULL;
  if (registered || !on_exit(ownExit, NULL)) return registered = 1, NULL;
#else
  (void)text, (void)ownExit;
#endif
  return "lockstep_ends: the end of a process can be followed with glibc only (on_exit)";
}

/*
** The SQLite that answers must be the engine under test: a program that brings its own would be tested on another, and nobody would
** know. Result: NULL, or a sentence.
*/
static const char *wrongEngine(const char *wanted) {
  static char text[256];
  ownEngine = wanted && !strcmp(wanted, "own");
  if (ownEngine || !wanted || !*wanted || !strcmp(sqlite3_libversion(), wanted)) return NULL;
  snprintf(text, sizeof text, "SQLite %s answers where %s was put under the program", sqlite3_libversion(), wanted);
  return text;
}

#include "gate-hooks.c"

const char *lockstep_ends(const char *text) { return endsWithProcess(text); }
const char *lockstep_engine(const char *wanted) { return wrongEngine(wanted); }

#endif

/* ---- SQL functions: all that a lane program needs ---- */

#ifndef SQLITE_CORE

static const char *textOf(sqlite3_value *v) {
  const char *text = (const char *)sqlite3_value_text(v);
  return text ? text : "";
}

static const char *textOrNull(sqlite3_value *v) { return sqlite3_value_type(v) == SQLITE_NULL ? NULL : textOf(v); }

static Lane *insideOrError(sqlite3_context *c) {
  Lane *l = laneHere();
  if (!l) sqlite3_result_error(c, "this thread has not entered a run: call lockstep_enter first", -1);
  return l;
}

static void resultText(sqlite3_context *c, const char *text) {
  if (text) sqlite3_result_text(c, text, -1, SQLITE_TRANSIENT);
}

static void resultError(sqlite3_context *c, const char *error) {
  if (error) sqlite3_result_error(c, error, -1);
}

/* lockstep_attach(in, out): opens the two FIFOs of this thread and says hello. */
static void sqlAttach(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  resultError(c, attach(textOf(v[0]), textOf(v[1])));
}

/* lockstep_forked(in, out): see forkedInto. */
static void sqlForked(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  resultError(c, forkedInto(textOf(v[0]), textOf(v[1])));
}

/* lockstep_confine(folder, …): see confine. */
static void sqlConfine(sqlite3_context *c, int n, sqlite3_value **v) {
  const char **folders = grow(NULL, ((size_t)n + 1) * sizeof *folders);
  for (int i = 0; i < n; i++) folders[i] = textOf(v[i]);
  int held = confine(n, folders, 0);
  int why = errno;
  free(folders);
  if (held >= 0) {
    sqlite3_result_int(c, held);
    return;
  }
  char *text = sqlite3_mprintf("lockstep_confine: %s", strerror(why));
  sqlite3_result_error(c, text, -1);
  sqlite3_free(text);
}

/* lockstep_reseed(): see reseed. */
static void sqlReseed(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n, (void)v;
  if (insideOrError(c)) reseed();
}

/* lockstep_job(): waits for work. Result: the text of the job. */
static void sqlJob(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n, (void)v;
  const char *text = job();
  if (text) resultText(c, text);
  else resultError(c, "lockstep_job: call it after lockstep_attach and outside a run");
}

/* lockstep_enter(lane number, seed, root): from here on each call is a step. */
static void sqlEnter(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  if (!enter(sqlite3_value_int(v[0]), (uint64_t)sqlite3_value_int64(v[1]), textOf(v[2])))
    resultError(c, "lockstep_enter: call it after lockstep_job and outside a run");
}

/* lockstep_leave(text): the end of this lane's part in the run; the text tells how it ended. */
static void sqlLeave(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  Lane *l = insideOrError(c);
  if (l) leave(l, textOf(v[0]));
}

/* lockstep_ends(text or NULL): see endsWithProcess. */
static void sqlEnds(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  resultError(c, endsWithProcess(textOrNull(v[0])));
}

/* lockstep_engine(version): an error where another SQLite answers. */
static void sqlEngine(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  resultError(c, wrongEngine(textOf(v[0])));
}

/* lockstep_step(kind, file or NULL, detail or NULL): see step. The caller acts, then calls lockstep_done(result code). */
static void sqlStep(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  Lane *l = insideOrError(c);
  if (l) sqlite3_result_int(c, step(l, textOf(v[0]), textOrNull(v[1]), textOrNull(v[2])));
}

/* lockstep_refuse(name): a name that the caller was given leads out of the world's directory. */
static void sqlRefuse(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  Lane *l = insideOrError(c);
  if (l) refuseName(l, textOf(v[0]));
}

/* lockstep_on(kind, descriptor, length, offset): see stepOn. The caller acts, then calls lockstep_done. */
static void sqlOn(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  Lane *l = insideOrError(c);
  if (!l) return;
  uint32_t length = (uint32_t)sqlite3_value_int64(v[2]);
  sqlite3_result_int(c, stepOn(l, textOf(v[0]), sqlite3_value_int(v[1]), length, sqlite3_value_int64(v[3])));
}

/* lockstep_scan(path): see scan. After the step `scan`; the caller then calls lockstep_done. */
static void sqlScan(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  if (!insideOrError(c)) return;
  char *text = scan(textOf(v[0]));
  if (text) sqlite3_result_text(c, text, -1, free);
}

/* lockstep_range(descriptor, how, length, offset): see lockRange. After a step `lock` on that descriptor. */
static void sqlRange(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  if (insideOrError(c))
    sqlite3_result_int(c, lockRange(sqlite3_value_int(v[0]), sqlite3_value_int(v[1]), sqlite3_value_int64(v[3]), sqlite3_value_int64(v[2])));
}

/* lockstep_opens(VFS or NULL, alone): see opensBy. Result: 0 where there is no such VFS. */
static void sqlOpens(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  if (insideOrError(c)) sqlite3_result_int(c, opensBy(textOrNull(v[0]), sqlite3_value_int(v[1])));
}

/* lockstep_poke(path, offset, bytes): see poke. */
static void sqlPoke(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  if (!insideOrError(c)) return;
  const void *bytes = sqlite3_value_blob(v[2]);
  sqlite3_result_int(c, poke(textOf(v[0]), sqlite3_value_int64(v[1]), bytes, (size_t)sqlite3_value_bytes(v[2])));
}

/* lockstep_opened(descriptor): in place of lockstep_done after a step `open` that gave it. */
static void sqlOpened(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  Lane *l = insideOrError(c);
  if (l) hasOpened(l, sqlite3_value_int(v[0]));
}

/* lockstep_done(code[, length, checksum]): the action after lockstep_step has happened, with this result, and read or
** wrote this. */
static void sqlDone(sqlite3_context *c, int n, sqlite3_value **v) {
  Lane *l = insideOrError(c);
  if (!l) return;
  if (n > 1) happened(l, sqlite3_value_int(v[0]), sqlite3_value_int64(v[1]), (uint32_t)sqlite3_value_int64(v[2]));
  else stepCompletes(l, sqlite3_value_int(v[0]));
}

/* lockstep_sleep(ms[, quiet until]), virtual: ms since the Unix epoch until which each waking would repeat the last. */
static void sqlSleep(sqlite3_context *c, int n, sqlite3_value **v) {
  Lane *l = insideOrError(c);
  if (l) oneStep(l, OP_SLEEP, 0, sqlite3_value_int64(v[0]), n > 1 ? textOf(v[1]) : NULL);
}

/* lockstep_observe(text): JSON {"kind", "data"} for the history. */
static void sqlObserve(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  Lane *l = insideOrError(c);
  if (l) oneStep(l, OP_OBSERVE, 0, 0, textOf(v[0]));
}

/* lockstep_ask(text): a verb and what it needs, for the coordinator. Result: its answer, JSON. */
static void sqlAsk(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  Lane *l = insideOrError(c);
  if (l) resultText(c, ask(l, textOf(v[0])));
}

static void askAndFree(sqlite3_context *c, char *text) {
  Lane *l = insideOrError(c);
  if (l && text) resultText(c, ask(l, text));
  sqlite3_free(text);
}

/* lockstep_send(to, message JSON) and lockstep_receive(timeout in virtual ms, or NULL): lockstep_ask by name. */
static void sqlSend(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  askAndFree(c, sqlite3_mprintf("send %s %s", textOf(v[0]), textOf(v[1])));
}

static void sqlReceive(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  askAndFree(c, sqlite3_mprintf("receive %s", textOf(v[0])));
}

/* lockstep_get(key): what a lane of this process has set, JSON, or NULL. */
static void sqlGet(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  if (insideOrError(c)) resultText(c, getShared(textOf(v[0])));
}

/* lockstep_set(key, value JSON) */
static void sqlSet(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  Lane *l = insideOrError(c);
  if (l) setShared(l, textOf(v[0]), textOf(v[1]));
}

/* How long to wait, of an argument that may not be there: for ever. */
static int64_t waitOf(int n, sqlite3_value **v) {
  return n > 1 && sqlite3_value_type(v[1]) != SQLITE_NULL ? sqlite3_value_int64(v[1]) : FOR_EVER;
}

/* lockstep_lock(name[, ms]) and lockstep_trylock(name): take a mutex of this process, re-entrant; wait for it through the
** coordinator, for ever, so many virtual ms, or not at all. Result: 1 when it is had. */
static void sqlLock(sqlite3_context *c, int n, sqlite3_value **v) {
  Lane *l = insideOrError(c);
  if (l) sqlite3_result_int(c, lockMutex(l, textOf(v[0]), waitOf(n, v)));
}

static void sqlTrylock(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  Lane *l = insideOrError(c);
  if (l) sqlite3_result_int(c, lockMutex(l, textOf(v[0]), NO_WAIT));
}

/* lockstep_unlock(name) */
static void sqlUnlock(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  Lane *l = insideOrError(c);
  if (l && !unlockMutex(l, textOf(v[0]))) resultError(c, "lockstep_unlock: this lane does not hold that mutex");
}

/* lockstep_semaphore(name, count, most): see makeSemaphore. */
static void sqlSemaphore(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  Lane *l = insideOrError(c);
  if (l) makeSemaphore(l, textOf(v[0]), (uint32_t)sqlite3_value_int64(v[1]), (uint32_t)sqlite3_value_int64(v[2]));
}

/* lockstep_acquire(name[, ms]): one of a semaphore, waited for as lockstep_lock waits. Result: 1 when it is had. */
static void sqlAcquire(sqlite3_context *c, int n, sqlite3_value **v) {
  Lane *l = insideOrError(c);
  if (l) sqlite3_result_int(c, acquireSemaphore(l, textOf(v[0]), waitOf(n, v)));
}

/* lockstep_release(name): whoever took it. */
static void sqlRelease(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  Lane *l = insideOrError(c);
  if (l && !releaseSemaphore(l, textOf(v[0]))) resultError(c, "lockstep_release: nobody has taken it");
}

/* lockstep_answer(): the text of the last grant, which after a step of kind `stat` names the inode. */
static void sqlAnswer(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n, (void)v;
  Lane *l = insideOrError(c);
  if (l) resultText(c, l->reply);
}

/* lockstep_now(): virtual ms since the Unix epoch. */
static void sqlNow(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n, (void)v;
  Lane *l = insideOrError(c);
  if (l) sqlite3_result_int64(c, l->grant.now);
}

/* lockstep_random(): see randomBits. */
static void sqlRandom(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n, (void)v;
  Lane *l = insideOrError(c);
  if (l) sqlite3_result_int64(c, randomBits(l));
}

/* lockstep_stopping(): 1 once the plan's end is reached, or this process was asked to stop. */
static void sqlStopping(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n, (void)v;
  Lane *l = insideOrError(c);
  if (l) sqlite3_result_int(c, isStopping(l));
}

static void tell(sqlite3_str *s, const char *table, const Named *rows, size_t n) {
  sqlite3_str_appendf(s, "%s\"%s\":{", sqlite3_str_length(s) > 1 ? "," : "", table);
  for (size_t i = 0; i < n; i++) sqlite3_str_appendf(s, "%s\"%s\":%d", i ? "," : "", rows[i].name, rows[i].number);
  sqlite3_str_appendall(s, "}");
}

#define BY_PLACE(struct, type, field) {#field, offsetof(struct, field)},
#define TELL(name, ...)                                                \
  do {                                                                 \
    static const Named rows[] = {__VA_ARGS__};                         \
    tell(s, name, rows, sizeof rows / sizeof *rows);                   \
  } while (0)

/* lockstep_layout(): all tables of the wire, JSON: of numbers by name, and of structs the place of each field, in bytes. */
static void sqlLayout(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n, (void)v;
  sqlite3_str *s = sqlite3_str_new(NULL);
  sqlite3_str_appendall(s, "{");
  TELL("operations", OPERATIONS(BY_NAME));
  TELL("stepKinds", STEP_KINDS(BY_NAME));
  TELL("descriptorKinds", DESCRIPTOR_KINDS(BY_NAME));
  TELL("roles", ROLES(BY_NAME));
  TELL("recordFlags", RECORD_FLAGS(BY_NAME));
  TELL("grantActions", GRANT_ACTIONS(BY_NAME));
  TELL("grantFlags", GRANT_FLAGS(BY_NAME));
  TELL("frameKinds", FRAME_KINDS(BY_NAME));
  TELL("limits", LIMITS(BY_NAME));
  TELL("record", RECORD(BY_PLACE) {"size", sizeof(Record)});
  TELL("frame", FRAME(BY_PLACE) {"size", sizeof(Frame)});
  TELL("grant", GRANT(BY_PLACE) {"size", sizeof(Grant)});
  TELL("trap", TRAP(BY_PLACE) {"size", sizeof(Trap)});
  sqlite3_str_appendall(s, "}");
  sqlite3_result_text(c, sqlite3_str_finish(s), -1, sqlite3_free);
}

static const struct { const char *name; int arguments; void (*call)(sqlite3_context *, int, sqlite3_value **); } functions[] = {
  {"lockstep_attach", 2, sqlAttach}, {"lockstep_job", 0, sqlJob}, {"lockstep_enter", 3, sqlEnter},
  {"lockstep_confine", -1, sqlConfine}, {"lockstep_reseed", 0, sqlReseed}, {"lockstep_leave", 1, sqlLeave},
  {"lockstep_ends", 1, sqlEnds}, {"lockstep_engine", 1, sqlEngine},
  {"lockstep_step", 3, sqlStep}, {"lockstep_on", 4, sqlOn}, {"lockstep_opened", 1, sqlOpened}, {"lockstep_scan", 1, sqlScan}, {"lockstep_range", 4, sqlRange}, {"lockstep_done", 1, sqlDone},
  {"lockstep_opens", 2, sqlOpens}, {"lockstep_poke", 3, sqlPoke},
  {"lockstep_done", 3, sqlDone}, {"lockstep_refuse", 1, sqlRefuse}, {"lockstep_get", 1, sqlGet}, {"lockstep_set", 2, sqlSet},
  {"lockstep_lock", 1, sqlLock}, {"lockstep_lock", 2, sqlLock}, {"lockstep_trylock", 1, sqlTrylock},
  {"lockstep_unlock", 1, sqlUnlock}, {"lockstep_semaphore", 3, sqlSemaphore}, {"lockstep_acquire", 1, sqlAcquire},
  {"lockstep_acquire", 2, sqlAcquire}, {"lockstep_release", 1, sqlRelease}, {"lockstep_sleep", 2, sqlSleep},
  {"lockstep_sleep", 1, sqlSleep}, {"lockstep_observe", 1, sqlObserve}, {"lockstep_ask", 1, sqlAsk},
  {"lockstep_send", 2, sqlSend}, {"lockstep_receive", 1, sqlReceive}, {"lockstep_now", 0, sqlNow},
  {"lockstep_answer", 0, sqlAnswer}, {"lockstep_random", 0, sqlRandom}, {"lockstep_stopping", 0, sqlStopping},
  {"lockstep_forked", 2, sqlForked}, {"lockstep_layout", 0, sqlLayout},
};

int lockstep_init(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  int another = sqlite3_api && sqlite3_api != api;
  if (another && (databasesOpened || !ownEngine)) {
    *error = api->mprintf("the gate serves one SQLite library in a process, and another one has loaded it");
    return SQLITE_ERROR;
  }
  if (another) { /* the first served the host alone, before the program has said which it brings */
    sqlite3_vfs_unregister(&gate);
    sqlite3_cancel_auto_extension((void (*)(void))onConnection);
    sqlite3_test_control(SQLITE_TESTCTRL_FAULT_INSTALL, NULL);
  }
  SQLITE_EXTENSION_INIT2(api);
  pthread_once(&once, registerGate);
  if (another) {
    standBefore();
    forgetChance(); /* opening this connection has drawn: see attachTo */
  }
  int rc = SQLITE_OK;
  for (size_t i = 0; rc == SQLITE_OK && i < sizeof functions / sizeof *functions; i++)
    rc = sqlite3_create_function(db, functions[i].name, functions[i].arguments, SQLITE_UTF8, NULL, functions[i].call, NULL, NULL);
  return rc;
}

/* What load_extension calls. Loading it again, at the same time in another thread too, only registers the SQL functions on that
** connection. The library must stay loaded (SQLITE_OK_LOAD_PERMANENTLY): the VFS outlives the connection that loaded it. */
int sqlite3_gate_init(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
  int rc = lockstep_init(db, error, api);
  return rc == SQLITE_OK ? SQLITE_OK_LOAD_PERMANENTLY : rc;
}

#endif
