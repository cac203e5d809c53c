/*
** Signals at a time: alarm(2), setitimer(2), timer_create(2). Time moves only while lanes stand still, so that whoever stands still does
** it no longer than until the next timer of its process (calls.c, time.c), and sends the signal itself.
*/
#include <sys/timerfd.h>

typedef struct Timer {
  struct Timer *next;
  int64_t dueMs, everyMs; /* due: 0 where it is not set */
  int signal;
} Timer;

static Timer *timers;
static Timer alarmTimer = {.signal = SIGALRM}; /* of alarm and setitimer, which are one (alarm(2), "Notes") */

static int64_t timerDue(void) {
  int64_t due = alarmTimer.dueMs;
  for (const Timer *t = timers; t; t = t->next)
    if (t->dueMs && (!due || t->dueMs < due)) due = t->dueMs;
  return due;
}

static void fire(Lane *l, Timer *t) {
  if (!t->dueMs || t->dueMs > l->grant.now) return;
  t->dueMs = t->everyMs ? l->grant.now + t->everyMs : 0;
  signalsItself(l, t->signal);
}

static void fireTimers(Lane *l) {
  fire(l, &alarmTimer);
  for (Timer *t = timers; t; t = t->next) fire(l, t);
}

static void forgetTimers(void) {
  alarmTimer.dueMs = alarmTimer.everyMs = 0;
  for (Timer *t = timers; t; t = t->next) t->dueMs = 0;
}

static void alarmGoesOn(int64_t alarm[2], int gives) {
  int64_t *own[] = {&alarmTimer.dueMs, &alarmTimer.everyMs};
  for (int i = 0; i < 2; i++) *(gives ? &alarm[i] : own[i]) = gives ? *own[i] : alarm[i];
}

/* Sets a timer, 0: to nothing. Result: ms that were left. */
static int64_t setTimer(Lane *l, Timer *t, int64_t dueMs, int64_t everyMs) {
  int64_t left = t->dueMs > l->grant.now ? t->dueMs - l->grant.now : 0;
  t->dueMs = dueMs;
  t->everyMs = everyMs;
  return left;
}

unsigned alarm(unsigned seconds) {
  Lane *l = CALLER();
  if (!l) return NEXT(alarm)(seconds);
  int64_t left = setTimer(l, &alarmTimer, seconds ? l->grant.now + (int64_t)seconds * 1000 : 0, 0);
  return (unsigned)((left + 999) / 1000);
}

static int64_t msOfTimeval(struct timeval t) { return (int64_t)t.tv_sec * 1000 + (t.tv_usec + 999) / 1000; }
static struct timeval timevalOf(int64_t ms) { return (struct timeval){ms / 1000, ms % 1000 * 1000}; }

int setitimer(__itimer_which_t which, const struct itimerval *restrict value, struct itimerval *restrict old) {
  Lane *l = CALLER();
  if (!l) return NEXT(setitimer)(which, value, old);
  if (which != ITIMER_REAL) notFollowed("asks for a signal after so much processor time (setitimer), which differs from run to run");
  int64_t every = alarmTimer.everyMs, ms = value ? msOfTimeval(value->it_value) : 0;
  int64_t left = setTimer(l, &alarmTimer, ms ? l->grant.now + ms : 0, value ? msOfTimeval(value->it_interval) : 0);
  if (old) *old = (struct itimerval){timevalOf(every), timevalOf(left)};
  return 0;
}

int timer_create(clockid_t clock, struct sigevent *restrict event, timer_t *restrict id) {
  Lane *l = CALLER();
  if (!l) return NEXT(timer_create)(clock, event, id);
  if (event && event->sigev_notify != SIGEV_SIGNAL)
    notFollowed("makes a timer that does not send a signal (timer_create): let it sleep in a thread instead");
  Timer *t = memset(grow(NULL, sizeof *t), 0, sizeof *t);
  t->signal = event ? event->sigev_signo : SIGALRM;
  t->next = timers;
  timers = t;
  *id = t;
  return 0;
}

int timer_settime(timer_t id, int flags, const struct itimerspec *restrict value, struct itimerspec *restrict old) {
  Lane *l = CALLER();
  if (!l) return NEXT(timer_settime)(id, flags, value, old);
  Timer *t = id;
  int64_t every = t->everyMs, ms = msOf(&value->it_value);
  if (flags & TIMER_ABSTIME) notFollowed("sets a timer to a time of day (timer_settime with TIMER_ABSTIME): let it say how long");
  int64_t left = setTimer(l, t, ms ? l->grant.now + ms : 0, msOf(&value->it_interval));
  if (old) *old = (struct itimerspec){timespecOf(every), timespecOf(left)};
  return 0;
}

int timer_gettime(timer_t id, struct itimerspec *value) {
  Lane *l = CALLER();
  if (!l) return NEXT(timer_gettime)(id, value);
  const Timer *t = id;
  *value = (struct itimerspec){timespecOf(t->everyMs), timespecOf(t->dueMs > l->grant.now ? t->dueMs - l->grant.now : 0)};
  return 0;
}

int timerfd_create(int clock, int flags) {
  if (CALLER()) notFollowed("makes a timer that is read as a file (timerfd_create), which real time moves: let it wait with a timeout");
  return NEXT(timerfd_create)(clock, flags);
}

int timer_getoverrun(timer_t id) { return CALLER() ? 0 : NEXT(timer_getoverrun)(id); }

int timer_delete(timer_t id) {
  if (!CALLER()) return NEXT(timer_delete)(id);
  for (Timer **at = &timers; *at; at = &(*at)->next) {
    if (*at != id) continue;
    Timer *gone = *at;
    *at = gone->next;
    free(gone);
    return 0;
  }
  return asErrno(EINVAL);
}
