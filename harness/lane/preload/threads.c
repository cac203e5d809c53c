/*
** Threads are lanes, and whatever one waits for that another has, it waits for at the coordinator. Mutexes and the like are the C
** library's own, taken by a try that does not block; who must wait stands in a queue here, and is woken by name. Condition
** variables are queues only.
**
** One lane runs at a time, so that queues need no lock. Where a process has one lane, nothing here does anything.
*/
#include <semaphore.h>

/* ---- queues ---- */

typedef struct Waiter {
  struct Waiter *next;
  const void *object;
  const char *lane;
  int woken;
} Waiter;

static Waiter *waiters; /* in the order in which they came */

static void enqueue(Waiter *w) {
  Waiter **at = &waiters;
  while (*at) at = &(*at)->next;
  *at = w;
}

static void dequeue(const Waiter *w) {
  for (Waiter **at = &waiters; *at; at = &(*at)->next) {
    if (*at != w) continue;
    *at = w->next;
    return;
  }
}

/* Wakes who waits for an object, the first or all. Result: whether there was one. */
static int wake(Lane *l, const void *object, int all) {
  int any = 0;
  for (Waiter *w = waiters; w; w = w->next) {
    if (w->object != object || w->woken) continue;
    w->woken = any = 1;
    int e = errno;
    notifies(l, w->lane);
    errno = e;
    if (!all) break;
  }
  return any;
}

enum { FOREVER = -1 };

/* Stands still until woken, or until then (virtual ms since the epoch; FOREVER). Result: 0, or ETIMEDOUT. */
static int waitIn(Lane *l, Waiter *w, int64_t until) {
  while (!w->woken) {
    if (until != FOREVER && l->grant.now >= until) break;
    awaits(l, w->lane, until == FOREVER ? -1 : until - l->grant.now);
  }
  dequeue(w);
  return w->woken ? 0 : ETIMEDOUT;
}

/* Of what lies in memory that processes share, others than this one may give it back: whoever waits is woken as for what the kernel holds. */
static int waitsForOthers(Lane *l, void *object, int (*try)(void *), int64_t until) {
  for (;;) {
    int rc = try(object);
    if (rc != EBUSY && rc != EAGAIN) return rc;
    if (until != FOREVER && l->grant.now >= until) return ETIMEDOUT;
    awaits(l, KERNEL, until == FOREVER ? -1 : until - l->grant.now);
  }
}

/* Tries again and again, whenever somebody has given the object back. */
static int waitsUntil(Lane *l, void *object, int (*try)(void *), int64_t until) {
  for (;;) {
    int rc = try(object);
    if (rc != EBUSY && rc != EAGAIN) return rc;
    Waiter w = {NULL, object, laneName, 0};
    enqueue(&w);
    if (waitIn(l, &w, until)) return ETIMEDOUT;
  }
}

static int64_t untilOf(Lane *l, clockid_t clock, const struct timespec *t) {
  return l->grant.now + msOf(t) - clockMs(l, clock);
}

/* A place where others may go first, before something that threads share: of the program's own, where it has threads. */
static void sharesHere(Lane *l, const void *caller, const char *label) {
  if (lanesInside < 2 || isOwn(caller, &own[0])) return;
  labelled(l, label);
  stepCompletes(l, 0);
}

/* The lane that must not wait in the kernel, be it in SQLite or in the program. */
static Lane *laneOfThread(void) { return lanesInside > 1 ? laneHere() : NULL; }

/* ---- mutexes ---- */

static int tryMutex(void *m) { return NEXT(pthread_mutex_trylock)(m); }

/* glibc's own fields: there is no call that asks for them (bits/struct_mutex.h). */
static int isShared(const pthread_mutex_t *m) { return m->__data.__kind & 128; }
static int isMineChecked(const pthread_mutex_t *m) {
  return (m->__data.__kind & 3) == PTHREAD_MUTEX_ERRORCHECK && m->__data.__owner == (int)syscall(SYS_gettid);
}

/* As laneOfThread; one lane alone may wait for another process. */
static Lane *laneOfMutex(const pthread_mutex_t *m) { return isShared(m) ? laneHere() : laneOfThread(); }

static int lockMutexOf(Lane *l, pthread_mutex_t *m, int64_t until) {
  if (isMineChecked(m)) return EDEADLK;
  return isShared(m) ? waitsForOthers(l, m, tryMutex, until) : waitsUntil(l, m, tryMutex, until);
}

