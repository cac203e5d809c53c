/*
** Commits that a program was told of, without a word from it. Part of gate.c, which includes it.
**
** For columns that a scenario names (`ledger`), SQLite's own hooks say which rows a connection has changed; when the statement that
** commits has returned, the lane's next step is preceded by an observation `committed {table, keys}`, as our own programs leave it.
** Before a commit that takes rows away, by `committing {table, keys: [], gone}`: they may be missing from then on, whatever comes of it.
**
** What a statement that failed had changed, or was rolled back to a savepoint, is taken out again: by what sqlite3_changes says after
** the statement, and by the words of statements. Where rows may go of which the hook says nothing (c3ref/update_hook.html), by the
** words of the statement, those of the whole table count as gone. What does not hold then: rows that a trigger takes away so, or a
** conflict that the table itself resolves by REPLACE, are missed though the program took them away; of rows that only an INSTEAD OF
** trigger wrote nothing is said.
**
** A column that is not the rowid itself, and a table WITHOUT ROWID, need the pre-update hook, which tells all of that. It is set where
** nothing else will do, since SQLite takes a whole table's rows away one by one beside it, and only where the library was compiled with
** it (Debian's is, better-sqlite3's not); elsewhere they end the run. The program's own hooks are called by ours (gate-hooks.c); where
** they cannot be, as in the binding of better-sqlite3, they end the run.
*/

/* ---- the functions that set hooks: SQLite's own, whoever stands before them ---- */

typedef void (*UpdateHook)(void *, int, const char *, const char *, sqlite3_int64);
typedef void (*PreupdateHook)(void *, sqlite3 *, int, const char *, const char *, sqlite3_int64, sqlite3_int64);
typedef int (*TraceHook)(unsigned, void *, void *, void *);

/* Those for the pre-update hook are NULL in a library that was compiled without it. */
static struct {
  void *(*update)(sqlite3 *, UpdateHook, void *);
  void *(*commit)(sqlite3 *, int (*)(void *), void *);
  void *(*rollback)(sqlite3 *, void (*)(void *), void *);
  int (*trace)(sqlite3 *, unsigned, TraceHook, void *);
  void *(*preupdate)(sqlite3 *, PreupdateHook, void *);
  int (*old)(sqlite3 *, int, sqlite3_value **);
  int (*new)(sqlite3 *, int, sqlite3_value **);
  int (*blobwrite)(sqlite3 *);
} hooks;

/* A function of the SQLite that the gate serves, by its name; NULL where the loader knows none. sqlite3_api would not do: it leads to
** whoever stands before SQLite, which may be this library. */
static void *inSqlite(const char *name) {
#if defined LOCKSTEP_COMMANDS
  return dlsym(RTLD_NEXT, name);
#elif !defined SQLITE_CORE
  Dl_info info;
  void *library = dladdr((void *)sqlite3_api->libversion, &info) ? dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD) : NULL;
  return library ? dlsym(library, name) : NULL;
#else
  (void)name;
  return NULL;
#endif
}

static void findHooks(void) {
  void *found;
#define FIND(field, name) hooks.field = (found = inSqlite("sqlite3_" #name)) ? (__typeof__(hooks.field))found : sqlite3_##name
  FIND(update, update_hook);
  FIND(commit, commit_hook);
  FIND(rollback, rollback_hook);
  FIND(trace, trace_v2);
#undef FIND
  *(void **)&hooks.preupdate = inSqlite("sqlite3_preupdate_hook");
  *(void **)&hooks.old = inSqlite("sqlite3_preupdate_old");
  *(void **)&hooks.new = inSqlite("sqlite3_preupdate_new");
  *(void **)&hooks.blobwrite = inSqlite("sqlite3_preupdate_blobwrite");
}

/* What happened to a row in the open transaction; `any`: to rows of the table that nobody named. */
typedef struct {
  unsigned watched; /* number of the column in the lane's ledger */
  unsigned place;   /* among the others */
  int gone, any;
  const char *text; /* the key as JSON, of the ledger's; NULL: it is the rowid */
  sqlite3_int64 rowid;
} Change;

