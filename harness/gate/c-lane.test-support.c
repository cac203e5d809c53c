/*
** A program in C whose threads are lanes, for tests of what no host of ours does: connections that several threads use, SQLite's
** mutexes, threads that are no lanes, forks. It does the work that its job's arguments spell, command by command: see commands.
** What stays out: the driver (c-lane.test-support.ts).
*/
#define SQLITE_CORE 1
#include "gate.c"
#include <sys/wait.h>

static void fail(const char *what) {
  fprintf(stderr, "c-lane: %s\n", what);
  exit(1);
}

/* The text of a field of a job; what it is in tests has no escapes. */
static char *fieldOf(const char *json, const char *name) {
  char key[32];
  snprintf(key, sizeof key, "\"%s\":", name);
  const char *from = strstr(json, key);
  if (!from) return NULL;
  from += strlen(key);
  int quoted = *from == '"';
  if (quoted) from++;
  size_t n = strcspn(from, quoted ? "\"" : ",}");
  char *text = calloc(1, n + 1);
  return memcpy(text, from, n);
}

static void say(const char *what, const char *result) {
  char *text = sqlite3_mprintf("{\"kind\":\"said\",\"data\":[\"%s\",\"%s\"]}", what, result);
  lockstep_observe(text);
  sqlite3_free(text);
}

static void sayNumber(const char *what, int64_t number) {
  char text[24];
  snprintf(text, sizeof text, "%lld", (long long)number);
  say(what, text);
}

/* ---- connections, which all threads share ---- */

static sqlite3 *connections[26];
static sqlite3 **slotOf(const char *letter) { return &connections[(*letter - 'a') % 26]; }

static int keepText(void *into, int n, char **values, char **names) {
  (void)names;
  if (n > 0) snprintf(into, 64, "%s", values[0] ? values[0] : "null");
  return 0;
}

static void openSlot(const char *slot, const char *name) {
  char *path = *name == '/' ? sqlite3_mprintf("%s", name) : sqlite3_mprintf("%s/%s", worldRoot, name);
  sayNumber("open", sqlite3_open_v2(path, slotOf(slot), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, NULL));
  sqlite3_free(path);
}

static const char *runSql(const char *slot, const char *sql) {
  static __thread char result[64];
  snprintf(result, sizeof result, "ok");
  int rc = sqlite3_exec(*slotOf(slot), sql, keepText, result, NULL);
  if (rc != SQLITE_OK) snprintf(result, sizeof result, "%s", sqlite3_errstr(rc));
  return result;
}

static void theirHook(void *nothing, int op, const char *schema, const char *table, sqlite3_int64 rowid) {
  (void)nothing, (void)op, (void)schema, (void)table, (void)rowid;
}

/* ---- descriptors, which all threads share ---- */

static int descriptorSlots[26];
static int *descriptorOf(const char *letter) { return &descriptorSlots[(*letter - 'a') % 26]; }

static void openRaw(const char *slot, const char *name) {
  char *path = sqlite3_mprintf("%s/%s", worldRoot, name);
  if (lockstep_step("open", name, "r+")) fail("a step failed");
  int fd = *descriptorOf(slot) = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) lockstep_done(errno, 0, 0);
  else lockstep_opened(fd);
  sqlite3_free(path);
}

static void onRaw(const char *kind, const char *slot) {
  char bytes[8] = "SQLite f";
  int fd = *descriptorOf(slot);
  lockstep_on(kind, fd, sizeof bytes, 0);
  int rc = !strcmp(kind, "close") ? close(fd) : (int)(!strcmp(kind, "read") ? pread(fd, bytes, 8, 0) : pwrite(fd, bytes, 8, 0));
  lockstep_done(rc < 0 ? errno : 0, rc < 0 ? 0 : rc, 0);
}

typedef struct { const char *slot, *rest; } Stray;
static void *strayMain(void *given) {
  Stray *s = given;
  if (strlen(s->slot) == 1) runSql(s->slot, s->rest);
  else sqlite3_open(s->slot, slotOf("z"));
  return NULL;
}

/* ---- threads and processes ---- */

static void serve(void);

typedef struct { char *in, *out; } Fifos;

static void *threadMain(void *given) {
  Fifos *f = given;
  const char *error = lockstep_attach(f->in, f->out);
  if (error) fail(error);
  serve();
  return NULL;
}

static void startThread(const char *in, const char *out) {
  pthread_t thread;
  Fifos *f = grow(NULL, sizeof *f);
  *f = (Fifos){copyOf(in), copyOf(out)};
  if (pthread_create(&thread, NULL, threadMain, f)) fail("no thread");
}

/* thread NAME ARGS, on this program */
static void askThread(const char *name, const char *args) {
  char *text = sqlite3_mprintf("thread %s c \"%s\"", name, args);
  const char *answer = lockstep_ask(text);
  char *in = fieldOf(answer, "in"), *out = fieldOf(answer, "out");
  if (in) startThread(in, out);
  else reseed();
  sqlite3_free(text);
  text = sqlite3_mprintf("thread-started %s", name);
  lockstep_ask(text);
  sqlite3_free(text);
}

static void doAll(char *script);