int pthread_mutex_lock(pthread_mutex_t *m) {
  Lane *l = laneOfMutex(m);
  if (!l) return NEXT(pthread_mutex_lock)(m);
  sharesHere(l, __builtin_return_address(0), "lock a mutex");
  return lockMutexOf(l, m, FOREVER);
}

int pthread_mutex_trylock(pthread_mutex_t *m) {
  Lane *l = laneOfThread();
  if (l) sharesHere(l, __builtin_return_address(0), "try a mutex");
  return NEXT(pthread_mutex_trylock)(m);
}

int pthread_mutex_clocklock(pthread_mutex_t *m, clockid_t clock, const struct timespec *t) {
  Lane *l = laneOfMutex(m);
  if (!l) return NEXT(pthread_mutex_clocklock)(m, clock, t);
  sharesHere(l, __builtin_return_address(0), "lock a mutex");
  return lockMutexOf(l, m, untilOf(l, clock, t));
}

int pthread_mutex_timedlock(pthread_mutex_t *m, const struct timespec *t) {
  Lane *l = laneOfMutex(m);
  if (!l) return NEXT(pthread_mutex_timedlock)(m, t);
  sharesHere(l, __builtin_return_address(0), "lock a mutex");
  return lockMutexOf(l, m, untilOf(l, CLOCK_REALTIME, t));
}

static int unlockMutexOf(Lane *l, pthread_mutex_t *m) {
  int shared = isShared(m); /* it may be gone afterwards */
  int rc = NEXT(pthread_mutex_unlock)(m);
  if (!rc && shared) notifies(l, KERNEL);
  else if (!rc) wake(l, m, 0);
  return rc;
}

int pthread_mutex_unlock(pthread_mutex_t *m) {
  Lane *l = laneOfMutex(m);
  return l ? unlockMutexOf(l, m) : NEXT(pthread_mutex_unlock)(m);
}

/* ---- condition variables ---- */

/* glibc's own field, as above: bit 0 says that processes share it. It counts signals then, in memory that is its own while none of glibc's
** functions is called on it; who waits may wake for nothing (pthread_cond_wait(3)). */
static uint64_t *signalsOf(pthread_cond_t *c) { return c->__data.__wrefs & 1 ? (uint64_t *)&c->__data.__wseq : NULL; }

static int waitShared(Lane *l, const uint64_t *signals, pthread_mutex_t *m, int64_t until) {
  uint64_t before = *(const volatile uint64_t *)signals;
  int rc = 0;
  unlockMutexOf(l, m);
  while (!rc && *(const volatile uint64_t *)signals == before) {
    if (until != FOREVER && l->grant.now >= until) rc = ETIMEDOUT;
    else awaits(l, KERNEL, until == FOREVER ? -1 : until - l->grant.now);
  }
  lockMutexOf(l, m, FOREVER);
  return rc;
}

static int signalCondition(Lane *l, pthread_cond_t *c, int all) {
  uint64_t *signals = signalsOf(c);
  if (signals) {
    ++*signals;
    notifies(l, KERNEL);
  } else {
    wake(l, c, all);
  }
  return 0;
}

static int waitCondition(Lane *l, pthread_cond_t *c, pthread_mutex_t *m, int64_t until) {
  if (signalsOf(c)) return waitShared(l, signalsOf(c), m, until);
  Waiter w = {NULL, c, laneName, 0};
  enqueue(&w);
  unlockMutexOf(l, m);
  int rc = waitIn(l, &w, until);
  lockMutexOf(l, m, FOREVER);
  return rc;
}

/* The clock of a condition variable's waits: glibc's own field (condattr_setclock, __condvar_... __wrefs bit 1). */
static clockid_t clockOf(const pthread_cond_t *c) { return c->__data.__wrefs & 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME; }

/* Of two versions in glibc's ABI, dlsym gives the old one, which has another struct. */
#define CONDITION(name)                                                         \
  ({                                                                            \
    static __typeof__(&name) next;                                              \
    if (!next) next = (__typeof__(&name))nextOf(#name, CONDITION_VERSION);      \
    next;                                                                       \
  })
#ifdef __x86_64__
#define CONDITION_VERSION "GLIBC_2.3.2"
#else
#define CONDITION_VERSION NULL
#endif

/* Also of a process with one lane: it may wait for a thread's signal no longer than a time. */
int pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m) {
  Lane *l = CALLER();
  return l ? waitCondition(l, c, m, FOREVER) : CONDITION(pthread_cond_wait)(c, m);
}