/* A statement that runs, and how things stood when it began. */
typedef struct {
  sqlite3_stmt *statement;
  unsigned changes;
  sqlite3_int64 total;
  unsigned events; /* rows that the hook has told since */
} Running;

typedef struct { char *name; unsigned changes; } Savepoint;

/* Of one connection. */
typedef struct Ledger {
  struct Ledger *next; /* of those with something to tell */
  struct Ledger *later; /* of all */
  sqlite3 *db;
  Lane *by;            /* whose commit it was */
  int commits;         /* the running statement commits */
  char *text;          /* to be told: observations, each with its NUL, and one more; NULL: nothing */
  Change *changes;
  Running *running;
  Savepoint *savepoints;
  char **keys;         /* texts of the open transaction's changes */
  unsigned changeCount, runningCount, savepointCount, keyCount;
  int preupdates;      /* the pre-update hook is set, and tells what the others do not */
  /* the program's own hooks */
  UpdateHook theirUpdate;
  int (*theirCommit)(void *);
  void (*theirRollback)(void *);
  PreupdateHook theirPreupdate;
  TraceHook theirTrace;
  unsigned theirEvents; /* of trace */
  void *ofUpdate, *ofCommit, *ofRollback, *ofPreupdate, *ofTrace; /* what they are given */
} Ledger;

static Ledger *ledgers, *ledgersToTell; /* of the lanes of this process, of which one runs at a time */

static void takeBack(Ledger *g, unsigned count) {
  if (g->changeCount > count) g->changeCount = count;
  for (unsigned i = 0; i < g->runningCount; i++)
    if (g->running[i].changes > count) g->running[i].changes = count;
}

static void addChange(Ledger *g, unsigned at, Change c) {
  if (!(g->changeCount & (g->changeCount - 1))) g->changes = grow(g->changes, (2 * (size_t)g->changeCount + 1) * sizeof c);
  memmove(g->changes + at + 1, g->changes + at, (g->changeCount - at) * sizeof c);
  g->changes[at] = c;
  g->changeCount++;
}

static void freeSavepoints(Ledger *g, unsigned count) {
  while (g->savepointCount > count) free(g->savepoints[--g->savepointCount].name);
}

