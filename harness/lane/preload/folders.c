/*
** Reading folders of the world: one step, and the names in order, since that of the kernel differs from one file system to another.
*/
#include <dirent.h>
#include <fts.h>
#include <ftw.h>
#include <glob.h>

typedef struct Listing {
  struct Listing *next;
  DIR *dir;
  char *name;
  struct dirent *entries;
  unsigned count, at;
} Listing;

static Listing *listings;

static Listing *listingOf(DIR *dir) {
  Listing *g = listings;
  while (g && g->dir != dir) g = g->next;
  return g;
}

static int byName(const void *a, const void *b) {
  return strcmp(((const struct dirent *)a)->d_name, ((const struct dirent *)b)->d_name);
}

/* It is no longer than its name (readdir(3)). */
static size_t entryBytes(const struct dirent *e) { return e->d_reclen < sizeof *e ? e->d_reclen : sizeof *e; }

static void readEntries(Listing *g) {
  struct dirent *e;
  free(g->entries);
  g->entries = NULL;
  g->count = g->at = 0;
  NEXT(rewinddir)(g->dir);
  while ((e = NEXT(readdir)(g->dir))) {
    g->entries = grow(g->entries, (g->count + 1) * sizeof *e);
    memcpy(memset(&g->entries[g->count++], 0, sizeof *e), e, entryBytes(e));
  }
  if (g->count) qsort(g->entries, g->count, sizeof *g->entries, byName);
  for (unsigned i = 0; i < g->count; i++) {
    g->entries[i].d_ino = i + 1;
    g->entries[i].d_off = i + 1;
  }
}

/* Result: 0, or -1 with errno; the folder is open either way. */
static int lists(Lane *l, Listing *g) {
  if (begins(l, "list", g->name, NULL)) return -1;
  readEntries(g);
  uint32_t sum = 0;
  for (unsigned i = 0; i < g->count; i++)
    sum = (uint32_t)mix(sum, checksum(g->entries[i].d_name, (int)strlen(g->entries[i].d_name)));
  happened(l, 0, g->count, sum);
  deliverSignals();
  return 0;
}

static DIR *opened(Lane *l, DIR *dir, const char *name) {
  if (!dir) return NULL;
  Listing *g = memset(grow(NULL, sizeof *g), 0, sizeof *g);
  g->dir = dir;
  g->name = copyOf(name);
  g->next = listings;
  listings = g;
  lists(l, g);
  return dir;
}

static DIR *opensFolder(Lane *l, const char *path) {
  Place p;
  char real[PATH_MAX];
  if (!placeOf(l, AT_FDCWD, path, &p)) return NULL;
  if (!p.inWorld) return NEXT(opendir)(p.name);
  if (!realOf(l, &p, 1, real)) return NULL;
  return opened(l, NEXT(opendir)(real), p.name);
}

DIR *opendir(const char *path) {
  Lane *l = CALLER();
  return l ? opensFolder(l, path) : NEXT(opendir)(path);
}

DIR *fdopendir(int fd) {
  Lane *l = CALLER();
  const char *name = l ? nameOfFd(fd) : NULL;
  return name ? opened(l, NEXT(fdopendir)(fd), name) : NEXT(fdopendir)(fd);
}

static struct dirent *nextEntry(Listing *g) { return g->at < g->count ? &g->entries[g->at++] : NULL; }

struct dirent *readdir(DIR *dir) {
  Listing *g = CALLER() ? listingOf(dir) : NULL;
  return g ? nextEntry(g) : NEXT(readdir)(dir);
}

struct dirent64 *readdir64(DIR *dir) {
  Listing *g = CALLER() ? listingOf(dir) : NULL;
  return g ? (struct dirent64 *)nextEntry(g) : NEXT(readdir64)(dir);
}

void rewinddir(DIR *dir) {
  Lane *l = CALLER();
  Listing *g = l ? listingOf(dir) : NULL;
  if (!g) NEXT(rewinddir)(dir);
  else lists(l, g);
}

long telldir(DIR *dir) {
  Listing *g = CALLER() ? listingOf(dir) : NULL;
  return g ? (long)g->at : NEXT(telldir)(dir);
}

void seekdir(DIR *dir, long at) {
  Listing *g = CALLER() ? listingOf(dir) : NULL;
  if (!g) NEXT(seekdir)(dir, at);
  else g->at = (unsigned)at < g->count ? (unsigned)at : g->count;
}

