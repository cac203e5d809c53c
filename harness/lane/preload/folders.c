/*
** Reading folders of the world: one step, and the names in order, since that of the kernel differs from one file system to another.
*/
#include <dirent.h>

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

static void readEntries(Listing *g) {
  struct dirent *e;
  free(g->entries);
  g->entries = NULL;
  g->count = g->at = 0;
  NEXT(rewinddir)(g->dir);
  while ((e = NEXT(readdir)(g->dir))) {
    g->entries = grow(g->entries, (g->count + 1) * sizeof *e);
    g->entries[g->count++] = *e;
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

DIR *opendir(const char *path) {
  Lane *l = CALLER();
  Place p;
  char real[PATH_MAX];
  if (!l) return NEXT(opendir)(path);
  if (!placeOf(l, AT_FDCWD, path, &p)) return NULL;
  if (!p.inWorld) return NEXT(opendir)(p.name);
  if (!realOf(l, &p, 1, real)) return NULL;
  return opened(l, NEXT(opendir)(real), p.name);
}

DIR *fdopendir(int fd) {
  Lane *l = CALLER();
  const char *name = l ? nameOfFd(fd) : NULL;
  return name ? opened(l, NEXT(fdopendir)(fd), name) : NEXT(fdopendir)(fd);
}

struct dirent *readdir(DIR *dir) {
  Listing *g = CALLER() ? listingOf(dir) : NULL;
  if (!g) return NEXT(readdir)(dir);
  return g->at < g->count ? &g->entries[g->at++] : NULL;
}

struct dirent64 *readdir64(DIR *dir) {
  Listing *g = CALLER() ? listingOf(dir) : NULL;
  if (!g) return NEXT(readdir64)(dir);
  return g->at < g->count ? (struct dirent64 *)&g->entries[g->at++] : NULL;
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

int closedir(DIR *dir) {
  Lane *l = CALLER();
  Listing *g = l ? listingOf(dir) : NULL;
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
