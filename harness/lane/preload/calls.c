/*
** Who calls, and what stands behind: the C library's own functions, callers told apart, answers of the coordinator read.
*/
#include <dlfcn.h>
#include <link.h>

/* ---- the C library's own ---- */

static void *nextOf(const char *name, const char *version) {
  void *f = version ? dlvsym(RTLD_NEXT, name, version) : dlsym(RTLD_NEXT, name);
  if (!f) {
    char text[96];
    snprintf(text, sizeof text, "the C library has no %s", name);
    protocolError(text);
  }
  return f;
}

/* The function of this name that would be called without this library. */
#define NEXT(name)                                             \
  ({                                                           \
    static __typeof__(&name) next;                             \
    if (!next) next = (__typeof__(&name))nextOf(#name, NULL);  \
    next;                                                      \
  })

/* What stands under another name in the C library too, and does the same. On 64 bits a file of any size is a file. */
#define SAME_AS(name, other) __attribute__((alias(#name))) __typeof__(name) other

/* ---- callers ---- */

typedef struct { uintptr_t from, to; } Range;

/* The code of SQLite and of this library. */
static Range own[2];

static int rangeOf(struct dl_phdr_info *info, size_t size, void *wanted) {
  (void)size;
  Range *r = wanted;
  Range all = {UINTPTR_MAX, 0};
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
    uintptr_t from = info->dlpi_addr + part->p_vaddr;
    if (from < all.from) all.from = from;
    if (from + part->p_memsz > all.to) all.to = from + part->p_memsz;
  }
  if (r->from < all.from || r->from >= all.to) return 0;
  *r = all;
  return 1;
}

static void findOwnCode(void) {
  uintptr_t inside[] = {(uintptr_t)sqlite3_libversion, (uintptr_t)findOwnCode};
  for (int i = 0; i < 2; i++) {
    Range r = {inside[i], inside[i]};
    if (dl_iterate_phdr(rangeOf, &r)) own[i] = r;
  }
}

static int isOwn(const void *caller, const Range *r) { return (uintptr_t)caller >= r->from && (uintptr_t)caller < r->to; }

/* The lane whose program makes this call; NULL where the call is to pass as it is. */
static Lane *laneOfCaller(const void *caller) {
  Lane *l = laneHere();
  return l && !isOwn(caller, &own[0]) && !isOwn(caller, &own[1]) ? l : NULL;
}

#define CALLER() laneOfCaller(__builtin_return_address(0))

/* What became of signals that had come (signals.c). */
enum { HANDLED = 1, INTERRUPTS = 2 };
static int deliverSignals(void);

/* The next signal at a time, virtual ms since the epoch, or 0 (timers.c). */
static int64_t timerDue(void);
static void fireTimers(Lane *l);
/* A child has none of its parent's (fork(2)); another program has the alarm only (execve(2)), which is given, or taken. */
static void forgetTimers(void);
static void alarmGoesOn(int64_t alarm[2], int gives);

/* ---- answers of the coordinator: JSON, of which only flat fields are read ---- */

/* A field's text, or its number as text. Result: 0 where there is none, or it does not fit. */
static int field(const char *json, const char *name, char *out, size_t bytes) {
  char key[64];
  snprintf(key, sizeof key, "\"%s\":", name);
  const char *p = strstr(json, key);
  if (!p) return 0;
  p += strlen(key);
  int quoted = *p == '"';
  if (quoted) p++;
  size_t n = strcspn(p, quoted ? "\"" : ",}");
  if (n >= bytes) return 0;
  memcpy(out, p, n);
  out[n] = 0;
  return 1;
}

static char processName[256];       /* logical */
static __thread char laneName[256]; /* of one of its threads, the same for the main one */

/* Asks, with a text made as printf makes it. Result: the answer; the run ends where it is an error. */
static const char *asks(Lane *l, const char *format, ...) {
  char *text;
  va_list more;
  va_start(more, format);
  text = sqlite3_vmprintf(format, more);
  va_end(more);
  if (!text) protocolError(strerror(ENOMEM));
  const char *answer = ask(l, text);
  char error[400];
  if (!strncmp(answer, "{\"error\"", 8) && field(answer, "error", error, sizeof error)) {
    char what[512];
    snprintf(what, sizeof what, "asked \"%.60s\" of the run, which answers: %s", text, error);
    notFollowed(what);
  }
  sqlite3_free(text);
  return answer;
}

/* Waits until somebody notifies of this key, no longer than so many virtual ms (< 0: as long as it takes). A wait may end for
** nothing: whoever waits looks again. Result: as deliverSignals. */
static int awaits(Lane *l, const char *key, int64_t ms) {
  int64_t due = timerDue();
  if (due && (ms < 0 || due - l->grant.now < ms)) ms = due > l->grant.now ? due - l->grant.now : 0;
  if (ms < 0) asks(l, "await %s", key);
  else asks(l, "await %s %lld", key, (long long)ms);
  fireTimers(l);
  return deliverSignals();
}

static void notifies(Lane *l, const char *key) { asks(l, "notify %s", key); }

/* What the kernel holds and processes share: pipes, file locks, ends of processes. Whoever waits for such a thing is woken by
** any of them. */
static const char KERNEL[] = "kernel";

/* A step that is none of SQLite's and of no kind that the tables know. */
static int labelled(Lane *l, const char *label) { return step(l, label, NULL, NULL); }

/* ---- channels ---- */

/* Descriptors from here on are out of a program's way. */
static int channelsFrom(void) {
  struct rlimit most;
  return getrlimit(RLIMIT_NOFILE, &most) || most.rlim_cur > 1024 ? 960 : (int)most.rlim_cur / 2;
}

/* Tells the coordinator that this thread is there, by descriptors that are out of the program's way. */
static void attachLane(const char *(*attaches)(const char *, const char *), const char *in, const char *out) {
  const char *error = attaches(in, out);
  if (error) protocolError(error);
  int least = channelsFrom();
  int *fds[] = {&lane->in, &lane->out};
  for (int i = 0; i < 2; i++) {
    int moved = NEXT(fcntl)(*fds[i], F_DUPFD_CLOEXEC, least);
    if (moved < 0) protocolError(strerror(errno));
    NEXT(close)(*fds[i]);
    *fds[i] = moved;
  }
}

/* A thread has ended: its channel's numbers may be others' soon. */
static void closeChannel(Lane *l) {
  NEXT(close)(l->in);
  NEXT(close)(l->out);
  l->in = l->out = -1;
}

/* The coordinator's channels are not the program's to close. */
static int isChannel(int fd) {
  if ((fd == wordsFd && fd != STDERR_FILENO) || (fd == aliveFd && fd >= 0)) return 1;
  for (const Lane *l = attachedLanes; l; l = l->next)
    if (l->in == fd || l->out == fd) return 1;
  return 0;
}
