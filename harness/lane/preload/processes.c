/*
** Processes that this one starts are processes of the run: each gets a lane before it can do anything, and what it inherits it
** inherits from the kernel as always. A program that takes the place of another by exec goes on as the same lane, whose state it
** is handed. Process ids are logical: they count the lanes of the run.
*/
#include <elf.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { FIRST_PID = 100 };

static int ownPid, parentPid = 1; /* logical */

typedef struct Child {
  struct Child *next;
  pid_t real;
  int pid; /* logical */
  char name[sizeof processName];
} Child;

static Child *children; /* in the order in which they came */
static unsigned childCount;

pid_t getpid(void) { return CALLER() ? ownPid : NEXT(getpid)(); }
pid_t getppid(void) { return CALLER() ? parentPid : NEXT(getppid)(); }

pid_t gettid(void) {
  Lane *l = CALLER();
  return l ? FIRST_PID + l->id : NEXT(gettid)();
}

/* ---- what runs in a child ---- */

/* What stands before the program's own environment again when it starts another: what this library came by. */
static char *ownPath, *ownLibraries, *wantedVersion;

static char *setting(const char *name, const char *value) {
  char *text = sqlite3_mprintf("%s=%s", name, value);
  if (!text) protocolError(strerror(ENOMEM));
  return text;
}

static const char *valueIn(char *const env[], const char *name) {
  size_t n = strlen(name);
  for (; env && *env; env++)
    if (!strncmp(*env, name, n) && (*env)[n] == '=') return *env + n + 1;
  return NULL;
}

/* Puts ours before a list of theirs. */
static char *listSetting(const char *name, const char *ours, char between, char *const env[]) {
  const char *theirs = valueIn(env, name);
  char *text = theirs ? sqlite3_mprintf("%s=%s%c%s", name, ours, between, theirs) : sqlite3_mprintf("%s=%s", name, ours);
  if (!text) protocolError(strerror(ENOMEM));
  return text;
}

/* An environment by which the next program comes under the gate. `more` says how: a lane to go on with, or channels. */
static char **environmentFor(char *const env[], char *const more[]) {
  size_t n = 0;
  while (env && env[n]) n++;
  char **all = grow(NULL, (n + 12) * sizeof *all);
  size_t used = 0;
  for (size_t i = 0; i < n; i++)
    if (strncmp(env[i], "LD_PRELOAD=", 11) && strncmp(env[i], "LD_LIBRARY_PATH=", 16) && strncmp(env[i], "LOCKSTEP_INPUT=", 15))
      all[used++] = env[i]; /* bash has kept ours from before it was taken away */
  all[used++] = listSetting("LD_PRELOAD", ownPath, ' ', env);
  all[used++] = listSetting("LD_LIBRARY_PATH", ownLibraries, ':', env);
  char words[16];
  snprintf(words, sizeof words, "%d", wordsFd);
  all[used++] = setting("LOCKSTEP_WORDS", words);
  all[used++] = setting("LOCKSTEP_SQLITE", wantedVersion);
  all[used++] = setting("LOCKSTEP_LIBRARY", ownLibraries);
  if (inputOf) {
    char input[300];
    snprintf(input, sizeof input, "%s %llu %llu", inputOf, inputFile[0], inputFile[1]);
    all[used++] = setting("LOCKSTEP_INPUT", input);
  }
  while (*more) all[used++] = *more++;
  all[used] = NULL;
  return all;
}

