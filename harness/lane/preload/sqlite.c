/*
** What the program asks of SQLite itself before it opens a database. The gate has started SQLite before main(), to be its default
** VFS; a program may configure it, shut it down and start it again, and the gate is there whenever it opens a database.
*/

static int programHasStarted; /* it has started SQLite by itself */

static int isGated(int rc) {
  if (rc == SQLITE_OK) servesSqlite(); /* SQLite's start has made its own VFS the default */
  return rc;
}

/* Before the program opens a database. */
static void startsSqlite(void) {
  programHasStarted = 1;
  isGated(NEXT(sqlite3_initialize)());
}

int sqlite3_initialize(void) {
  if (!CALLER()) return NEXT(sqlite3_initialize)();
  programHasStarted = 1;
  return isGated(NEXT(sqlite3_initialize)());
}

int sqlite3_shutdown(void) {
  if (CALLER()) programHasStarted = 0;
  return NEXT(sqlite3_shutdown)();
}

/* To be called before SQLite is started (sqlite3.h, sqlite3_config), which the gate has done. All that it takes besides are integers
** and pointers. */
int sqlite3_config(int option, ...) {
  long more[3];
  va_list list;
  va_start(list, option);
  for (int i = 0; i < 3; i++) more[i] = va_arg(list, long);
  va_end(list);
  int isOurs = CALLER() && !programHasStarted;
  if (isOurs) NEXT(sqlite3_shutdown)();
  int rc = NEXT(sqlite3_config)(option, more[0], more[1], more[2]);
  if (isOurs) isGated(NEXT(sqlite3_initialize)());
  return rc;
}

int sqlite3_open(const char *name, sqlite3 **db) {
  if (CALLER()) startsSqlite();
  return NEXT(sqlite3_open)(name, db);
}

int sqlite3_open16(const void *name, sqlite3 **db) {
  if (CALLER()) startsSqlite();
  return NEXT(sqlite3_open16)(name, db);
}

int sqlite3_open_v2(const char *name, sqlite3 **db, int flags, const char *vfs) {
  if (!CALLER()) return NEXT(sqlite3_open_v2)(name, db, flags, vfs);
  startsSqlite();
  if (vfs && strncmp(vfs, "unix-", 5) == 0)
    notFollowed("opens a database by a VFS that locks in another way (unix-…): its locks would go unseen");
  return NEXT(sqlite3_open_v2)(name, db, flags, vfs && !strcmp(vfs, "unix") ? NULL : vfs);
}

/*
** The sqlite3 shell refuses to work with a libsqlite3 of another source than its own header (shell.c: "SQLite header and source
** version mismatch"), and that is the point of putting an engine under it. It is told what it wants to hear: the only text in a
** program's own constants that looks like an id of SQLite's sources.
*/

static int looksLikeSourceId(const char *p) {
  static const char pattern[] = "2ddd-dd-dd dd:dd:dd xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
  for (const char *want = pattern; *want; want++, p++) {
    int isDigit = *p >= '0' && *p <= '9';
    if (*want == 'd' ? !isDigit : *want == 'x' ? !isDigit && !(*p >= 'a' && *p <= 'f') : *p != *want) return 0;
  }
  return 1;
}

typedef struct { uintptr_t caller; const char *id; } Sought;

/* Looks in the file that the caller lies in. */
static int findSourceId(struct dl_phdr_info *info, size_t size, void *wanted) {
  enum { ID_LENGTH = 52 };
  Sought *s = wanted;
  int isIn = 0;
  (void)size;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    uintptr_t from = info->dlpi_addr + part->p_vaddr;
    if (part->p_type == PT_LOAD && s->caller >= from && s->caller < from + part->p_memsz) isIn = 1;
  }
  for (int i = 0; isIn && !s->id && i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || !(part->p_flags & PF_R) || part->p_filesz < ID_LENGTH) continue;
    const char *from = (const char *)(info->dlpi_addr + part->p_vaddr), *to = from + part->p_filesz - ID_LENGTH;
    for (const char *p = from; p <= to && !s->id; p++) {
      p = memchr(p, '2', (size_t)(to - p) + 1);
      if (!p) break;
      if (looksLikeSourceId(p)) s->id = p;
    }
  }
  return isIn;
}

const char *sqlite3_sourceid(void) {
  Sought s = {(uintptr_t)__builtin_return_address(0), NULL};
  if (CALLER()) dl_iterate_phdr(findSourceId, &s);
  return s.id ? s.id : NEXT(sqlite3_sourceid)();
}