static void enterFor(const char *given) {
  char *json = copyOf(given), *root = fieldOf(json, "root"), *seed = fieldOf(json, "seed"), *number = fieldOf(json, "number");
  if (!lockstep_enter(atoi(number), strtoull(seed, NULL, 10), root)) fail("not entered");
  free(json);
}

/* fork NAME COMMANDS: the child does those, separated by +, as a process of the run; `stray NAME`: as none */
static void askFork(const char *name, char *commands, int follows) {
  char *text = sqlite3_mprintf("fork %s", name);
  char *answer = copyOf(follows ? lockstep_ask(text) : "");
  sqlite3_free(text);
  for (char *c = commands; *c; c++)
    if (*c == '+') *c = '|';
  pid_t pid = fork();
  if (pid == 0) {
    if (follows) {
      const char *error = lockstep_forked(fieldOf(answer, "in"), fieldOf(answer, "out"));
      if (error) fail(error);
      enterFor(lockstep_job());
    }
    doAll(commands);
    if (follows) lockstep_leave("{\"how\":\"returned\",\"open\":0}");
    _exit(0);
  }
  if (!follows) {
    waitpid(pid, NULL, 0);
    return;
  }
  text = sqlite3_mprintf("forked %s", name);
  const char *told = lockstep_ask(text);
  if (strcmp(told, "{}")) say("fork", "refused");
  sqlite3_free(text);
}

/* ---- commands ---- */

static char *word(char **rest) {
  char *first = *rest, *space = strchr(first, ' ');
  *rest = space ? space + 1 : first + strlen(first);
  if (space) *space = 0;
  return first;
}

static void doOne(char *rest) {
  char *verb = word(&rest);
  if (!strcmp(verb, "open")) {
    char *slot = word(&rest);
    openSlot(slot, rest);
  } else if (!strcmp(verb, "sql")) {
    char *slot = word(&rest);
    say(rest, runSql(slot, rest));
  } else if (!strcmp(verb, "close")) {
    sayNumber("close", sqlite3_close(*slotOf(rest)));
  } else if (!strcmp(verb, "hook")) {
    if (*rest == 't') sqlite3_trace_v2(*slotOf("a"), 0, NULL, NULL);
    else sqlite3_update_hook(*slotOf(rest), theirHook, NULL);
  } else if (!strcmp(verb, "rawopen")) {
    char *slot = word(&rest);
    openRaw(slot, rest);
  } else if (!strncmp(verb, "raw", 3)) {
    onRaw(verb + 3, rest);
  } else if (!strcmp(verb, "stranger")) {
    pthread_t thread;
    Stray s = {.slot = word(&rest)};
    s.rest = rest;
    pthread_create(&thread, NULL, strayMain, &s);
    pthread_join(thread, NULL);
  } else if (!strcmp(verb, "sleep")) {
    lockstep_sleep(atoll(rest), NULL);
  } else if (!strcmp(verb, "lock")) {
    char *name = word(&rest);
    sayNumber("lock", lockstep_lock(name, *rest ? atoll(rest) : -1));
  } else if (!strcmp(verb, "unlock")) {
    sayNumber("unlock", lockstep_unlock(rest));
  } else if (!strcmp(verb, "semaphore")) {
    char *name = word(&rest), *count = word(&rest);
    lockstep_semaphore(name, (uint32_t)atoi(count), (uint32_t)atoi(rest));
  } else if (!strcmp(verb, "acquire")) {
    char *name = word(&rest);
    sayNumber("acquire", lockstep_acquire(name, *rest ? atoll(rest) : -1));
  } else if (!strcmp(verb, "release")) {
    sayNumber("release", lockstep_release(rest));
  } else if (!strcmp(verb, "now")) {
    sayNumber("now", lockstep_now() % 86400000);
  } else if (!strcmp(verb, "ask")) {
    lockstep_ask(rest);
  } else if (!strcmp(verb, "thread")) {
    char *name = word(&rest);
    for (char *c = rest; *c; c++)
      if (*c == '+') *c = '|';
    askThread(name, rest);
  } else if (!strcmp(verb, "fork") || !strcmp(verb, "stray")) {
    char *name = word(&rest);
    askFork(name, rest, !strcmp(verb, "fork"));
  } else {
    fail(verb);
  }
}

static void doAll(char *script) {
  for (char *command = script; command;) {
    char *end = strchr(command, '|');
    if (end) *end++ = 0;
    doOne(command);
    command = end;
  }
}

static void serve(void) {
  for (;;) {
    char *json = copyOf(lockstep_job()), *args = fieldOf(json, "args");
    enterFor(json);
    doAll(args);
    lockstep_leave("{\"how\":\"returned\",\"open\":0}");
    free(json);
  }
}

/* The arguments: `shared` where lanes may share connections, else `plain`; the FIFOs of the main thread, and of others to start. */
int main(int argc, char **argv) {
  const char *error = strcmp(argv[1], "shared") ? NULL : lockstep_share_connections(sqlite3_config, sqlite3_initialize, sqlite3_shutdown);
  if (error) fail(error);
  sqlite3_initialize();
  registerGate();
  error = lockstep_attach(argv[2], argv[3]);
  if (error) fail(error);
  for (int i = 4; i + 1 < argc; i += 2) startThread(argv[i], argv[i + 1]);
  serve();
}