/* Can this library be put under a file that is to be run? A statically linked program would run free. A script is what its first
** line names. Result: 0 where it is no program at all, and the kernel says so. */
static int checkProgram(const char *real, char shebang[PATH_MAX]) {
  union { Elf64_Ehdr elf; char text[PATH_MAX]; } head;
  shebang[0] = 0;
  int fd = NEXT(open)(real, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t n = NEXT(pread)(fd, &head, sizeof head - 1, 0);
  int isStatic = 0;
  if (n > (ssize_t)sizeof head.elf && !memcmp(head.elf.e_ident, ELFMAG, SELFMAG)) {
    isStatic = 1;
    for (int i = 0; i < head.elf.e_phnum; i++) {
      Elf64_Phdr part;
      off_t at = (off_t)head.elf.e_phoff + (off_t)i * head.elf.e_phentsize;
      if (NEXT(pread)(fd, &part, sizeof part, at) == sizeof part && part.p_type == PT_INTERP) isStatic = 0;
    }
  } else if (n > 2 && head.text[0] == '#' && head.text[1] == '!') {
    head.text[n] = 0;
    head.text[strcspn(head.text, "\n")] = 0;
    strcpy(shebang, head.text + 2 + strspn(head.text + 2, " \t"));
  }
  NEXT(close)(fd);
  if (isStatic) {
    char what[512];
    snprintf(what, sizeof what, "runs %.400s, which is statically linked: no library can be put under it", real);
    notFollowed(what);
  }
  return n >= 0;
}

/* ---- exec: another program goes on as this lane ---- */

typedef struct {
  int pid, parent;
  unsigned childCount, threadCount;
  int64_t alarm[2]; /* due, and every so many ms */
} OfProcess;

/* Writes all that the next program must know into a file without a name. Result: its descriptor, which stays open for it. */
static int handOver(Lane *l) {
  int fd = handOverLane(l);
  OfProcess p = {.pid = ownPid, .parent = parentPid, .childCount = childCount, .threadCount = threadCount};
  alarmGoesOn(p.alarm, 1);
  sendAll(fd, &p, sizeof p);
  putText(fd, cwd);
  putText(fd, processName);
  putText(fd, laneName);
  for (const Child *c = children; c; c = c->next) sendAll(fd, c, sizeof *c);
  Child none = {.name = ""};
  sendAll(fd, &none, sizeof none);
  return isHandedOver(fd);
}

/* The other end: this program goes on as that lane. */
static void takeOver(int fd) {
  OfProcess p;
  takeOverLane(fd);
  receiveAll(fd, &p, sizeof p);
  char *texts[3];
  for (int i = 0; i < 3; i++) texts[i] = takeText(fd);
  snprintf(cwd, sizeof cwd, "%s", texts[0]);
  snprintf(processName, sizeof processName, "%s", texts[1]);
  snprintf(laneName, sizeof laneName, "%s", texts[2]);
  for (Child **at = &children;; at = &(*at)->next) {
    Child c;
    receiveAll(fd, &c, sizeof c);
    if (!c.name[0]) break;
    *at = grow(NULL, sizeof c);
    **at = c;
    (*at)->next = NULL;
  }
  NEXT(close)(fd);
  ownPid = p.pid;
  parentPid = p.parent;
  childCount = p.childCount;
  threadCount = p.threadCount;
  alarmGoesOn(p.alarm, 0);
}

static int runs(Lane *l, const char *path, char *const argv[], char *const env[]) {
  Place p;
  char real[PATH_MAX], shebang[PATH_MAX];
  if (!placeOf(l, AT_FDCWD, path, &p)) return -1;
  if (!p.inWorld) strcpy(real, p.name);
  else if (!realOf(l, &p, 1, real)) return -1;
  if (NEXT(access)(real, X_OK)) return -1;
  if (lanesInside > 1) notFollowed("runs another program (exec) while it has other threads: let it fork first");
  checkProgram(real, shebang);
  /* A script of the world would be told the real folder by the kernel. */
  size_t n = 0;
  while (argv[n]) n++;
  char **words = grow(NULL, (n + 3) * sizeof *words);
  size_t used = 0;
  if (*shebang && p.inWorld) {
    char *more = strpbrk(shebang, " \t");
    if (more) *more++ = 0;
    strcpy(real, shebang);
    words[used++] = copyOf(shebang);
    if (more) words[used++] = copyOf(more + strspn(more, " \t"));
    words[used++] = copyOf(path);
    for (size_t i = 1; i < n; i++) words[used++] = argv[i];
  } else {
    while (used < n) words[used] = argv[used], used++;
  }
  words[used] = NULL;
  if (execBegins(l, strrchr(path, '/') ? strrchr(path, '/') + 1 : path)) return errno = EIO, -1;
  int fd = handOver(l);
  char number[16];
  snprintf(number, sizeof number, "%d", fd);
  char *more[] = {setting("LOCKSTEP_LANE", number), NULL};
  NEXT(execve)(real, words, environmentFor(env, more));
  int e = errno;
  keepLane(l, fd);
  return errno = e, -1;
}

/* As execvp(3) looks for a program and takes what is no program for a script of the shell. */
static int runsByPath(Lane *l, const char *file, char *const argv[], char *const env[]) {
  const char *path = getenv("PATH");
  int refused = 0;
  if (strchr(file, '/')) {
    runs(l, file, argv, env);
  } else {
    errno = ENOENT;
    for (const char *at = path ? path : "/bin:/usr/bin"; *at; at += strcspn(at, ":"), at += *at == ':') {
      char full[PATH_MAX];
      snprintf(full, sizeof full, "%.*s/%s", (int)strcspn(at, ":"), at, file);
      runs(l, full, argv, env);
      if (errno == EACCES) refused = 1;
      else if (errno != ENOENT && errno != ENOTDIR) return -1;
    }
    if (refused) errno = EACCES;
  }
  return -1;
}

int execve(const char *path, char *const argv[], char *const env[]) {
  Lane *l = CALLER();
  return l ? runs(l, path, argv, env) : NEXT(execve)(path, argv, env);
}

int execv(const char *path, char *const argv[]) {
  Lane *l = CALLER();
  return l ? runs(l, path, argv, environ) : NEXT(execv)(path, argv);
}

int execvp(const char *file, char *const argv[]) {
  Lane *l = CALLER();
  return l ? runsByPath(l, file, argv, environ) : NEXT(execvp)(file, argv);
}

int execvpe(const char *file, char *const argv[], char *const env[]) {
  Lane *l = CALLER();
  return l ? runsByPath(l, file, argv, env) : NEXT(execvpe)(file, argv, env);
}

enum { WORDS_MAX = 4096 };

/* The words of a call that lists them, with an environment behind them or not. */
#define LISTED(first, run, hasEnv)                                               \
  char *words[WORDS_MAX] = {(char *)first};                                      \
  va_list more;                                                                  \
  va_start(more, first);                                                         \
  for (int n = 1; words[n - 1] && n < WORDS_MAX; n++) words[n] = va_arg(more, char *); \
  char **env = hasEnv ? va_arg(more, char **) : environ;                         \
  va_end(more);                                                                  \
  Lane *l = CALLER();                                                            \
  return l ? run(l, path, words, env) : NEXT(execvpe)(path, words, env)

int execl(const char *path, const char *first, ...) { LISTED(first, runs, 0); }
int execle(const char *path, const char *first, ...) { LISTED(first, runs, 1); }
int execlp(const char *path, const char *first, ...) { LISTED(first, runsByPath, 0); }

/* ---- fork ---- */

/* A child is to come. Result: its record, and where its channels lie. */
static Child *expectChild(Lane *l, char in[PATH_MAX], char out[PATH_MAX]) {
  Child *c = memset(grow(NULL, sizeof *c), 0, sizeof *c);
  if (snprintf(c->name, sizeof c->name, "%s.%u", processName, ++childCount) >= (int)sizeof c->name)
    notFollowed("starts processes that start processes, too deep to be named");
  const char *answer = asks(l, "fork %s", c->name);
  if (!field(answer, "in", in, PATH_MAX) || !field(answer, "out", out, PATH_MAX)) protocolError("a child has no channel");
  return c;
}

/* It is there; it stands before its first step when this returns. */
static pid_t childCame(Lane *l, Child *c, pid_t real) {
  c->real = real;
  char number[16];
  const char *answer = asks(l, "forked %s", c->name);
  if (!field(answer, "value", number, sizeof number)) protocolError("a child has no number");
  c->pid = FIRST_PID + atoi(number);
  Child **at = &children;
  while (*at) at = &(*at)->next;
  *at = c;
  return c->pid;
}

/* In the child: what is its parent's is none of its own. */
static void becomeChild(const char *name, const char *in, const char *out) {
  waiters = NULL;
  threads = NULL;
  children = NULL;
  threadCount = childCount = 0;
  anyArrived = 0;
  forgetTimers();
  parentPid = ownPid;
  strcpy(processName, name);
  attachLane(forkedInto, in, out);
  enterRun();
}

static pid_t forksLane(Lane *l) {
  char in[PATH_MAX], out[PATH_MAX];
  Child *c = expectChild(l, in, out);
  sendFrame(l, FRAME_FLUSH);
  pid_t real = NEXT(fork)();
  if (real < 0) protocolError(strerror(errno));
  if (real > 0) return childCame(l, c, real);
  becomeChild(c->name, in, out);
  return 0;
}

pid_t fork(void) {
  Lane *l = CALLER();
  return l ? forksLane(l) : NEXT(fork)();
}

/* A child that shares memory until it runs another program may just as well have its own. */
pid_t vfork(void) {
  Lane *l = CALLER();
  return l ? forksLane(l) : NEXT(fork)();
}

pid_t _Fork(void) {
  Lane *l = CALLER();
  return l ? forksLane(l) : NEXT(_Fork)();
}

int daemon(int staysHere, int keepsStreams) {
  Lane *l = CALLER();
  if (!l) return NEXT(daemon)(staysHere, keepsStreams);
  if (forksLane(l)) {
    sendFrame(l, FRAME_FLUSH);
    NEXT(_exit)(0);
  }
  NEXT(setsid)();
  if (!staysHere && !NEXT(chdir)("/")) strcpy(cwd, "/");
  int fd = keepsStreams ? -1 : NEXT(open)("/dev/null", O_RDWR);
  for (int to = 0; fd >= 0 && to < 3; to++) dupTo(laneHere(), fd, to, -1);
  return 0;
}

/* ---- posix_spawn, system, popen: the C library's own way to start another program, whose first act is to say that it is there ---- */

static int spawns(Lane *l, pid_t *pid, const char *real, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                  char *const argv[], char *const env[]) {
  char in[PATH_MAX], out[PATH_MAX], shebang[PATH_MAX], parent[16];
  if (NEXT(access)(real, X_OK)) return errno;
  checkProgram(real, shebang);
  Child *c = expectChild(l, in, out);
  sendFrame(l, FRAME_FLUSH);
  snprintf(parent, sizeof parent, "%d", ownPid);
  char *more[] = {setting("LOCKSTEP_IN", in), setting("LOCKSTEP_OUT", out), setting("LOCKSTEP_PARENT", parent),
                  setting("LOCKSTEP_CWD", cwd), NULL};
  pid_t started;
  int rc = NEXT(posix_spawn)(&started, real, actions, attributes, argv, environmentFor(env, more));
  if (rc == EAGAIN || rc == ENOMEM) protocolError(strerror(rc)); /* the machine makes no process: no event of the run */
  if (rc) return free(c), rc; /* whom the coordinator expects in vain, and gives up with the run */
  started = childCame(l, c, started);
  if (pid) *pid = started;
  return 0;
}

int posix_spawn(pid_t *restrict pid, const char *restrict path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *restrict attributes, char *const argv[restrict], char *const env[restrict]) {
  Lane *l = CALLER();
  Place p;
  char real[PATH_MAX];
  if (!l) return NEXT(posix_spawn)(pid, path, actions, attributes, argv, env);
  if (!placeOf(l, AT_FDCWD, path, &p) || (p.inWorld && !realOf(l, &p, 1, real))) return errno;
  return spawns(l, pid, p.inWorld ? real : p.name, actions, attributes, argv, env);
}

int posix_spawnp(pid_t *restrict pid, const char *restrict file, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *restrict attributes, char *const argv[restrict], char *const env[restrict]) {
  Lane *l = CALLER();
  if (!l) return NEXT(posix_spawnp)(pid, file, actions, attributes, argv, env);
  const char *path = getenv("PATH");
  for (const char *at = path ? path : "/bin:/usr/bin"; *at; at += strcspn(at, ":"), at += *at == ':') {
    Place p;
    char full[PATH_MAX], real[PATH_MAX];
    snprintf(full, sizeof full, "%.*s/%s", strchr(file, '/') ? 0 : (int)strcspn(at, ":"), at, file);
    const char *name = strchr(file, '/') ? file : full;
    if (!placeOf(l, AT_FDCWD, name, &p) || (p.inWorld && !realOf(l, &p, 1, real))) return errno;
    if (!NEXT(access)(p.inWorld ? real : p.name, X_OK))
      return spawns(l, pid, p.inWorld ? real : p.name, actions, attributes, argv, env);
    if (name == file) return errno;
  }
  return ENOENT;
}

/* A file that a child opens before it runs its program is opened by the C library itself. */
int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *restrict actions, int fd, const char *restrict path, int flags, mode_t mode) {
  Lane *l = CALLER();
  Place p;
  char real[PATH_MAX];
  if (!l) return NEXT(posix_spawn_file_actions_addopen)(actions, fd, path, flags, mode);
  if (!placeOf(l, AT_FDCWD, path, &p) || (p.inWorld && !realOf(l, &p, 1, real))) return errno;
  return NEXT(posix_spawn_file_actions_addopen)(actions, fd, p.inWorld ? real : p.name, flags, mode);
}

