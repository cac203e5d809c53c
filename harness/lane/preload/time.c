/*
** Time is virtual: it stands while a lane runs, and moves when all sleep. A program that reads the clock again and again, to wait for
** a time, would wait for ever: so many reads of one moment take a millisecond.
*/
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/timeb.h>
#include <sys/times.h>
#include <poll.h>
#include <sched.h>
#include <time.h>

enum { READS_OF_A_MOMENT = 1000 };

static __thread struct { int64_t moment; unsigned reads; } clockReads;

static void sleepStep(Lane *l, int64_t ms) { oneStep(l, OP_SLEEP, 0, ms, NULL); }

static int64_t nowMs(Lane *l) {
  if (clockReads.moment != l->grant.now) {
    clockReads.moment = l->grant.now;
    clockReads.reads = 0;
  }
  if (++clockReads.reads == READS_OF_A_MOMENT) {
    sleepStep(l, 1);
    deliverSignals();
  }
  return l->grant.now;
}

/* Where virtual time begins (harness/run/epoch.ts), and what a clock that counts from the machine's start shows then. */
static const int64_t EPOCH_MS = 1779494400000, UPTIME_MS = 100000;

static int isWallClock(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI || clock == CLOCK_REALTIME_ALARM;
}

static int64_t clockMs(Lane *l, clockid_t clock) { return isWallClock(clock) ? nowMs(l) : nowMs(l) - EPOCH_MS + UPTIME_MS; }

static struct timespec timespecOf(int64_t ms) { return (struct timespec){ms / 1000, ms % 1000 * 1000000}; }

/* Rounded up: a sleep is not shorter than it was asked for. `sleep infinity` asks for more than fits: far beyond any plan, and any date. */
static int64_t msOf(const struct timespec *t) {
  static const int64_t LONGEST_SECONDS = 100000000000;
  int64_t seconds = t->tv_sec < LONGEST_SECONDS ? t->tv_sec : LONGEST_SECONDS;
  return seconds * 1000 + (t->tv_nsec + 999999) / 1000000;
}

static int isValid(const struct timespec *t) { return t->tv_sec >= 0 && t->tv_nsec >= 0 && t->tv_nsec < 1000000000; }

int clock_gettime(clockid_t clock, struct timespec *t) {
  Lane *l = CALLER();
  if (!l) return NEXT(clock_gettime)(clock, t);
  *t = timespecOf(clockMs(l, clock));
  return 0;
}

int clock_getres(clockid_t clock, struct timespec *t) {
  if (!CALLER()) return NEXT(clock_getres)(clock, t);
  if (t) *t = timespecOf(1);
  return 0;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone) {
  Lane *l = CALLER();
  if (!l) return NEXT(gettimeofday)(t, zone);
  int64_t now = nowMs(l);
  *t = (struct timeval){now / 1000, now % 1000 * 1000};
  return 0;
}

time_t time(time_t *t) {
  Lane *l = CALLER();
  if (!l) return NEXT(time)(t);
  time_t now = nowMs(l) / 1000;
  if (t) *t = now;
  return now;
}

int timespec_get(struct timespec *t, int base) {
  Lane *l = CALLER();
  if (!l) return NEXT(timespec_get)(t, base);
  *t = timespecOf(nowMs(l));
  return base;
}

clock_t clock(void) {
  Lane *l = CALLER();
  return l ? (clock_t)(nowMs(l) - EPOCH_MS) * (CLOCKS_PER_SEC / 1000) : NEXT(clock)();
}

clock_t times(struct tms *t) {
  Lane *l = CALLER();
  if (!l) return NEXT(times)(t);
  memset(t, 0, sizeof *t);
  return (clock_t)(clockMs(l, CLOCK_MONOTONIC) / 10);
}

/* Processor time differs from run to run. */
int getrusage(__rusage_who_t who, struct rusage *usage) {
  if (!CALLER()) return NEXT(getrusage)(who, usage);
  memset(usage, 0, sizeof *usage);
  return 0;
}

/* Sleeps until then (virtual ms). Result: ms that were left when a handler ended it, else 0. */
static int64_t sleepUntil(Lane *l, int64_t until) {
  do {
    int64_t due = timerDue(), next = due && due < until ? due : until;
    sleepStep(l, next > l->grant.now ? next - l->grant.now : 0);
    fireTimers(l);
    if (deliverSignals() & HANDLED) return until > l->grant.now ? until - l->grant.now : 0;
  } while (l->grant.now < until);
  return 0;
}

static int sleepFor(Lane *l, const struct timespec *t, struct timespec *left) {
  if (!isValid(t)) return EINVAL;
  int64_t rest = sleepUntil(l, l->grant.now + msOf(t));
  if (rest && left) *left = timespecOf(rest);
  return rest ? EINTR : 0;
}

static int asErrno(int code) {
  if (!code) return 0;
  errno = code;
  return -1;
}

