/*
** Streams of the C library (stdio) on files of the world and on pipes: the library reads and writes them by itself, unseen, so
** that each such stream is one with functions of ours (fopencookie(3)) which make steps.
*/
#include <stdio_ext.h>

typedef struct Stream {
  struct Stream *next;
  FILE *file;
  int fd;
} Stream;

static Stream *streams;

static Stream *streamOf(FILE *file) {
  Stream *s = streams;
  while (s && s->file != file) s = s->next;
  return s;
}

/* A stream may be put away after the lane has left the run, or in a thread that is none: then the kernel is asked. */
static ssize_t streamReads(void *cookie, char *p, size_t bytes) {
  int fd = ((Stream *)cookie)->fd;
  Lane *l = laneHere();
  return l ? reads(l, fd, p, bytes) : NEXT(read)(fd, p, bytes);
}

static ssize_t streamWrites(void *cookie, const char *p, size_t bytes) {
  int fd = ((Stream *)cookie)->fd;
  Lane *l = laneHere();
  ssize_t n = l ? writes(l, fd, p, bytes) : NEXT(write)(fd, p, bytes);
  return n < 0 ? 0 : n; /* as fopencookie wants an error */
}

static int streamSeeks(void *cookie, off64_t *at, int whence) {
  off_t now = NEXT(lseek)(((Stream *)cookie)->fd, *at, whence);
  if (now < 0) return -1;
  *at = now;
  return 0;
}

static int streamCloses(void *cookie) {
  Stream *s = cookie;
  Lane *l = laneHere();
  for (Stream **at = &streams; *at; at = &(*at)->next) {
    if (*at != s) continue;
    *at = s->next;
    break;
  }
  int rc = l ? closes(l, s->fd) : NEXT(close)(s->fd);
  free(s);
  return rc;
}

static FILE *streamOn(int fd, const char *mode) {
  Stream *s = memset(grow(NULL, sizeof *s), 0, sizeof *s);
  s->fd = fd;
  s->file = fopencookie(s, mode, (cookie_io_functions_t){streamReads, streamWrites, streamSeeks, streamCloses});
  if (!s->file) return free(s), NULL;
  s->next = streams;
  streams = s;
  return s->file;
}

static int needsSteps(int fd) { return nameOfFd(fd) || isPipe(fd) || isInput(fd) || isRandom(fd); }

/* The flags of open(2) for a mode of fopen(3); -1 where it is none. */
static int flagsOf(const char *mode) {
  int both = strchr(mode, '+') != NULL;
  int more = (strchr(mode, 'x') ? O_EXCL : 0) | (strchr(mode, 'e') ? O_CLOEXEC : 0);
  switch (mode[0]) {
    case 'r': return (both ? O_RDWR : O_RDONLY) | more;
    case 'w': return (both ? O_RDWR : O_WRONLY) | O_CREAT | O_TRUNC | more;
    case 'a': return (both ? O_RDWR : O_WRONLY) | O_CREAT | O_APPEND | more;
    default: return errno = EINVAL, -1;
  }
}

FILE *fopen(const char *restrict path, const char *restrict mode) {
  Lane *l = CALLER();
  if (!l) return NEXT(fopen)(path, mode);
  int flags = flagsOf(mode);
  int fd = flags < 0 ? -1 : openAt(l, AT_FDCWD, path, flags, 0666);
  if (fd < 0) return NULL;
  return needsSteps(fd) ? streamOn(fd, mode) : NEXT(fdopen)(fd, mode);
}
SAME_AS(fopen, fopen64);

FILE *fdopen(int fd, const char *mode) {
  if (!CALLER() || !needsSteps(fd)) return NEXT(fdopen)(fd, mode);
  return streamOn(fd, mode);
}

FILE *freopen(const char *restrict path, const char *restrict mode, FILE *restrict file) {
  Lane *l = CALLER();
  Place p;
  if (!l) return NEXT(freopen)(path, mode, file);
  if (streamOf(file) || !path) notFollowed("opens a stream anew that is followed (freopen): let it open another one");
  if (!placeOf(l, AT_FDCWD, path, &p)) return NULL;
  if (p.inWorld) notFollowed("puts a file of the world behind a stream that is open (freopen): let it open another one");
  return NEXT(freopen)(p.name, mode, file);
}
SAME_AS(freopen, freopen64);

int fileno(FILE *file) {
  Stream *s = streamOf(file);
  return s ? s->fd : NEXT(fileno)(file);
}

int fileno_unlocked(FILE *file) {
  Stream *s = streamOf(file);
  return s ? s->fd : NEXT(fileno_unlocked)(file);
}

/* What a process begins with: its standard streams may be files of the world or pipes, by a shell's redirection. */
static void adoptStandardStreams(void) {
  if (needsSteps(STDIN_FILENO)) stdin = streamOn(STDIN_FILENO, "r");
  if (needsSteps(STDOUT_FILENO)) stdout = streamOn(STDOUT_FILENO, "a");
  if (!needsSteps(STDERR_FILENO)) return;
  stderr = streamOn(STDERR_FILENO, "a");
  setvbuf(stderr, NULL, _IONBF, 0);
}

/* ---- temporary files ---- */

/* Puts a name in place of the last six X before the suffix. Result: 0 with EINVAL where they are not there. */
static int drawnName(Lane *l, char *name, int suffix) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  size_t n = strlen(name);
  if (suffix < 0 || n < 6 + (size_t)suffix || memcmp(name + n - 6 - suffix, "XXXXXX", 6)) return errno = EINVAL, 0;
  for (char *c = name + n - 6 - suffix, *end = c + 6; c < end; c++) *c = letters[nextRandom(&l->rngProgram) % 36];
  return 1;
}

static int makeFile(Lane *l, char *name, int suffix, int flags) {
  return drawnName(l, name, suffix) ? openAt(l, AT_FDCWD, name, O_RDWR | O_CREAT | O_EXCL | flags, 0600) : -1;
}

int mkstemp(char *name) {
  Lane *l = CALLER();
  return l ? makeFile(l, name, 0, 0) : NEXT(mkstemp)(name);
}
SAME_AS(mkstemp, mkstemp64);

int mkostemp(char *name, int flags) {
  Lane *l = CALLER();
  return l ? makeFile(l, name, 0, flags) : NEXT(mkostemp)(name, flags);
}
SAME_AS(mkostemp, mkostemp64);

int mkstemps(char *name, int suffix) {
  Lane *l = CALLER();
  return l ? makeFile(l, name, suffix, 0) : NEXT(mkstemps)(name, suffix);
}
SAME_AS(mkstemps, mkstemps64);

int mkostemps(char *name, int suffix, int flags) {
  Lane *l = CALLER();
  return l ? makeFile(l, name, suffix, flags) : NEXT(mkostemps)(name, suffix, flags);
}
SAME_AS(mkostemps, mkostemps64);

/* Without a name nobody else can open it: it may lie in memory, where the C library's own is not let be (gate.c, confine). */
FILE *tmpfile(void) {
  if (!CALLER()) return NEXT(tmpfile)();
  int fd = memfd_create("tmpfile", MFD_CLOEXEC);
  return fd < 0 ? NULL : NEXT(fdopen)(fd, "w+");
}
SAME_AS(tmpfile, tmpfile64);

char *mkdtemp(char *name) {
  Lane *l = CALLER();
  mode_t mode = 0700;
  if (!l) return NEXT(mkdtemp)(name);
  return drawnName(l, name, 0) && !onName(l, AT_FDCWD, name, "mkdir", 0, mkdirs, &mode) ? name : NULL;
}
