/*
** The start: before main(), this process becomes one of the run; and its end, when it has done all that a process does at its end.
*/

/* Waits for work, and stands before its first step when that is granted. */
static void enterRun(void) {
  const char *text = job();
  char number[16], seed[32], root[PATH_MAX], process[sizeof processName];
  if (!text || !field(text, "number", number, sizeof number) || !field(text, "seed", seed, sizeof seed) ||
      !field(text, "root", root, sizeof root) || !field(text, "process", process, sizeof process) ||
      !field(text, "lane", laneName, sizeof laneName))
    protocolError("what the coordinator says of the run is no job");
  if (!*processName || !strcmp(process, laneName)) {
    strcpy(processName, process);
    ownPid = FIRST_PID + atoi(number);
  }
  if (!enter(atoi(number), (uint64_t)strtoll(seed, NULL, 10), root)) protocolError("a run cannot be entered");
}

#include <sys/personality.h>

static char *taken(const char *name) {
  char *value = getenv(name);
  value = value ? copyOf(value) : NULL;
  unsetenv(name);
  return value;
}

/* Where the file lies that has this address in it. */
static char *fileOf(const void *address) {
  Dl_info info;
  if (!dladdr(address, &info) || !info.dli_fname) protocolError("the loader does not say where its libraries lie");
  char *real = NEXT(realpath)(info.dli_fname, NULL);
  return real ? real : copyOf(info.dli_fname);
}

/* Takes what is ours from before a list of the environment. */
static void withoutOurs(const char *name, const char *ours, char between) {
  const char *value = getenv(name);
  size_t n = strlen(ours);
  if (!value || strncmp(value, ours, n)) return;
  if (value[n] == between && value[n + 1]) {
    char *rest = copyOf(value + n + 1);
    setenv(name, rest, 1);
    free(rest);
  } else if (!value[n] || value[n] == between) {
    unsetenv(name);
  }
}

static void findOwnFiles(void) {
  ownPath = fileOf(findOwnFiles);
  char *library = fileOf(sqlite3_libversion);
  *strrchr(library, '/') = 0;
  ownLibraries = library;
  withoutOurs("LD_PRELOAD", ownPath, ' ');
  if (getenv("LOCKSTEP_LIBRARY")) withoutOurs("LD_LIBRARY_PATH", ownLibraries, ':'); /* else all of it is the program's */
  unsetenv("LOCKSTEP_LIBRARY");
}

static void confineTo(char *folders) {
  enum { FOLDERS_MAX = 16 };
  const char *all[FOLDERS_MAX];
  int n = 0;
  for (char *rest, *folder = strtok_r(folders, ":", &rest); folder && n < FOLDERS_MAX; folder = strtok_r(NULL, ":", &rest))
    all[n++] = folder;
  if (confine(n, all, 1) < 0) protocolError(strerror(errno));
}

/* Where a program of the run that the coordinator starts is to stand. */
static void entersFolder(const char *folder) {
  Place p;
  char real[PATH_MAX];
  int ok = placeOf(lane, AT_FDCWD, folder, &p) && (!p.inWorld || realOf(lane, &p, 1, real));
  if (ok && !NEXT(chdir)(p.inWorld ? real : p.name)) strcpy(cwd, folder);
}

/* What was inherited and is of the world, by a shell's redirection. */
static void findInheritedFiles(void) {
  for (int fd = 0; fd < 256; fd++) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = NEXT(readlink)(link, path, sizeof path - 1);
    if (n < 0) continue;
    path[n] = 0;
    const char *name = below(lane->root, path);
    if (name) comes(lane, fd, name, "inherited");
  }
  adoptStandardStreams();
}

/* What says why a run ends goes where this process's errors went when it began, whatever becomes of them. */
static void keepWords(const char *inherited) {
  int kept = inherited ? atoi(inherited) : NEXT(fcntl)(STDERR_FILENO, F_DUPFD, channelsFrom());
  if (kept >= 0) wordsFd = kept;
}

static void programEnds(int status, void *nothing) {
  (void)status, (void)nothing;
  fflush(NULL); /* the C library does so later, when the lane has left */
}

/*
** Addresses are the same in every run: what a program sorts or draws by them, or reads of memory that nobody has set, is too. Where the
** system does not let that be (a container may not), the run goes on. By the same program, run again.
*/
static void fixAddresses(char **argv) {
  int now = personality(0xFFFFFFFF);
  if (now < 0 || (now & ADDR_NO_RANDOMIZE) || personality((unsigned long)now | ADDR_NO_RANDOMIZE) < 0) return;
  NEXT(execv)("/proc/self/exe", argv);
  protocolError(strerror(errno));
}

__attribute__((constructor)) static void begin(int argc, char **argv) {
  (void)argc;
  if (getenv("LOCKSTEP_IN")) fixAddresses(argv);
  char *handed = taken("LOCKSTEP_LANE"), *in = taken("LOCKSTEP_IN"), *out = taken("LOCKSTEP_OUT");
  char *writable = taken("LOCKSTEP_WRITABLE"), *parent = taken("LOCKSTEP_PARENT"), *folder = taken("LOCKSTEP_CWD");
  char *words = taken("LOCKSTEP_WORDS");
  inheritInput(taken("LOCKSTEP_INPUT"));
  wantedVersion = taken("LOCKSTEP_SQLITE");
  unsetenv("LOCKSTEP_GATE");
  if (!handed && !in) return; /* no process of a run */
  findOwnCode();
  keepWords(words);
  findOwnFiles();
  const char *wrong = wrongEngine(wantedVersion);
  if (wrong) protocolError(wrong);
  registerGate();
  if (pthread_key_create(&atEndOfThread, threadEnds)) protocolError("there is no key for the ends of threads");
  if (handed) {
    takeOver(atoi(handed));
  } else {
    attachLane(parent ? attachTo : attach, in, out); /* what a process of the run starts may outlive it */
    if (parent) diesWithCoordinator(lane);
    if (writable) confineTo(writable);
    if (parent) parentPid = atoi(parent);
    if (!parent) NEXT(umask)(022); /* whoever starts Lockstep may have another */
    enterRun();
    if (writable && NEXT(chdir)(lane->root)) protocolError(strerror(errno));
    if (folder && writable) entersFolder(folder);
    else if (folder) strcpy(cwd, folder); /* it stands there, by whoever started it */
  }
  const char *error = endsWithProcess(NULL);
  if (error) protocolError(error);
  on_exit(programEnds, NULL); /* runs before that */
  at_quick_exit(flushRecords);
  findInheritedFiles();
}