int nanosleep(const struct timespec *t, struct timespec *left) {
  Lane *l = CALLER();
  return l ? asErrno(sleepFor(l, t, left)) : NEXT(nanosleep)(t, left);
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *t, struct timespec *left) {
  Lane *l = CALLER();
  if (!l) return NEXT(clock_nanosleep)(clock, flags, t, left);
  if (!(flags & TIMER_ABSTIME)) return sleepFor(l, t, left);
  if (!isValid(t)) return EINVAL;
  return sleepUntil(l, l->grant.now + msOf(t) - clockMs(l, clock)) ? EINTR : 0;
}

int usleep(useconds_t us) {
  Lane *l = CALLER();
  if (!l) return NEXT(usleep)(us);
  return sleepUntil(l, l->grant.now + ((int64_t)us + 999) / 1000) ? asErrno(EINTR) : 0;
}

unsigned sleep(unsigned seconds) {
  Lane *l = CALLER();
  if (!l) return NEXT(sleep)(seconds);
  return (unsigned)((sleepUntil(l, l->grant.now + (int64_t)seconds * 1000) + 999) / 1000);
}

int sched_yield(void) {
  Lane *l = CALLER();
  if (!l) return NEXT(sched_yield)();
  sleepStep(l, 0);
  return 0;
}

/* ---- waits for descriptors: what another lane brings is looked for again whenever one may have ---- */

/* Waits for `ready` to find something. Result: what it found; 0 when the time (virtual ms, < 0: none) is up; -1 with errno. */
static int waitReady(Lane *l, int64_t ms, int (*ready)(void *), void *what) {
  int64_t until = l->grant.now + ms;
  for (;;) {
    int n = ready(what);
    if (n || ms == 0) return n;
    if (ms > 0 && l->grant.now >= until) return 0;
    if (awaits(l, KERNEL, ms < 0 ? -1 : until - l->grant.now) & HANDLED) return asErrno(EINTR);
  }
}

typedef struct { struct pollfd *fds; nfds_t n; const sigset_t *mask; } Polled;

static int pollNow(void *what) {
  Polled *p = what;
  return NEXT(ppoll)(p->fds, p->n, &(struct timespec){0, 0}, p->mask);
}

int poll(struct pollfd *fds, nfds_t n, int ms) {
  Lane *l = CALLER();
  return l ? waitReady(l, ms, pollNow, &(Polled){fds, n, NULL}) : NEXT(poll)(fds, n, ms);
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *t, const sigset_t *mask) {
  Lane *l = CALLER();
  return l ? waitReady(l, t ? msOf(t) : -1, pollNow, &(Polled){fds, n, mask}) : NEXT(ppoll)(fds, n, t, mask);
}

typedef struct { int n; fd_set *sets[3]; fd_set given[3]; } Selected;

static int selectNow(void *what) {
  Selected *s = what;
  for (int i = 0; i < 3; i++) if (s->sets[i]) *s->sets[i] = s->given[i];
  return NEXT(select)(s->n, s->sets[0], s->sets[1], s->sets[2], &(struct timeval){0, 0});
}

static int selectFor(Lane *l, int n, fd_set *r, fd_set *w, fd_set *e, int64_t ms) {
  Selected s = {.n = n, .sets = {r, w, e}};
  for (int i = 0; i < 3; i++) if (s.sets[i]) s.given[i] = *s.sets[i];
  return waitReady(l, ms, selectNow, &s);
}

int select(int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *t) {
  Lane *l = CALLER();
  if (!l) return NEXT(select)(n, r, w, e, t);
  return selectFor(l, n, r, w, e, t ? (int64_t)t->tv_sec * 1000 + (t->tv_usec + 999) / 1000 : -1);
}

int pselect(int n, fd_set *r, fd_set *w, fd_set *e, const struct timespec *t, const sigset_t *mask) {
  Lane *l = CALLER();
  return l ? selectFor(l, n, r, w, e, t ? msOf(t) : -1) : NEXT(pselect)(n, r, w, e, t, mask);
}

typedef struct { int fd, most; struct epoll_event *events; } Epolled;

static int epollNow(void *what) {
  Epolled *e = what;
  return NEXT(epoll_wait)(e->fd, e->events, e->most, 0);
}

int epoll_wait(int fd, struct epoll_event *events, int most, int ms) {
  Lane *l = CALLER();
  return l ? waitReady(l, ms, epollNow, &(Epolled){fd, most, events}) : NEXT(epoll_wait)(fd, events, most, ms);
}

int epoll_pwait(int fd, struct epoll_event *events, int most, int ms, const sigset_t *mask) {
  Lane *l = CALLER();
  return l ? waitReady(l, ms, epollNow, &(Epolled){fd, most, events}) : NEXT(epoll_pwait)(fd, events, most, ms, mask);
}