static const char changesFolder[] =
  "has a process that it starts change its folder (posix_spawn_file_actions_addchdir_np): let it fork and change it there";

int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *restrict actions, const char *restrict path) {
  if (CALLER()) notFollowed(changesFolder);
  return NEXT(posix_spawn_file_actions_addchdir_np)(actions, path);
}

int posix_spawn_file_actions_addfchdir_np(posix_spawn_file_actions_t *actions, int fd) {
  if (CALLER()) notFollowed(changesFolder);
  return NEXT(posix_spawn_file_actions_addfchdir_np)(actions, fd);
}

static pid_t waitsForChild(Lane *l, pid_t pid, int *status, int options);

static pid_t shellRuns(Lane *l, const char *command, const posix_spawn_file_actions_t *actions) {
  char *words[] = {"sh", "-c", (char *)command, NULL};
  pid_t pid;
  int rc = spawns(l, &pid, "/bin/sh", actions, NULL, words, environ);
  return rc ? (errno = rc, -1) : pid;
}

int system(const char *command) {
  Lane *l = CALLER();
  int status = -1;
  if (!l || !command) return NEXT(system)(command);
  pid_t pid = shellRuns(l, command, NULL);
  while (pid > 0 && waitsForChild(l, pid, &status, 0) < 0 && errno == EINTR) continue;
  return status;
}