/* Has a table no rowid? Where there is no such table, it has none to be without. */
static int isWithoutRowid(sqlite3 *db, const char *table) {
  return sqlite3_table_column_metadata(db, "main", table, NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK &&
         sqlite3_table_column_metadata(db, "main", table, "rowid", NULL, NULL, NULL, NULL, NULL) != SQLITE_OK;
}

static int isRowid(sqlite3 *db, const Watched *w) {
  const char *type = NULL;
  int key = 0;
  int rc = sqlite3_table_column_metadata(db, "main", w->table, w->column, &type, NULL, NULL, &key, NULL);
  return rc == SQLITE_OK && key && type && !sqlite3_stricmp(type, "INTEGER");
}

static const char withoutPreupdate[] = "only an INTEGER PRIMARY KEY can be followed where SQLite was compiled without SQLITE_ENABLE_PREUPDATE_HOOK";

static void cannotFollow(const Watched *w, const char *why) {
  char text[240];
  snprintf(text, sizeof text, "changed %s, whose column %s the scenario's ledger names: %s", w->table, w->column, why);
  notFollowed(text);
}

static void happens(Ledger *g) {
  if (g->runningCount) g->running[g->runningCount - 1].events++;
}

static void onUpdate(void *given, int op, const char *schema, const char *table, sqlite3_int64 rowid) {
  Ledger *g = given;
  Lane *l = laneHere();
  if (g->theirUpdate) g->theirUpdate(g->ofUpdate, op, schema, table, rowid);
  if (g->preupdates) return;
  happens(g);
  if (!l || strcmp(schema, "main")) return;
  for (unsigned i = 0; i < l->watchedCount; i++) {
    Watched *w = &l->watched[i];
    if (sqlite3_stricmp(w->table, table)) continue;
    if (!isRowid(g->db, w)) cannotFollow(w, withoutPreupdate);
    addChange(g, g->changeCount, (Change){.watched = i, .gone = op == SQLITE_DELETE, .rowid = rowid});
  }
}

/* ---- keys that are no rowid ---- */

/* The key of a change, as the query that a ledger is held against gives it (observe/examine.ts). */
static Change keyed(Ledger *g, const Watched *w, unsigned watched, sqlite3_value *v) {
  Change c = {.watched = watched};
  if (sqlite3_value_type(v) == SQLITE_INTEGER) {
    c.rowid = sqlite3_value_int64(v);
    return c;
  }
  sqlite3_str *s = sqlite3_str_new(NULL);
  switch (sqlite3_value_type(v)) {
    case SQLITE_TEXT: addJsonText(s, sqlite3_value_text(v), sqlite3_value_bytes(v)); break;
    case SQLITE_FLOAT: sqlite3_str_appendf(s, "%!.17g", sqlite3_value_double(v)); break;
    case SQLITE_NULL: sqlite3_str_appendall(s, "null"); break;
    default: cannotFollow(w, "a BLOB is no key that a ledger can hold");
  }
  char *text = sqlite3_str_finish(s);
  g->keys = grow(g->keys, (g->keyCount + 1) * sizeof *g->keys);
  c.text = g->keys[g->keyCount++] = copyOf(text ? text : "null");
  sqlite3_free(text);
  return c;
}

static void freeKeys(Ledger *g) {
  while (g->keyCount) free(g->keys[--g->keyCount]);
}

/* The number of a column, by what `*` stands for. SQLite's own session extension asks in its hook as well (sqlite3session.c). */
static int columnOf(const Ledger *g, const Watched *w) {
  char *sql = sqlite3_mprintf("SELECT * FROM main.\"%w\"", w->table);
  sqlite3_stmt *all = NULL;
  if (sqlite3_prepare_v2(g->db, sql, -1, &all, NULL) != SQLITE_OK) cannotFollow(w, "which columns it has is not to be asked");
  int i = sqlite3_column_count(all) - 1;
  while (i >= 0 && sqlite3_stricmp(sqlite3_column_name(all, i), w->column)) i--;
  if (i < 0) cannotFollow(w, "it has no such column");
  sqlite3_finalize(all);
  sqlite3_free(sql);
  return i;
}

static int isSameKey(const Change *a, const Change *b) {
  return a->text && b->text ? !strcmp(a->text, b->text) : !a->text && !b->text && a->rowid == b->rowid;
}

/* Before a row changes. A BLOB that is written in place is told as a row that goes (c3ref/preupdate_blobwrite.html). */
static void followRow(Ledger *g, const Watched *w, unsigned watched, int op) {
  int column = columnOf(g, w), isBlob = op == SQLITE_DELETE && hooks.blobwrite && hooks.blobwrite(g->db) >= 0;
  sqlite3_value *value;
  Change gone, there;
  if (op != SQLITE_INSERT) {
    if (hooks.old(g->db, column, &value)) cannotFollow(w, "SQLite does not say what it was");
    gone = keyed(g, w, watched, value);
  }
  if (op != SQLITE_DELETE) {
    if (hooks.new(g->db, column, &value)) cannotFollow(w, "SQLite does not say what it becomes");
    there = keyed(g, w, watched, value);
  } else if (isBlob) {
    there = gone;
  }
  int stays = isBlob || (op == SQLITE_UPDATE && isSameKey(&gone, &there));
  if (op != SQLITE_INSERT && !stays) {
    gone.gone = 1;
    addChange(g, g->changeCount, gone);
  }
  if (op != SQLITE_DELETE || isBlob) addChange(g, g->changeCount, there);
}

static void onPreupdate(void *given, sqlite3 *db, int op, const char *schema, const char *table, sqlite3_int64 from, sqlite3_int64 to) {
  Ledger *g = given;
  Lane *l = laneHere();
  if (g->theirPreupdate) g->theirPreupdate(g->ofPreupdate, db, op, schema, table, from, to);
  if (!g->preupdates) return;
  happens(g);
  if (!l || strcmp(schema, "main")) return;
  for (unsigned i = 0; i < l->watchedCount; i++)
    if (!sqlite3_stricmp(l->watched[i].table, table)) followRow(g, &l->watched[i], i, op);
}

/* Before a statement that writes rows: is there a key that only the pre-update hook tells? Its table is in memory, by preparing it. */
static void usePreupdate(Lane *l, Ledger *g) {
  for (unsigned i = 0; hooks.preupdate && !g->preupdates && i < l->watchedCount; i++) {
    const Watched *w = &l->watched[i];
    int isThere = sqlite3_table_column_metadata(g->db, "main", w->table, NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
    if (!isThere || isRowid(g->db, w)) continue;
    g->preupdates = 1;
    hooks.preupdate(g->db, onPreupdate, g);
  }
}

/* ---- what became of the rows of a transaction ---- */

/* By column and row, and of one row the last first. Those of any row come before all. */
static int byRow(const void *a, const void *b) {
  const Change *x = a, *y = b;
  if (x->watched != y->watched) return x->watched < y->watched ? -1 : 1;
  if (x->any != y->any) return x->any ? -1 : 1;
  if (!x->any && !x->text != !y->text) return x->text ? 1 : -1;
  if (!x->any && x->text && strcmp(x->text, y->text)) return strcmp(x->text, y->text);
  if (!x->any && x->rowid != y->rowid) return x->rowid < y->rowid ? -1 : 1;
  return x->place > y->place ? -1 : x->place < y->place;
}

/* What became of each row in the end: a list of its own. What may have gone with others unseen is left out, and those are told. */
static Change *lastOf(const Ledger *g, unsigned *count) {
  Change *all = memcpy(grow(NULL, ((size_t)g->changeCount + 1) * sizeof *all), g->changes, g->changeCount * sizeof *all);
  unsigned n = 0;
  for (unsigned i = 0; i < g->changeCount; i++) all[i].place = i;
  qsort(all, g->changeCount, sizeof *all, byRow);
  const Change *any = NULL, *last = NULL;
  for (unsigned i = 0; i < g->changeCount; i++) {
    Change c = all[i];
    int isNew = !last || last->watched != c.watched;
    if (isNew) any = NULL;
    if (isNew || last->any != c.any || !isSameKey(last, &c)) {
      if (!any || c.place > any->place) all[n++] = c;
      if (c.any) any = &all[n - 1];
    }
    last = n ? &all[n - 1] : NULL;
  }
  *count = n;
  return all;
}

/* The rows of one column that are there, or gone, as the end of a JSON list. Result: how many. */
static unsigned listRows(sqlite3_str *s, const Change *all, unsigned n, unsigned watched, int gone) {
  unsigned told = 0;
  for (unsigned i = n; i-- > 0;) {
    if (all[i].watched != watched || all[i].gone != gone || all[i].any) continue;
    if (told++) sqlite3_str_appendchar(s, 1, ',');
    if (all[i].text) sqlite3_str_appendall(s, all[i].text);
    else sqlite3_str_appendf(s, "%lld", all[i].rowid);
  }
  return told;
}

static int isAnyGone(const Change *all, unsigned n, unsigned watched) {
  for (unsigned i = 0; i < n; i++)
    if (all[i].watched == watched && all[i].any) return 1;
  return 0;
}

/* A commit begins: rows that it takes away may be missing from now on. */
static void tellGone(Lane *l, const Ledger *g) {
  unsigned n;
  Change *all = lastOf(g, &n);
  for (unsigned w = 0; w < l->watchedCount; w++) {
    sqlite3_str *s = sqlite3_str_new(NULL);
    sqlite3_str_appendf(s, "{\"kind\":\"committing\",\"data\":{\"table\":\"%s\",\"keys\":[],\"gone\":", l->watched[w].table);
    unsigned told = isAnyGone(all, n, w);
    if (told) {
      sqlite3_str_appendall(s, "\"any\"}}");
    } else {
      sqlite3_str_appendall(s, "[");
      told = listRows(s, all, n, w, 1);
      sqlite3_str_appendall(s, "]}}");
    }
    char *text = sqlite3_str_finish(s);
    if (told && text) inAnyStep(l, OP_OBSERVE, text);
    sqlite3_free(text);
  }
  free(all);
}

/* Before the next step of a lane whose commits have returned. */
static void tellLedgers(Lane *l) {
  for (Ledger **at = &ledgersToTell; *at;) {
    Ledger *g = *at;
    if (g->by != l) {
      at = &g->next;
      continue;
    }
    *at = g->next;
    l->ledgers--;
    char *text = g->text;
    g->text = NULL;
    for (const char *one = text; *one; one += strlen(one) + 1) inAnyStep(l, OP_OBSERVE, one);
    sqlite3_free(text);
    at = &ledgersToTell; /* while it stood still, others may have come and gone */
  }
}

/* The statement that commits has done so, and returns: what is to be told before the lane's next step. */
static void keepToTell(Lane *l, Ledger *g) {
  if (g->text) tellLedgers(l);
  unsigned n, texts = 0;
  Change *all = lastOf(g, &n);
  sqlite3_str *s = sqlite3_str_new(NULL);
  for (unsigned w = 0; w < l->watchedCount; w++) {
    sqlite3_str *rows = sqlite3_str_new(NULL);
    unsigned told = listRows(rows, all, n, w, 0);
    char *list = sqlite3_str_finish(rows);
    if (told && list) {
      sqlite3_str_appendf(s, "{\"kind\":\"committed\",\"data\":{\"table\":\"%s\",\"keys\":[%s]}}", l->watched[w].table, list);
      sqlite3_str_append(s, "", 1);
      texts++;
    }
    sqlite3_free(list);
  }
  sqlite3_str_append(s, "", 1);
  free(all);
  char *text = sqlite3_str_finish(s);
  if (!texts || !text) {
    sqlite3_free(text);
    return;
  }
  g->text = text;
  g->by = l;
  g->next = ledgersToTell;
  ledgersToTell = g;
  l->ledgers++;
}

/* ---- the words of statements ---- */

static const char *skipSpace(const char *sql) {
  for (;;) {
    while (*sql == ' ' || (*sql >= '\t' && *sql <= '\r')) sql++;
    if (sql[0] == '-' && sql[1] == '-') {
      while (*sql && *sql != '\n') sql++;
    } else if (sql[0] == '/' && sql[1] == '*') {
      const char *end = strstr(sql + 2, "*/");
      sql = end ? end + 2 : sql + strlen(sql);
    } else {
      return sql;
    }
  }
}

static int isWordChar(char c) { return c == '_' || (c & 0x80) || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'); }

/* Is the next word this one? Then what follows it, else NULL. */
static const char *after(const char *sql, const char *word) {
  size_t n = strlen(word);
  sql = skipSpace(sql);
  return !sqlite3_strnicmp(sql, word, (int)n) && !isWordChar(sql[n]) ? sql + n : NULL;
}

/* The next word, quoted or not. */
static char *nameIn(const char *sql) {
  sql = skipSpace(sql);
  char quote = *sql == '[' ? ']' : *sql == '"' || *sql == '`' || *sql == '\'' ? *sql : 0;
  if (quote) sql++;
  size_t n = 0;
  while (sql[n] && (quote ? sql[n] != quote : isWordChar(sql[n]))) n++;
  char *name = grow(NULL, n + 1);
  memcpy(name, sql, n);
  name[n] = 0;
  return name;
}

/* What follows a word, wherever it stands first; NULL where it does not. */
static const char *afterWord(const char *sql, const char *word) {
  for (const char *at = sql; *at; at++) {
    const char *rest = at == sql || !isWordChar(at[-1]) ? after(at, word) : NULL;
    if (rest) return rest;
  }
  return NULL;
}

static int hasWord(const char *sql, const char *word) { return afterWord(sql, word) != NULL; }

/* Does it resolve conflicts by REPLACE? The function of that name has its arguments behind it. */
static int replaces(const char *sql) {
  while ((sql = afterWord(sql, "replace")))
    if (*skipSpace(sql) != '(') return 1;
  return 0;
}

/* Is there `COLUMN =` before any condition? */
static int sets(const char *sql, const char *column) {
  for (const char *at = sql; *at; at++) {
    if (at > sql && isWordChar(at[-1])) continue;
    if (after(at, "where")) return 0;
    const char *rest = after(at, column);
    if (rest && *skipSpace(rest) == '=') return 1;
  }
  return 0;
}

/* The newest savepoint of a name; the count of all where there is none. */
static unsigned savepointOf(const Ledger *g, const char *name) {
  for (unsigned i = g->savepointCount; i-- > 0;)
    if (!sqlite3_stricmp(g->savepoints[i].name, name)) return i;
  return g->savepointCount;
}

static void followSavepoints(Ledger *g, const char *sql) {
  const char *rest = after(sql, "savepoint"), *to = after(sql, "rollback"), *release = after(sql, "release");
  if (rest) {
    g->savepoints = grow(g->savepoints, (g->savepointCount + 1) * sizeof *g->savepoints);
    g->savepoints[g->savepointCount++] = (Savepoint){nameIn(rest), g->changeCount};
    return;
  }
  if (to) {
    const char *skipped = after(to, "transaction");
    to = after(skipped ? skipped : to, "to");
  }
  if (!to && !release) return;
  rest = to ? to : release;
  const char *skipped = after(rest, "savepoint");
  char *name = nameIn(skipped ? skipped : rest);
  unsigned i = savepointOf(g, name);
  free(name);
  if (i == g->savepointCount) return;
  if (to) takeBack(g, g->savepoints[i].changes);
  freeSavepoints(g, to ? i + 1 : i);
}

/* Rows that go without a word of the hook: those that REPLACE takes away before it puts its own, all of a table at once, by a DELETE
** without a condition, and what a row was called before its key was set. Of several rows that are put one may take away another. The
** pre-update hook tells all but a DELETE that was prepared before it was set. */
static void followUntold(Lane *l, Ledger *g, const Running *r) {
  const char *sql = sqlite3_sql(r->statement);
  if (!sql || sqlite3_stmt_readonly(r->statement)) return;
  if (g->preupdates && r->events) return;
  int puts = !g->preupdates && replaces(sql), empties = hasWord(sql, "delete") && !hasWord(sql, "where");
  for (unsigned i = 0; i < l->watchedCount; i++) {
    const Watched *w = &l->watched[i];
    int moves = !g->preupdates && hasWord(sql, "update") && sets(sql, w->column);
    unsigned at = (puts || moves) && r->events == 1 ? r->changes : g->changeCount;
    if ((puts || empties || moves) && hasWord(sql, w->table)) addChange(g, at, (Change){.watched = i, .gone = 1, .any = 1});
  }
}

/* A table of which no hook says anything. */
static void checkTold(Lane *l, Ledger *g) {
  for (unsigned i = 0; i < l->watchedCount; i++)
    if (isWithoutRowid(g->db, l->watched[i].table)) cannotFollow(&l->watched[i], withoutPreupdate);
}

static int onCommit(void *given) {
  Ledger *g = given;
  Lane *l = laneHere();
  if (g->theirCommit && g->theirCommit(g->ofCommit)) return 1;
  if (!l || (!g->changeCount && !g->runningCount)) return 0;
  if (!g->runningCount) notFollowed("set a trace callback of its own, without which the scenario's ledger cannot be kept");
  followUntold(l, g, &g->running[g->runningCount - 1]); /* of one that commits by itself */
  if (!g->changeCount) return 0;
  tellGone(l, g);
  g->commits = 1;
  return 0;
}

/* Whatever comes next is another transaction. */
static void beginsAnew(Ledger *g) {
  takeBack(g, 0);
  freeSavepoints(g, 0);
  freeKeys(g);
  g->commits = 0;
}

static void onRollback(void *given) {
  Ledger *g = given;
  beginsAnew(g);
  if (g->theirRollback) g->theirRollback(g->ofRollback);
}

/* A program's own hook, where we do not stand before the functions that set it, has taken the place of ours, and nothing was told. */
static void checkHooks(Ledger *g) {
  int ours = hooks.update(g->db, onUpdate, g) == g;
  ours = hooks.commit(g->db, onCommit, g) == g && ours;
  ours = hooks.rollback(g->db, onRollback, g) == g && ours;
  if (g->preupdates) ours = hooks.preupdate(g->db, onPreupdate, g) == g && ours;
  if (!ours) notFollowed("set an update, commit or rollback hook of its own, beside which the scenario's ledger cannot be kept");
}

static int writesRows(const char *sql) {
  return hasWord(sql, "insert") || hasWord(sql, "update") || hasWord(sql, "delete") || hasWord(sql, "replace");
}

static void statementBegins(Lane *l, Ledger *g, sqlite3_stmt *statement, const char *sql) {
  if (sql[0] == '-' && sql[1] == '-') return; /* a trigger's, of the statement that runs */
  if (!g->preupdates && !sqlite3_stmt_readonly(statement) && writesRows(sql)) usePreupdate(l, g);
  g->running = grow(g->running, (g->runningCount + 1) * sizeof *g->running);
  g->running[g->runningCount++] = (Running){statement, g->changeCount, sqlite3_total_changes64(g->db), 0};
}

static void statementEnds(Lane *l, Ledger *g, sqlite3_stmt *statement) {
  unsigned i = g->runningCount;
  while (i > 0 && g->running[i - 1].statement != statement) i--;
  if (!i) return;
  Running r = g->running[i - 1];
  g->runningCount = i - 1;
  if (i > 1) g->running[i - 2].events += r.events;
  const char *sql = sqlite3_sql(statement);
  if (!sqlite3_stmt_readonly(statement) && sql) {
    sqlite3_int64 changed = sqlite3_total_changes64(g->db) - r.total;
    if (changed) checkHooks(g);
    if (changed > r.events && !g->preupdates) checkTold(l, g);
    if (!sqlite3_changes(g->db)) takeBack(g, r.changes); /* it failed, and what it had done was undone (lang_conflict.html, ABORT) */
    else if (!g->commits) followUntold(l, g, &r);
  }
  if (sql) followSavepoints(g, sql);
  if (!g->commits) return;
  g->commits = 0;
  if (!sqlite3_get_autocommit(g->db)) return; /* COMMIT has failed, and may be tried again */
  keepToTell(l, g);
  beginsAnew(g);
}

static int onTrace(unsigned event, void *given, void *of, void *more) {
  Ledger *g = given;
  Lane *l = laneHere();
  tellStatement(event, NULL, of, more);
  if (g->theirTrace && (g->theirEvents & event)) g->theirTrace(event, g->ofTrace, of, more);
  if (l && event == SQLITE_TRACE_STMT) statementBegins(l, g, of, more);
  else if (l && event == SQLITE_TRACE_PROFILE) statementEnds(l, g, of);
  return 0;
}

enum { OUR_EVENTS = TOLD_EVENTS | SQLITE_TRACE_PROFILE };

static void freeLedger(void *given) {
  Ledger *g = given;
  Ledger **all = &ledgers;
  while (*all != g) all = &(*all)->later;
  *all = g->later;
  for (Ledger **at = &ledgersToTell; *at; at = &(*at)->next) {
    if (*at != g) continue;
    *at = g->next;
    g->by->ledgers--;
    break;
  }
  freeSavepoints(g, 0);
  freeKeys(g);
  sqlite3_free(g->text);
  free(g->keys);
  free(g->changes);
  free(g->running);
  free(g->savepoints);
  free(g);
}

static void holdsLedger(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n, (void)v;
  sqlite3_result_null(c);
}

/* A connection has been opened (sqlite3_auto_extension): one of the scenario's database is followed, where it has a ledger. The
** ledger lives as long as the connection, as what a SQL function has. */
static int onConnection(sqlite3 *db) {
  Lane *l = laneHere();
  const char *path = sqlite3_db_filename(db, "main");
  if (!l || !path) return SQLITE_OK;
  if (!l->watchedCount || !l->databaseCount || strcmp(logicalName(l, path), l->databases[0])) {
    if (l->grant.flags & GRANT_SQL) hooks.trace(db, TOLD_EVENTS, tellStatement, NULL);
    return SQLITE_OK;
  }
  Ledger *g = memset(grow(NULL, sizeof *g), 0, sizeof *g);
  g->db = db;
  int rc = sqlite3_create_function_v2(db, "lockstep_ledger", 0, SQLITE_UTF8, g, holdsLedger, NULL, NULL, freeLedger);
  if (rc != SQLITE_OK) return rc;
  g->later = ledgers;
  ledgers = g;
  hooks.update(db, onUpdate, g);
  hooks.commit(db, onCommit, g);
  hooks.rollback(db, onRollback, g);
  return hooks.trace(db, OUR_EVENTS, onTrace, g);
}
