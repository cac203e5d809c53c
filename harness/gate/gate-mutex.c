/*
** What the threads of a process share during a run: values, mutexes, semaphores, and SQLite's own mutexes. Part of gate.c, which
** includes it.
**
** Only one lane runs at a time, so what they find here depends on the schedule alone. What is free is taken here and the
** coordinator is told; only a lane that must wait asks it (run/requests.ts), and it never waits in the kernel.
**
** A mutex belongs to the lane that took it, and is re-entrant (Python's RLock, a recursive pthread mutex). A semaphore belongs to
** nobody: one of at most one is Python's Lock, and with a timeout all else is made of it: a condition variable is a list of
** semaphores, one for each who waits (Lib/threading.py, Condition).
**
** What stays out: who goes first, of several that wait.
*/

typedef enum { SHARED_VALUE, SHARED_MUTEX, SHARED_SEMAPHORE } SharedKind;

typedef struct Shared {
  struct Shared *next;
  SharedKind kind;
  char *key, *value;  /* value: JSON, empty when nobody has set it */
  Lane *owner;
  unsigned enters;    /* of the owner: its thread may serve as another lane later */
  uint32_t count;     /* how often the owner has it, or how many can be had */
  uint32_t most;      /* of a semaphore; 0: no limit */
} Shared;

static pthread_mutex_t sharedMutex = PTHREAD_MUTEX_INITIALIZER;
static Shared *sharedList;

/* A semaphore that nobody has made is one that one lane can have. */
static Shared *sharedEntry(const char *key, SharedKind kind) {
  pthread_mutex_lock(&sharedMutex);
  Shared *s = sharedList;
  while (s && (strcmp(s->key, key) || s->kind != kind)) s = s->next;
  if (!s) {
    s = memset(grow(NULL, sizeof *s), 0, sizeof *s);
    s->kind = kind;
    s->key = copyOf(key);
    s->value = copyOf("");
    s->count = s->most = kind == SHARED_SEMAPHORE;
    s->next = sharedList;
    sharedList = s;
  }
  pthread_mutex_unlock(&sharedMutex);
  return s;
}

/* The first lane of a run finds nothing that an earlier run has left. */
static void laneEnters(const char *root) {
  pthread_mutex_lock(&sharedMutex);
  if (lanesInside == 0) {
    processRun++;
    free(worldRoot);
    worldRoot = copyOf(root);
  }
  while (lanesInside == 0 && sharedList) {
    Shared *s = sharedList;
    sharedList = s->next;
    free(s->key);
    free(s->value);
    free(s);
  }
  lanesInside++;
  pthread_mutex_unlock(&sharedMutex);
}

static void laneLeaves(void) {
  pthread_mutex_lock(&sharedMutex);
  lanesInside--;
  pthread_mutex_unlock(&sharedMutex);
}

/* What a lane of this process has set, JSON, or NULL. */
static const char *getShared(const char *key) {
  const char *value = sharedEntry(key, SHARED_VALUE)->value;
  return *value ? value : NULL;
}

/* A step that the coordinator is told of when it has happened. Result: its record, to be completed by stepEnds. */
static Record tellBegins(Lane *l, const char *text) {
  Record r = record(l, OP_TELL, ROLE_NONE, 0, 0, 0, 0);
  stepBegins(l, &r, text); /* it cannot fail */
  return r;
}

static void setShared(Lane *l, const char *key, const char *value) {
  stepCompletes(l, SQLITE_OK);
  char *text = sqlite3_mprintf("set %s %s", key, value);
  Record r = tellBegins(l, text);
  Shared *s = sharedEntry(key, SHARED_VALUE);
  free(s->value);
  s->value = copyOf(value);
  stepEnds(l, &r, SQLITE_OK, text);
  sqlite3_free(text);
}

/* How long a lane waits for what another has: not at all, for ever, or so many virtual ms. */
enum { NO_WAIT = 0, FOR_EVER = -1 };

/* Asks for what is not to be had now: `lock NAME`, or `lock-within MS NAME`. Result: whether it is had. */
static int waitsFor(Lane *l, const char *verb, const char *name, int64_t ms) {
  char *text = ms < 0 ? sqlite3_mprintf("%s %s", verb, name) : sqlite3_mprintf("%s-within %lld %s", verb, (long long)ms, name);
  Record r = record(l, OP_ASK, ROLE_NONE, 0, 0, 0, 0);
  stepBegins(l, &r, text);
  stepEnds(l, &r, SQLITE_OK, text);
  sqlite3_free(text);
  return ms < 0 || !strcmp(l->reply, "{\"value\":true}");
}