typedef struct Popened {
  struct Popened *next;
  FILE *file;
  pid_t pid;
} Popened;

static Popened *popened;

FILE *popen(const char *command, const char *mode) {
  Lane *l = CALLER();
  int ends[2], reads = mode[0] == 'r';
  if (!l) return NEXT(popen)(command, mode);
  if (pipe2(ends, O_CLOEXEC)) return NULL;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[reads], reads);
  pid_t pid = shellRuns(l, command, &actions);
  posix_spawn_file_actions_destroy(&actions);
  NEXT(close)(ends[reads]);
  if (pid < 0) return NEXT(close)(ends[!reads]), NULL;
  Popened *p = grow(NULL, sizeof *p);
  *p = (Popened){popened, streamOn(ends[!reads], reads ? "r" : "w"), pid};
  popened = p;
  return p->file;
}

int pclose(FILE *file) {
  Lane *l = CALLER();
  int status = -1;
  Popened **at = &popened;
  while (*at && (*at)->file != file) at = &(*at)->next;
  if (!l || !*at) return NEXT(pclose)(file);
  Popened *p = *at;
  *at = p->next;
  fclose(file);
  while (waitsForChild(l, p->pid, &status, 0) < 0 && errno == EINTR) continue;
  free(p);
  return status;
}

