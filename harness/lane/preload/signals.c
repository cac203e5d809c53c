/*
** Signals: those that come from outside come while this process stands still at the gate, in the middle of anything. Its handlers
** run when it goes on, at its next step outside of SQLite, as if the signal had come there; what it does to itself (raise, a wild
** pointer) is handled where it happens.
*/
#define SIGNALS 65

static struct sigaction handlers[SIGNALS]; /* the program's own */
static siginfo_t arrived[SIGNALS];
static volatile sig_atomic_t hasArrived[SIGNALS];
static volatile sig_atomic_t anyArrived;

static int isSynchronous(int signal) {
  switch (signal) {
    case SIGSEGV: case SIGBUS: case SIGFPE: case SIGILL: case SIGTRAP: case SIGABRT: case SIGSYS: case SIGPIPE: return 1;
    default: return 0;
  }
}

static volatile sig_atomic_t ranSince; /* what deliverSignals says of handlers that ran before it looked */

static void handle(int signal, siginfo_t *info, void *context) {
  struct sigaction *h = &handlers[signal];
  struct sigaction now = *h;
  if (now.sa_flags & SA_RESETHAND) h->sa_handler = SIG_DFL;
  if (now.sa_flags & SA_SIGINFO) now.sa_sigaction(signal, info, context);
  else if (now.sa_handler != SIG_DFL && now.sa_handler != SIG_IGN) now.sa_handler(signal);
  ranSince |= HANDLED | (now.sa_flags & SA_RESTART ? 0 : INTERRUPTS); /* last: it may itself have looked */
}

static void onSignal(int signal, siginfo_t *info, void *context) {
  if (!lane || isSynchronous(signal) || info->si_pid == NEXT(getpid)()) {
    handle(signal, info, context);
    return;
  }
  arrived[signal] = *info;
  hasArrived[signal] = 1;
  anyArrived = 1;
}

/* Runs the handlers of what has come. Result: HANDLED when one ran, and INTERRUPTS when one of them ends a wait with EINTR. */
static int deliverSignals(void) {
  while (anyArrived) {
    anyArrived = 0;
    for (int s = 1; s < SIGNALS; s++) {
      if (!hasArrived[s]) continue;
      hasArrived[s] = 0;
      siginfo_t info = arrived[s];
      handle(s, &info, NULL);
    }
  }
  int ran = ranSince;
  ranSince = 0;
  return ran;
}

static int asErrno(int code); /* time.c */

static int installHandler(int signal, const struct sigaction *act) {
  if (act->sa_handler == SIG_DFL || act->sa_handler == SIG_IGN) return NEXT(sigaction)(signal, act, NULL);
  struct sigaction ours = *act;
  ours.sa_sigaction = onSignal;
  ours.sa_flags = (act->sa_flags | SA_SIGINFO) & ~SA_RESETHAND;
  return NEXT(sigaction)(signal, &ours, NULL);
}

int sigaction(int signal, const struct sigaction *act, struct sigaction *old) {
  if (!CALLER() || signal < 1 || signal >= SIGNALS) return NEXT(sigaction)(signal, act, old);
  struct sigaction before, next = act ? *act : (struct sigaction){0};
  if (NEXT(sigaction)(signal, NULL, &before)) return -1;
  if (before.sa_sigaction == onSignal) before = handlers[signal];
  if (act) {
    if (installHandler(signal, act)) return -1;
    handlers[signal] = next;
  }
  if (old) *old = before;
  return 0;
}

static void (*setHandler(int signal, void (*handler)(int), int flags))(int) {
  struct sigaction old, act = {.sa_flags = flags};
  act.sa_handler = handler;
  sigemptyset(&act.sa_mask);
  struct sigaction before;
  if (NEXT(sigaction)(signal, NULL, &before)) return SIG_ERR;
  old = before.sa_sigaction == onSignal ? handlers[signal] : before;
  if (installHandler(signal, &act)) return SIG_ERR;
  handlers[signal] = act;
  return old.sa_handler;
}

__sighandler_t signal(int sig, __sighandler_t handler) {
  if (!CALLER() || sig < 1 || sig >= SIGNALS) return NEXT(signal)(sig, handler);
  return setHandler(sig, handler, SA_RESTART);
}

/* Stands still until a handler has run. */
static int untilHandled(Lane *l) {
  for (int ran = deliverSignals(); !(ran & HANDLED); ran = awaits(l, "signal", -1)) continue;
  errno = EINTR;
  return -1;
}

int pause(void) {
  Lane *l = CALLER();
  return l ? untilHandled(l) : NEXT(pause)();
}

int sigsuspend(const sigset_t *mask) {
  Lane *l = CALLER();
  if (!l) return NEXT(sigsuspend)(mask);
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, mask, &before); /* what was blocked and pending comes here */
  untilHandled(l);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = EINTR;
  return -1;
}

/* Takes one of these signals when it has come, which stay blocked meanwhile, until then (virtual ms since the epoch, < 0: for ever). Result: its
** number; -1 with errno. */
static int takesSignal(Lane *l, const sigset_t *set, siginfo_t *info, int64_t until) {
  sigset_t before;
  siginfo_t found;
  int signal;
  pthread_sigmask(SIG_BLOCK, set, &before);
  for (;;) {
    signal = NEXT(sigtimedwait)(set, &found, &(struct timespec){0, 0});
    if (signal > 0 || errno != EAGAIN || (until >= 0 && l->grant.now >= until)) break;
    if (awaits(l, "signal", until < 0 ? -1 : until - l->grant.now) & HANDLED) {
      signal = asErrno(EINTR);
      break;
    }
  }
  int e = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = e;
  if (signal > 0 && info) { /* not by whose number of the system */
    memset(info, 0, sizeof *info);
    info->si_signo = signal;
    info->si_code = found.si_code;
  }
  return signal;
}

int sigwaitinfo(const sigset_t *set, siginfo_t *info) {
  Lane *l = CALLER();
  return l ? takesSignal(l, set, info, -1) : NEXT(sigwaitinfo)(set, info);
}

int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout) {
  Lane *l = CALLER();
  if (!l) return NEXT(sigtimedwait)(set, info, timeout);
  return takesSignal(l, set, info, timeout ? l->grant.now + timeout->tv_sec * 1000 + (timeout->tv_nsec + 999999) / 1000000 : -1);
}

int sigwait(const sigset_t *set, int *signal) {
  Lane *l = CALLER();
  if (!l) return NEXT(sigwait)(set, signal);
  int found;
  do found = takesSignal(l, set, NULL, -1);
  while (found < 0 && errno == EINTR); /* sigwait(3) */
  if (found < 0) return errno;
  *signal = found;
  return 0;
}

int signalfd(int fd, const sigset_t *set, int flags) {
  if (CALLER()) notFollowed("reads signals from a file (signalfd): let it have a handler instead");
  return NEXT(signalfd)(fd, set, flags);
}