static int closesFolder(Lane *l, DIR *dir) {
  Listing *g = listingOf(dir);
  if (!g) return NEXT(closedir)(dir);
  Listing **at = &listings;
  while (*at != g) at = &(*at)->next;
  *at = g->next;
  free(g->entries);
  free(g->name);
  free(g);
  int fd = NEXT(dirfd)(dir);
  if (!nameOfFd(fd)) return NEXT(closedir)(dir);
  beginsOn(l, "close", fd, 0, 0);
  return (int)ends(l, NEXT(closedir)(dir));
}

int closedir(DIR *dir) {
  Lane *l = CALLER();
  return l ? closesFolder(l, dir) : NEXT(closedir)(dir);
}

/* ---- what the C library does by functions of its own, before which nobody stands: by ours ---- */

typedef int Wanted(const struct dirent *);
typedef int Order(const void *, const void *);

/* Result: how many, -1 with errno. */
static int scans(Lane *l, const char *path, struct dirent ***found, Wanted *wanted, Order *order) {
  DIR *dir = opensFolder(l, path);
  if (!dir) return -1;
  const Listing *g = listingOf(dir);
  struct dirent **all = NULL;
  size_t n = 0;
  for (const struct dirent *e; (e = g ? nextEntry((Listing *)g) : NEXT(readdir)(dir));) {
    if (wanted && !wanted(e)) continue;
    all = grow(all, (n + 1) * sizeof *all);
    all[n] = memset(grow(NULL, sizeof *e), 0, sizeof *e);
    memcpy(all[n++], e, entryBytes(e));
  }
  closesFolder(l, dir);
  if (n && order) qsort(all, n, sizeof *all, order);
  *found = all ? all : grow(NULL, sizeof *all);
  return (int)n;
}

int scandir(const char *restrict path, struct dirent ***restrict found, int (*wanted)(const struct dirent *),
            int (*order)(const struct dirent **, const struct dirent **)) {
  Lane *l = CALLER();
  return l ? scans(l, path, found, wanted, (Order *)order) : NEXT(scandir)(path, found, wanted, order);
}

int scandir64(const char *restrict path, struct dirent64 ***restrict found, int (*wanted)(const struct dirent64 *),
              int (*order)(const struct dirent64 **, const struct dirent64 **)) {
  Lane *l = CALLER();
  if (!l) return NEXT(scandir64)(path, found, wanted, order);
  return scans(l, path, (struct dirent ***)found, (Wanted *)wanted, (Order *)order);
}

static void *globOpens(const char *path) { return opensFolder(laneHere(), path); }
static void globCloses(void *dir) { closesFolder(laneHere(), dir); }

static struct dirent *globReads(void *dir) {
  Listing *g = listingOf(dir);
  return g ? nextEntry(g) : NEXT(readdir)(dir);
}

static int globs(const char *pattern, int flags, int (*fails)(const char *, int), glob_t *found) {
  found->gl_opendir = globOpens;
  found->gl_readdir = globReads;
  found->gl_closedir = globCloses;
  found->gl_stat = stat;
  found->gl_lstat = lstat;
  return NEXT(glob)(pattern, flags | GLOB_ALTDIRFUNC, fails, found);
}

int glob(const char *restrict pattern, int flags, int (*fails)(const char *, int), glob_t *restrict found) {
  if (!CALLER() || flags & GLOB_ALTDIRFUNC) return NEXT(glob)(pattern, flags, fails, found);
  return globs(pattern, flags, fails, found);
}

int glob64(const char *restrict pattern, int flags, int (*fails)(const char *, int), glob64_t *restrict found) {
  if (!CALLER() || flags & GLOB_ALTDIRFUNC) return NEXT(glob64)(pattern, flags, fails, found);
  return globs(pattern, flags, fails, (glob_t *)found);
}

/* Such functions read folders unseen, in an order that differs from one file system to another. */
#define WALKS(name, result, parameters, ...)                                                                                   \
  result name parameters {                                                                                                    \
    if (CALLER()) notFollowed("walks a tree of files by a function of the C library (" #name "): let it read folders itself"); \
    return NEXT(name)(__VA_ARGS__);                                                                                           \
  }
WALKS(ftw, int, (const char *path, __ftw_func_t f, int most), path, f, most)
WALKS(ftw64, int, (const char *path, __ftw64_func_t f, int most), path, f, most)
WALKS(nftw, int, (const char *path, __nftw_func_t f, int most, int flags), path, f, most, flags)
WALKS(nftw64, int, (const char *path, __nftw64_func_t f, int most, int flags), path, f, most, flags)
WALKS(fts_open, FTS *, (char *const *paths, int flags, int (*order)(const FTSENT **, const FTSENT **)), paths, flags, order)