/* ---- waiting for children ---- */

/* The first child that has ended, of all or of that one. All are looked at in one step: what comes between two would be missed. Result: NULL
** where none has; `any` says whether there is one to wait for. */
static Child *endedChild(Lane *l, pid_t pid, int *any) {
  char *names = NULL, name[sizeof processName];
  for (const Child *c = children; c; c = c->next) {
    if (pid > 0 && c->pid != pid) continue;
    char *longer = names ? sqlite3_mprintf("%s %s", names, c->name) : sqlite3_mprintf("%s", c->name);
    if (!longer) protocolError(strerror(ENOMEM));
    sqlite3_free(names);
    names = longer;
  }
  *any = names != NULL;
  int found = *any && field(asks(l, "poll-any %s", names), "name", name, sizeof name);
  sqlite3_free(names);
  Child *c = found ? children : NULL;
  while (c && strcmp(c->name, name)) c = c->next;
  return c;
}

static pid_t collectChild(Child *c, int *status) {
  int got;
  while (NEXT(waitpid)(c->real, &got, 0) < 0 && errno == EINTR) continue;
  pid_t pid = c->pid;
  Child **at = &children;
  while (*at != c) at = &(*at)->next;
  *at = c->next;
  free(c);
  if (status) *status = got;
  return pid;
}