static int isOwner(const Lane *l, const Shared *s) { return s->owner == l && s->enters == l->enters; }

/* Takes a mutex of this process, re-entrant; waits for it through the coordinator. Result: whether the lane has it. */
static int lockMutex(Lane *l, const char *name, int64_t ms) {
  stepCompletes(l, SQLITE_OK);
  char *text = sqlite3_mprintf("%s %s", ms == NO_WAIT ? "trylock" : "lock", name);
  Record r = tellBegins(l, text);
  Shared *s = sharedEntry(name, SHARED_MUTEX);
  int had = !s->owner || isOwner(l, s);
  stepEnds(l, &r, had ? SQLITE_OK : SQLITE_BUSY, text);
  sqlite3_free(text);
  if (!had && (ms == NO_WAIT || !waitsFor(l, "lock", name, ms))) return 0;
  s->owner = l;
  s->enters = l->enters;
  s->count++;
  return 1;
}

/* Result: 0 when this lane does not hold it. */
static int unlockMutex(Lane *l, const char *name) {
  stepCompletes(l, SQLITE_OK);
  Shared *s = sharedEntry(name, SHARED_MUTEX);
  if (!isOwner(l, s)) return 0;
  char *text = sqlite3_mprintf("unlock %s", name);
  Record r = tellBegins(l, text);
  if (--s->count == 0) s->owner = NULL;
  stepEnds(l, &r, SQLITE_OK, text);
  sqlite3_free(text);
  return 1;
}

/* Makes a semaphore: so many can be had, and at most so many be there (0: no limit). */
static void makeSemaphore(Lane *l, const char *name, uint32_t count, uint32_t most) {
  char *text = sqlite3_mprintf("semaphore %u %u %s", count, most, name);
  Record r = tellBegins(l, text);
  Shared *s = sharedEntry(name, SHARED_SEMAPHORE);
  s->count = count;
  s->most = most;
  stepEnds(l, &r, SQLITE_OK, text);
  sqlite3_free(text);
}

/* Takes one of a semaphore; waits for it through the coordinator. Result: whether it is had. */
static int acquireSemaphore(Lane *l, const char *name, int64_t ms) {
  char *text = sqlite3_mprintf("acquire %s", name);
  Record r = tellBegins(l, text);
  Shared *s = sharedEntry(name, SHARED_SEMAPHORE);
  int had = s->count > 0;
  stepEnds(l, &r, had ? SQLITE_OK : SQLITE_BUSY, text);
  sqlite3_free(text);
  if (!had && (ms == NO_WAIT || !waitsFor(l, "acquire", name, ms))) return 0;
  s->count--;
  return 1;
}

/* Gives one back, whoever took it. Result: 0 when all are there. */
static int releaseSemaphore(Lane *l, const char *name) {
  Shared *s = sharedEntry(name, SHARED_SEMAPHORE);
  if (s->most && s->count >= s->most) return 0;
  char *text = sqlite3_mprintf("release %s", name);
  Record r = tellBegins(l, text);
  s->count++;
  stepEnds(l, &r, SQLITE_OK, text);
  sqlite3_free(text);
  return 1;
}

/* ---- SQLite's own mutexes ----
**
** In serialized mode (threadsafe.html) a connection's mutex is held during each call: also while a lane stands before a step in
** it. Another lane that uses the same connection must wait for it through the coordinator. As long as nobody has to wait, they
** are what SQLite has itself, and in no trace.
**
** SQLite takes other mutexes only while it is shut down (sqlite3_config, SQLITE_CONFIG_MUTEX): before the first connection.
*/

typedef struct {
  sqlite3_mutex *kernel; /* the real one */
  Lane *owner;           /* NULL: nobody, or a thread that is not in a run */
  unsigned depth;
  unsigned number;       /* in order of first contention within a run of the process */
  unsigned run;          /* in which it has that number */
  unsigned waiting;      /* lanes that wait for it, and have not been told that it is free */
} LaneMutex;