int pthread_cond_timedwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m, const struct timespec *restrict t) {
  Lane *l = CALLER();
  if (!l) return CONDITION(pthread_cond_timedwait)(c, m, t);
  return waitCondition(l, c, m, untilOf(l, clockOf(c), t));
}

int pthread_cond_clockwait(pthread_cond_t *c, pthread_mutex_t *m, clockid_t clock, const struct timespec *t) {
  Lane *l = CALLER();
  if (!l) return NEXT(pthread_cond_clockwait)(c, m, clock, t);
  return waitCondition(l, c, m, untilOf(l, clock, t));
}

int pthread_cond_signal(pthread_cond_t *c) {
  Lane *l = CALLER();
  return l ? signalCondition(l, c, 0) : CONDITION(pthread_cond_signal)(c);
}

int pthread_cond_broadcast(pthread_cond_t *c) {
  Lane *l = CALLER();
  return l ? signalCondition(l, c, 1) : CONDITION(pthread_cond_broadcast)(c);
}

/* ---- read-write locks, semaphores, spin locks, barriers ---- */

static int tryRead(void *p) { return NEXT(pthread_rwlock_tryrdlock)(p); }
static int tryWrite(void *p) { return NEXT(pthread_rwlock_trywrlock)(p); }
static int isSharedLock(const pthread_rwlock_t *p) { return p->__data.__shared; } /* glibc's own field, as above */
static Lane *laneOfLock(const pthread_rwlock_t *p) { return isSharedLock(p) ? laneHere() : laneOfThread(); }

static int locksUntil(Lane *l, pthread_rwlock_t *p, int (*try)(void *), int64_t until) {
  return isSharedLock(p) ? waitsForOthers(l, p, try, until) : waitsUntil(l, p, try, until);
}

static int trySpin(void *p) { return NEXT(pthread_spin_trylock)(p); }
static int trySemaphore(void *p) { return NEXT(sem_trywait)(p) ? errno : 0; }

#define WAITS(name, try, label)                                   \
  int name(pthread_rwlock_t *p) {                                                   \
    Lane *l = laneOfLock(p);                                             \
    if (!l) return NEXT(name)(p);                                       \
    sharesHere(l, __builtin_return_address(0), label);                  \
    return locksUntil(l, p, try, FOREVER);                                \
  }
#define WAITS_UNTIL(name, try, label)                             \
  int name(pthread_rwlock_t *restrict p, const struct timespec *restrict t) {       \
    Lane *l = laneOfLock(p);                                             \
    if (!l) return NEXT(name)(p, t);                                    \
    sharesHere(l, __builtin_return_address(0), label);                  \
    return locksUntil(l, p, try, untilOf(l, CLOCK_REALTIME, t));          \
  }
#define WAITS_ON_CLOCK(name, try, label)                                       \
  int name(pthread_rwlock_t *restrict p, clockid_t clock, const struct timespec *restrict t) {   \
    Lane *l = laneOfLock(p);                                                          \
    if (!l) return NEXT(name)(p, clock, t);                                          \
    sharesHere(l, __builtin_return_address(0), label);                               \
    return locksUntil(l, p, try, untilOf(l, clock, t));                                \
  }

WAITS(pthread_rwlock_rdlock, tryRead, "lock to read")
WAITS(pthread_rwlock_wrlock, tryWrite, "lock to write")
WAITS_UNTIL(pthread_rwlock_timedrdlock, tryRead, "lock to read")
WAITS_UNTIL(pthread_rwlock_timedwrlock, tryWrite, "lock to write")
WAITS_ON_CLOCK(pthread_rwlock_clockrdlock, tryRead, "lock to read")
WAITS_ON_CLOCK(pthread_rwlock_clockwrlock, tryWrite, "lock to write")

int pthread_rwlock_unlock(pthread_rwlock_t *p) {
  Lane *l = laneOfLock(p);
  int shared = isSharedLock(p);
  int rc = NEXT(pthread_rwlock_unlock)(p);
  if (l && !rc && shared) notifies(l, KERNEL);
  else if (l && !rc) wake(l, p, 1);
  return rc;
}

int pthread_spin_lock(pthread_spinlock_t *p) {
  Lane *l = laneOfThread();
  return l ? waitsUntil(l, (void *)p, trySpin, FOREVER) : NEXT(pthread_spin_lock)(p);
}