/* Of several that have ended the one that came first. Groups of processes are not told apart. */
static pid_t waitsForChild(Lane *l, pid_t pid, int *status, int options) {
  for (;;) {
    int any;
    Child *ended = endedChild(l, pid, &any);
    if (ended) return collectChild(ended, status);
    if (!any) return errno = ECHILD, -1;
    if (options & WNOHANG) return 0;
    if (awaits(l, KERNEL, -1) & INTERRUPTS) return errno = EINTR, -1;
  }
}

static pid_t waitsWithUsage(Lane *l, pid_t pid, int *status, int options, struct rusage *usage) {
  pid_t found = waitsForChild(l, pid, status, options);
  if (usage && found > 0) memset(usage, 0, sizeof *usage); /* real times differ from run to run */
  return found;
}

pid_t wait(int *status) {
  Lane *l = CALLER();
  return l ? waitsForChild(l, -1, status, 0) : NEXT(wait)(status);
}

pid_t waitpid(pid_t pid, int *status, int options) {
  Lane *l = CALLER();
  return l ? waitsForChild(l, pid, status, options) : NEXT(waitpid)(pid, status, options);
}

pid_t wait3(int *status, int options, struct rusage *usage) {
  Lane *l = CALLER();
  return l ? waitsWithUsage(l, -1, status, options, usage) : NEXT(wait3)(status, options, usage);
}

pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage) {
  Lane *l = CALLER();
  return l ? waitsWithUsage(l, pid, status, options, usage) : NEXT(wait4)(pid, status, options, usage);
}

int waitid(idtype_t type, id_t id, siginfo_t *info, int options) {
  Lane *l = CALLER();
  int status = 0;
  if (!l) return NEXT(waitid)(type, id, info, options);
  if (options & WNOWAIT) notFollowed("looks at a child's end without collecting it (waitid with WNOWAIT)");
  pid_t pid = waitsForChild(l, type == P_PID ? (pid_t)id : -1, &status, options);
  if (pid < 0) return -1;
  memset(info, 0, sizeof *info);
  if (!pid) return 0;
  info->si_signo = SIGCHLD;
  info->si_pid = pid;
  info->si_code = WIFEXITED(status) ? CLD_EXITED : CLD_KILLED;
  info->si_status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
  return 0;
}

/* ---- process groups: the kernel's own, by logical numbers ---- */

