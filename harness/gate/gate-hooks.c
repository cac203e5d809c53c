/*
** What a program asks of SQLite's hooks on a connection whose ledger is kept. Part of gate.c, which includes it.
**
** A connection has one hook of each kind, and the ledger has them all (gate-ledger.c): a program's own are kept here and called by ours.
** For that this library stands before SQLite (LD_PRELOAD); where it is only loaded as an extension, nobody calls these functions.
*/
#undef sqlite3_update_hook
#undef sqlite3_commit_hook
#undef sqlite3_rollback_hook
#undef sqlite3_trace_v2
#undef sqlite3_trace
#undef sqlite3_profile

static Ledger *ledgerOf(const sqlite3 *db) {
  Ledger *g = ledgers;
  while (g && g->db != db) g = g->later;
  return g;
}

/* The program's hook from now on. Result: what the one before was given. */
#define KEEP(g, hook, arg, THEIRS, OF) \
  do {                                 \
    void *before = (g)->OF;            \
    (g)->THEIRS = hook;                \
    (g)->OF = arg;                     \
    return before;                     \
  } while (0)

void *sqlite3_update_hook(sqlite3 *db, UpdateHook hook, void *arg) {
  Ledger *g = ledgerOf(db);
  if (g) KEEP(g, hook, arg, theirUpdate, ofUpdate);
  return hooks.update ? hooks.update(db, hook, arg) : NULL;
}

void *sqlite3_commit_hook(sqlite3 *db, int (*hook)(void *), void *arg) {
  Ledger *g = ledgerOf(db);
  if (g) KEEP(g, hook, arg, theirCommit, ofCommit);
  return hooks.commit ? hooks.commit(db, hook, arg) : NULL;
}

void *sqlite3_rollback_hook(sqlite3 *db, void (*hook)(void *), void *arg) {
  Ledger *g = ledgerOf(db);
  if (g) KEEP(g, hook, arg, theirRollback, ofRollback);
  return hooks.rollback ? hooks.rollback(db, hook, arg) : NULL;
}

/* The session extension sets it as well, from within SQLite. */
void *sqlite3_preupdate_hook(sqlite3 *db, PreupdateHook hook, void *arg) {
  Ledger *g = ledgerOf(db);
  if (!hooks.preupdate) return NULL;
  if (!g) return hooks.preupdate(db, hook, arg);
  if (hook || g->preupdates) hooks.preupdate(db, onPreupdate, g);
  else hooks.preupdate(db, NULL, NULL);
  KEEP(g, hook, arg, theirPreupdate, ofPreupdate);
}

int sqlite3_trace_v2(sqlite3 *db, unsigned events, TraceHook hook, void *arg) {
  Ledger *g = ledgerOf(db);
  if (!g) return hooks.trace ? hooks.trace(db, events, hook, arg) : SQLITE_MISUSE;
  g->theirTrace = events ? hook : NULL;
  g->theirEvents = hook ? events : 0;
  g->ofTrace = arg;
  return hooks.trace(db, OUR_EVENTS | g->theirEvents, onTrace, g);
}

/* Of one kind only there can be a callback, and these two have no way to call another (c3ref/profile.html: superseded). */
void *sqlite3_trace(sqlite3 *db, void (*callback)(void *, const char *), void *arg) {
  if (ledgerOf(db) && callback) notFollowed("calls sqlite3_trace, beside which the scenario's ledger cannot be kept: let it call sqlite3_trace_v2");
  void *(*next)(sqlite3 *, void (*)(void *, const char *), void *) = inSqlite("sqlite3_trace");
  return next && !ledgerOf(db) ? next(db, callback, arg) : NULL;
}

void *sqlite3_profile(sqlite3 *db, void (*callback)(void *, const char *, sqlite3_uint64), void *arg) {
  if (ledgerOf(db) && callback) notFollowed("calls sqlite3_profile, beside which the scenario's ledger cannot be kept: let it call sqlite3_trace_v2");
  void *(*next)(sqlite3 *, void (*)(void *, const char *, sqlite3_uint64), void *) = inSqlite("sqlite3_profile");
  return next && !ledgerOf(db) ? next(db, callback, arg) : NULL;
}