int pthread_spin_unlock(pthread_spinlock_t *p) {
  Lane *l = laneOfThread();
  int rc = NEXT(pthread_spin_unlock)(p);
  if (l) wake(l, (void *)p, 0);
  return rc;
}

/* glibc's own field (struct new_sem, sysdeps/nptl/internaltypes.h). */
static int isSharedSemaphore(const sem_t *p) { return ((const int *)p)[2] != 0; }

static int acquires(Lane *l, sem_t *p, int64_t until) {
  sharesHere(l, NULL, "wait at a semaphore");
  return asErrno(isSharedSemaphore(p) ? waitsForOthers(l, p, trySemaphore, until) : waitsUntil(l, p, trySemaphore, until));
}

/* A semaphore may be posted by a handler, or by a thread that is yet to come: one lane alone waits here too. */
int sem_wait(sem_t *p) {
  Lane *l = CALLER();
  return l ? acquires(l, p, FOREVER) : NEXT(sem_wait)(p);
}

int sem_timedwait(sem_t *restrict p, const struct timespec *restrict t) {
  Lane *l = CALLER();
  return l ? acquires(l, p, untilOf(l, CLOCK_REALTIME, t)) : NEXT(sem_timedwait)(p, t);
}

int sem_clockwait(sem_t *restrict p, clockid_t clock, const struct timespec *restrict t) {
  Lane *l = CALLER();
  return l ? acquires(l, p, untilOf(l, clock, t)) : NEXT(sem_clockwait)(p, clock, t);
}

sem_t *sem_open(const char *name, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = va_arg(more, mode_t);
  unsigned value = va_arg(more, unsigned);
  va_end(more);
  if (CALLER()) notFollowed("opens a semaphore by a name (sem_open), which is one for all runs of this machine: let it make one in memory that its "
                             "processes share (sem_init; mmap with MAP_SHARED and MAP_ANONYMOUS)");
  return NEXT(sem_open)(name, flags, mode, value);
}

int sem_post(sem_t *p) {
  Lane *l = CALLER();
  int shared = isSharedSemaphore(p);
  int rc = NEXT(sem_post)(p);
  if (l && !rc && shared) notifies(l, KERNEL);
  else if (l && !rc) wake(l, p, 0);
  return rc;
}

typedef struct Barrier {
  struct Barrier *next;
  const pthread_barrier_t *barrier;
  unsigned count, waiting;
} Barrier;

static Barrier *barriers;

int pthread_barrier_init(pthread_barrier_t *restrict p, const pthread_barrierattr_t *restrict attributes, unsigned count) {
  int rc = NEXT(pthread_barrier_init)(p, attributes, count), shared = 0;
  if (rc || !CALLER()) return rc;
  if (attributes && !pthread_barrierattr_getpshared(attributes, &shared) && shared == PTHREAD_PROCESS_SHARED)
    notFollowed("makes a barrier for several processes (pthread_barrier_init): let it wait at a condition variable that they share, or at a pipe");
  Barrier *b = barriers;
  while (b && b->barrier != p) b = b->next;
  if (!b) {
    b = grow(NULL, sizeof *b);
    b->next = barriers;
    barriers = b;
  }
  b->barrier = p;
  b->count = count;
  b->waiting = 0;
  return 0;
}

int pthread_barrier_wait(pthread_barrier_t *p) {
  Lane *l = CALLER();
  Barrier *b = l ? barriers : NULL;
  while (b && b->barrier != p) b = b->next;
  if (!b) return NEXT(pthread_barrier_wait)(p);
  if (++b->waiting == b->count) {
    b->waiting = 0;
    wake(l, p, 1);
    return PTHREAD_BARRIER_SERIAL_THREAD;
  }
  Waiter w = {NULL, p, laneName, 0};
  enqueue(&w);
  return waitIn(l, &w, FOREVER);
}

/* ---- threads ---- */

typedef struct Thread {
  struct Thread *next;
  pthread_t id;
  void *(*begin)(void *);
  void *argument;
  char in[PATH_MAX], out[PATH_MAX], name[32];
} Thread;

static Thread *threads;
static unsigned threadCount;
static pthread_key_t atEndOfThread;

static void enterRun(void); /* start.c */