static pid_t realPid(pid_t pid) {
  if (!pid || pid == ownPid) return pid ? NEXT(getpid)() : 0;
  for (const Child *c = children; c; c = c->next)
    if (c->pid == pid) return c->real;
  return -1;
}

/* What is not known here was there before this process: its parent's. */
static pid_t logicalPid(pid_t real) {
  if (real == NEXT(getpid)()) return ownPid;
  for (const Child *c = children; c; c = c->next)
    if (c->real == real) return c->pid;
  return parentPid;
}

int setpgid(pid_t pid, pid_t group) {
  if (!CALLER()) return NEXT(setpgid)(pid, group);
  pid_t real = realPid(pid), realGroup = realPid(group);
  return real < 0 || realGroup < 0 ? asErrno(ESRCH) : NEXT(setpgid)(real, realGroup);
}

pid_t getpgrp(void) { return CALLER() ? logicalPid(NEXT(getpgrp)()) : NEXT(getpgrp)(); }

pid_t getpgid(pid_t pid) {
  if (!CALLER()) return NEXT(getpgid)(pid);
  pid_t real = realPid(pid);
  return real < 0 ? asErrno(ESRCH) : logicalPid(NEXT(getpgid)(real));
}

pid_t getsid(pid_t pid) {
  if (!CALLER()) return NEXT(getsid)(pid);
  pid_t real = realPid(pid);
  return real < 0 ? asErrno(ESRCH) : logicalPid(NEXT(getsid)(real));
}

pid_t setsid(void) {
  if (!CALLER()) return NEXT(setsid)();
  return NEXT(setsid)() < 0 ? -1 : ownPid;
}

/* ---- signals to processes ---- */

static int diesOf(int signal) {
  struct sigaction now;
  if (signal == SIGKILL) return 1;
  if (NEXT(sigaction)(signal, NULL, &now) || now.sa_handler != SIG_DFL) return 0;
  return signal != SIGCHLD && signal != SIGCONT && signal != SIGURG && signal != SIGWINCH;
}

/* To itself: what it dies of, the run is told before. */
static int signalsItself(Lane *l, int signal) {
  if (signal && diesOf(signal) && !isSynchronous(signal)) asks(l, "kill %s SIG%s", processName, sigabbrev_np(signal));
  return NEXT(kill)(NEXT(getpid)(), signal);
}

int kill(pid_t pid, int signal) {
  Lane *l = CALLER();
  char answer[16];
  if (!l) return NEXT(kill)(pid, signal);
  if (pid == ownPid) return signalsItself(l, signal);
  if (pid == -1) notFollowed("sends a signal to all processes of the machine (kill): let it send it to each");
  if (!sigabbrev_np(signal) && signal) return errno = EINVAL, -1;
  int number = (pid > 0 ? pid : pid ? -pid : ownPid) - FIRST_PID;
  const char *told = signal ? asks(l, "kill %s:%d SIG%s", pid > 0 ? "pid" : "pgrp", number, sigabbrev_np(signal))
                            : asks(l, "poll pid:%d", number);
  int lives = signal ? field(told, "value", answer, sizeof answer) && !strcmp(answer, "true") : !field(told, "how", answer, sizeof answer);
  deliverSignals(); /* whose handlers ask as well, and the answer would be theirs */
  return lives ? 0 : (errno = ESRCH, -1);
}

int raise(int signal) {
  Lane *l = CALLER();
  return l && !isSynchronous(signal) ? signalsItself(l, signal) : NEXT(raise)(signal);
}

/* ---- the end ---- */

/* What was recorded still arrives. */
static void flushRecords(void) {
  if (laneHere()) sendFrame(lane, FRAME_FLUSH);
}

void _exit(int status) {
  if (CALLER()) flushRecords();
  NEXT(_exit)(status);
  __builtin_unreachable();
}

void _Exit(int status) {
  if (CALLER()) flushRecords();
  NEXT(_exit)(status);
  __builtin_unreachable();
}
