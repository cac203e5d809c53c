/*
** Where a name leads: to a file of the world, which the program knows below /lockstep and by names relative to where it stands, or
** elsewhere. Names are put together as the program sees them; the real folder of the world is never told.
*/
#define TOP "/lockstep"

static int ownPid; /* logical (processes.c) */
static pid_t realPid(pid_t pid);

/* Where the program stands. */
static char cwd[PATH_MAX] = TOP;

/* What a descriptor leads to in the world, where a step has opened it. */
static const char *nameOfFd(int fd) {
  return fd >= 0 && fd < descriptorRoom && descriptors[fd].o.run ? descriptors[fd].name : NULL;
}

typedef struct {
  int inWorld;
  char name[PATH_MAX]; /* below the world, "." for itself; else absolute */
} Place;

/* Puts a name behind a folder, both as the program sees them; `.` and `..` are gone. Result: 0 where it does not fit. */
static int joined(const char *folder, const char *path, char out[PATH_MAX]) {
  char all[2 * PATH_MAX];
  if (snprintf(all, sizeof all, "%s/%s", path[0] == '/' ? "" : folder, path) >= (int)sizeof all) return 0;
  size_t n = 0;
  for (char *rest, *part = strtok_r(all, "/", &rest); part; part = strtok_r(NULL, "/", &rest)) {
    if (!strcmp(part, ".")) continue;
    if (!strcmp(part, "..")) {
      while (n && out[--n] != '/') continue;
      continue;
    }
    size_t length = strlen(part);
    if (n + length + 2 > PATH_MAX) return 0;
    out[n++] = '/';
    memcpy(out + n, part, length);
    n += length;
  }
  if (!n) out[n++] = '/';
  out[n] = 0;
  return 1;
}

/* The name below the world of a path as the program sees it; NULL where it lies elsewhere. */
static const char *worldName(const char *path) {
  if (!strcmp(path, TOP)) return ".";
  return below(TOP, path);
}

/* A real path as the program is to see it. */
static void toldPath(const Lane *l, char *path, size_t bytes) {
  char told[PATH_MAX];
  const char *name = strcmp(path, l->root) ? below(l->root, path) : "";
  if (!name) return;
  snprintf(told, sizeof told, "%s%s%s", TOP, *name ? "/" : "", name);
  snprintf(path, bytes, "%s", told);
}

/* The folder behind a descriptor, as the program sees it. */
static int folderOfFd(const Lane *l, int fd, char out[PATH_MAX]) {
  if (fd == AT_FDCWD) {
    strcpy(out, cwd);
    return 1;
  }
  if (nameOfFd(fd)) return joined(TOP, nameOfFd(fd), out);
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = NEXT(readlink)(link, out, PATH_MAX - 1);
  if (n < 0) return errno = EBADF, 0;
  out[n] = 0;
  toldPath(l, out, PATH_MAX);
  return 1;
}

/* /proc knows processes by their real numbers. */
static void realProcess(char path[PATH_MAX]) {
  int pid, n = 0;
  if (sscanf(path, "/proc/%d%n", &pid, &n) < 1 || !n || (path[n] && path[n] != '/') || realPid(pid) < 0) return;
  char rest[PATH_MAX];
  strcpy(rest, path + n);
  snprintf(path, PATH_MAX, "/proc/%d%.*s", (int)(pid == ownPid ? NEXT(getpid)() : realPid(pid)), PATH_MAX - 32, rest);
}

/* Result: 0 with errno where no file can have this name. */
static int placeOf(const Lane *l, int folder, const char *path, Place *p) {
  char base[PATH_MAX], full[PATH_MAX];
  if (!path || !*path) return errno = path ? ENOENT : EFAULT, 0;
  if (path[0] != '/' && !folderOfFd(l, folder, base)) return 0;
  if (!joined(base, path, full)) return errno = ENAMETOOLONG, 0;
  const char *name = worldName(full);
  p->inWorld = name != NULL;
  if (!name) realProcess(full);
  strcpy(p->name, name ? name : full);
  return 1;
}

/* The real path of a file of the world. Result: 0 with errno where it leads out, which is said in the trace. */
static int realOf(Lane *l, const Place *p, int follow, char out[PATH_MAX]) {
  if (!strcmp(p->name, ".")) return strcpy(out, l->root), 1;
  if (resolveOrRefuse(l, p->name, follow, out)) return 1;
  errno = EACCES;
  return 0;
}

int chdir(const char *path) {
  Lane *l = CALLER();
  Place p;
  char real[PATH_MAX];
  if (!l) return NEXT(chdir)(path);
  if (!placeOf(l, AT_FDCWD, path, &p) || (p.inWorld && !realOf(l, &p, 1, real))) return -1;
  if (NEXT(chdir)(p.inWorld ? real : p.name)) return -1;
  if (!p.inWorld) return strcpy(cwd, p.name), 0;
  strcpy(cwd, real);
  toldPath(l, cwd, sizeof cwd);
  return 0;
}

int fchdir(int fd) {
  Lane *l = CALLER();
  char folder[PATH_MAX];
  if (!l) return NEXT(fchdir)(fd);
  if (!folderOfFd(l, fd, folder) || NEXT(fchdir)(fd)) return -1;
  strcpy(cwd, folder);
  return 0;
}

static char *whereAmI(char *out, size_t bytes) {
  size_t need = strlen(cwd) + 1;
  if (!out) return copyOf(cwd);
  if (bytes < need) return errno = ERANGE, NULL;
  return memcpy(out, cwd, need);
}

char *getcwd(char *out, size_t bytes) { return CALLER() ? whereAmI(out, bytes) : NEXT(getcwd)(out, bytes); }

char *__getcwd_chk(char *out, size_t bytes, size_t room);
char *__getcwd_chk(char *out, size_t bytes, size_t room) {
  (void)room;
  return CALLER() ? whereAmI(out, bytes) : NEXT(getcwd)(out, bytes);
}

char *get_current_dir_name(void) { return CALLER() ? copyOf(cwd) : NEXT(get_current_dir_name)(); }

static char *resolved(Lane *l, const char *path, char *out) {
  Place p;
  char real[PATH_MAX], found[PATH_MAX];
  if (!placeOf(l, AT_FDCWD, path, &p) || (p.inWorld && !realOf(l, &p, 1, real))) return NULL;
  if (!NEXT(realpath)(p.inWorld ? real : p.name, found)) return NULL;
  toldPath(l, found, sizeof found);
  return out ? strcpy(out, found) : copyOf(found);
}

char *realpath(const char *restrict path, char *restrict out) {
  Lane *l = CALLER();
  return l ? resolved(l, path, out) : NEXT(realpath)(path, out);
}

/* What programs call that were compiled with checks of their buffers (_FORTIFY_SOURCE): so named in glibc's ABI. */
char *__realpath_chk(const char *path, char *out, size_t bytes);
char *__realpath_chk(const char *path, char *out, size_t bytes) {
  Lane *l = CALLER();
  (void)bytes; /* PATH_MAX at least, or it would not have been compiled */
  return l ? resolved(l, path, out) : NEXT(realpath)(path, out);
}

char *canonicalize_file_name(const char *path) {
  Lane *l = CALLER();
  return l ? resolved(l, path, NULL) : NEXT(canonicalize_file_name)(path);
}