enum { STATIC_MUTEXES = SQLITE_MUTEX_STATIC_VFS3 + 1, FIRST_STATIC_MUTEX = SQLITE_MUTEX_RECURSIVE + 1 };

static sqlite3_mutex_methods kernelMutexes;
static LaneMutex staticMutexes[STATIC_MUTEXES];
static unsigned contended, contendedIn; /* how many mutexes have a number in which run */

static sqlite3_mutex *mutexAlloc(int kind) {
  int isStatic = kind >= FIRST_STATIC_MUTEX && kind < STATIC_MUTEXES;
  LaneMutex *m = isStatic ? &staticMutexes[kind] : calloc(1, sizeof *m);
  if (m && !m->kernel) m->kernel = kernelMutexes.xMutexAlloc(kind);
  if (!m || m->kernel) return (sqlite3_mutex *)m;
  if (!isStatic) free(m);
  return NULL;
}

static void mutexFree(sqlite3_mutex *given) {
  LaneMutex *m = (LaneMutex *)given;
  kernelMutexes.xMutexFree(m->kernel);
  free(m);
}

static void mutexIsHad(LaneMutex *m, Lane *l) {
  if (m->depth++ == 0) m->owner = l;
}

static const char *nameOfMutex(const LaneMutex *m, char name[24]) {
  snprintf(name, 24, "sqlite.%u", m->number);
  return name;
}

/* Another lane has it, and stands still: else this one would not run. */
static void waitForMutex(LaneMutex *m, Lane *l) {
  char name[24];
  if (contendedIn != processRun) contended = 0;
  contendedIn = processRun;
  if (m->run != processRun) {
    m->run = processRun;
    m->number = ++contended;
    m->waiting = 0;
    makeSemaphore(l, nameOfMutex(m, name), 0, 0);
  }
  m->waiting++;
  acquireSemaphore(l, nameOfMutex(m, name), FOR_EVER);
}

static void mutexEnter(sqlite3_mutex *given) {
  LaneMutex *m = (LaneMutex *)given;
  Lane *l = laneHere();
  while (kernelMutexes.xMutexTry(m->kernel) != SQLITE_OK) {
    if (l && m->owner) {
      waitForMutex(m, l);
    } else {
      kernelMutexes.xMutexEnter(m->kernel);
      break;
    }
  }
  mutexIsHad(m, l);
}

static int mutexTry(sqlite3_mutex *given) {
  LaneMutex *m = (LaneMutex *)given;
  int rc = kernelMutexes.xMutexTry(m->kernel);
  if (rc == SQLITE_OK) mutexIsHad(m, laneHere());
  return rc;
}

static void mutexLeave(sqlite3_mutex *given) {
  LaneMutex *m = (LaneMutex *)given;
  Lane *l = laneHere();
  int isFree = --m->depth == 0, isWanted = isFree && l && m->run == processRun && m->waiting > 0;
  char name[24];
  if (isFree) m->owner = NULL;
  if (isWanted) m->waiting--;
  kernelMutexes.xMutexLeave(m->kernel);
  if (isWanted) releaseSemaphore(l, nameOfMutex(m, name)); /* who is woken tries again: another may have been faster */
}

static int mutexInit(void) { return kernelMutexes.xMutexInit(); }
static int mutexEnd(void) { return kernelMutexes.xMutexEnd(); }

/*
** From here on SQLite's mutexes wait as lanes do. To be called before the program has a connection, by a host whose lanes may
** share one, with three functions of the SQLite library that the program uses. Result: NULL, or why not.
*/
static const char *lanesWaitInSqlite(int (*config)(int, ...), int (*initialize)(void), int (*shutdown)(void)) {
  static const sqlite3_mutex_methods ours = {mutexInit, mutexEnd, mutexAlloc, mutexFree, mutexEnter, mutexTry, mutexLeave, NULL, NULL};
  if (kernelMutexes.xMutexAlloc) return NULL; /* done */
  if (initialize() || shutdown()) return "SQLite cannot be started"; /* it chooses its own mutexes when it starts */
  sqlite3_mutex_methods theirs;
  if (config(SQLITE_CONFIG_GETMUTEX, &theirs) || config(SQLITE_CONFIG_MUTEX, &ours))
    return "this SQLite takes no other mutexes: it was built with SQLITE_THREADSAFE=0";
  kernelMutexes = theirs;
  return initialize() ? "SQLite cannot be started" : NULL;
}