/* The last that a thread does: behind the destructors of all other keys (pthread_key_create(3): some rounds of them). */
static void threadEnds(void *value) {
  static __thread int rounds;
  if (++rounds < PTHREAD_DESTRUCTOR_ITERATIONS) {
    pthread_setspecific(atEndOfThread, value);
    return;
  }
  leave(lane, "{\"how\":\"returned\",\"open\":0}");
  closeChannel(lane);
}

static void *beginThread(void *value) {
  Thread *t = value;
  pthread_setspecific(atEndOfThread, t);
  attachLane(attach, t->in, t->out);
  enterRun();
  return t->begin(t->argument);
}

int pthread_create(pthread_t *restrict id, const pthread_attr_t *restrict attributes, void *(*begin)(void *), void *restrict argument) {
  Lane *l = CALLER();
  if (!l) return NEXT(pthread_create)(id, attributes, begin, argument);
  Thread *t = memset(grow(NULL, sizeof *t), 0, sizeof *t);
  t->begin = begin;
  t->argument = argument;
  snprintf(t->name, sizeof t->name, "thread-%u", ++threadCount);
  const char *answer = asks(l, "thread %s own null", t->name);
  if (!field(answer, "in", t->in, sizeof t->in) || !field(answer, "out", t->out, sizeof t->out))
    protocolError("a thread has no channel");
  int rc = NEXT(pthread_create)(&t->id, attributes, beginThread, t);
  if (rc) protocolError(strerror(rc)); /* the machine makes no thread: no event of the run */
  *id = t->id;
  t->next = threads;
  threads = t;
  asks(l, "thread-started %s", t->name);
  return 0;
}

/* Waits until a thread has left the run; its end is at hand then. Result: 0, or ETIMEDOUT. */
static int untilLeft(Lane *l, pthread_t id, int64_t until) {
  const Thread *t = threads;
  while (t && !pthread_equal(t->id, id)) t = t->next;
  if (!t) return 0;
  for (;;) {
    char how[16];
    const char *answer = until == FOREVER ? asks(l, "wait %s/%s", processName, t->name)
                                          : asks(l, "wait %s/%s %lld", processName, t->name, (long long)(until - l->grant.now));
    if (field(answer, "how", how, sizeof how)) return 0;
    deliverSignals();
    if (until != FOREVER && l->grant.now >= until) return ETIMEDOUT;
  }
}

/* It has been joined: its number may be another thread's from now on. */
static int joinThread(pthread_t id, void **result) {
  int rc = NEXT(pthread_join)(id, result);
  for (Thread **at = &threads; !rc && *at; at = &(*at)->next) {
    if (!pthread_equal((*at)->id, id)) continue;
    Thread *gone = *at;
    *at = gone->next;
    free(gone);
    break;
  }
  return rc;
}

int pthread_join(pthread_t id, void **result) {
  Lane *l = CALLER();
  if (!l) return NEXT(pthread_join)(id, result);
  untilLeft(l, id, FOREVER);
  return joinThread(id, result);
}

int pthread_timedjoin_np(pthread_t id, void **result, const struct timespec *t) {
  Lane *l = CALLER();
  if (!l) return NEXT(pthread_timedjoin_np)(id, result, t);
  return untilLeft(l, id, untilOf(l, CLOCK_REALTIME, t)) ? ETIMEDOUT : joinThread(id, result);
}

int pthread_clockjoin_np(pthread_t id, void **result, clockid_t clock, const struct timespec *t) {
  Lane *l = CALLER();
  if (!l) return NEXT(pthread_clockjoin_np)(id, result, clock, t);
  return untilLeft(l, id, untilOf(l, clock, t)) ? ETIMEDOUT : joinThread(id, result);
}

int pthread_tryjoin_np(pthread_t id, void **result) {
  Lane *l = CALLER();
  if (!l) return NEXT(pthread_tryjoin_np)(id, result);
  return untilLeft(l, id, l->grant.now) ? EBUSY : joinThread(id, result);
}

void pthread_exit(void *result) {
  Lane *l = CALLER();
  if (l && !pthread_getspecific(atEndOfThread))
    notFollowed("ends its main thread and lets others go on (pthread_exit in main): let the main thread join them");
  NEXT(pthread_exit)(result);
  __builtin_unreachable();
}

int pthread_cancel(pthread_t id) {
  if (CALLER()) notFollowed("cancels a thread (pthread_cancel): it may stand at the gate, where nothing can be cancelled");
  return NEXT(pthread_cancel)(id);
}
