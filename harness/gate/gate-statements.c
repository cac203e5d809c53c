/*
** What connections do, in SQL, where the coordinator asks for it (GRANT_SQL): for an explanation. Part of gate.c, which includes it.
**
** A record `sql` is no step: it has no number and no part in the hash, and a run whose statements are told is the same run. SQLite's own
** trace callback tells them (c3ref/trace.html). Not SQLITE_TRACE_PROFILE, which asks for the time. A program that sets a trace callback
** of its own takes the place of ours where no ledger is kept, and its statements are not told from then on.
*/

enum { TOLD_EVENTS = SQLITE_TRACE_STMT | SQLITE_TRACE_ROW, ROWS_TOLD = 2, SQL_MOST = 1000, TEXT_MOST = 100, RUNNING_MOST = 64 };

/* Statements of this process that have begun and may give rows, the oldest of which makes room. Records name them by their place. */
static struct { sqlite3_stmt *statement; unsigned rows; } told[RUNNING_MOST];
static unsigned toldNext;

static void addJsonText(sqlite3_str *s, const unsigned char *text, int n) {
  sqlite3_str_appendchar(s, 1, '"');
  for (int i = 0; i < n; i++) {
    if (text[i] == '"' || text[i] == '\\') sqlite3_str_appendf(s, "\\%c", text[i]);
    else if (text[i] < 0x20) sqlite3_str_appendf(s, "\\u%04x", text[i]);
    else sqlite3_str_appendchar(s, 1, (char)text[i]);
  }
  sqlite3_str_appendchar(s, 1, '"');
}

/* At most so many bytes, and no character in part. */
static int upTo(const unsigned char *text, int n, int most) {
  if (n <= most) return n;
  while (most > 0 && (text[most] & 0xC0) == 0x80) most--;
  return most;
}

static void addCut(sqlite3_str *s, const unsigned char *text, int n, int most) {
  addJsonText(s, text, upTo(text, n, most));
}

static void sendSql(Lane *l, unsigned place, sqlite3_str *s) {
  char *text = sqlite3_str_finish(s);
  if (text) append(l, (Record){.op = OP_SQL, .role = ROLE_NONE, .lane = l->id, .a = place}, text);
  sqlite3_free(text);
}

static void tellBegun(Lane *l, sqlite3_stmt *of) {
  unsigned place = 0;
  while (place < RUNNING_MOST && told[place].statement != of) place++;
  if (place == RUNNING_MOST) place = toldNext++ % RUNNING_MOST;
  told[place].statement = of;
  told[place].rows = 0;
  char *bound = sqlite3_expanded_sql(of);
  const char *sql = bound ? bound : sqlite3_sql(of), *path = sqlite3_db_filename(sqlite3_db_handle(of), "main");
  const char *name = logicalName(l, path);
  sqlite3_str *s = sqlite3_str_new(NULL);
  sqlite3_str_appendall(s, "{\"database\":");
  addJsonText(s, (const unsigned char *)name, (int)strlen(name));
  sqlite3_str_appendf(s, ",\"reads\":%s,\"sql\":", sqlite3_stmt_readonly(of) ? "true" : "false");
  addCut(s, (const unsigned char *)sql, (int)strlen(sql), SQL_MOST);
  sqlite3_str_appendchar(s, 1, '}');
  sendSql(l, place, s);
  sqlite3_free(bound);
}

/* As literals of SQL, in JSON. What the program will ask for stays as it is: of a number no text is made. */
static void addColumn(sqlite3_str *s, sqlite3_stmt *of, int i) {
  sqlite3_str *literal = sqlite3_str_new(NULL);
  const unsigned char *text;
  switch (sqlite3_column_type(of, i)) {
    case SQLITE_INTEGER: sqlite3_str_appendf(literal, "%lld", sqlite3_column_int64(of, i)); break;
    case SQLITE_FLOAT: sqlite3_str_appendf(literal, "%!.15g", sqlite3_column_double(of, i)); break;
    case SQLITE_NULL: sqlite3_str_appendall(literal, "NULL"); break;
    case SQLITE_BLOB: sqlite3_str_appendf(literal, "a BLOB of %d bytes", sqlite3_column_bytes(of, i)); break;
    default:
      text = sqlite3_column_text(of, i);
      if (text) sqlite3_str_appendf(literal, "'%.*q'", upTo(text, sqlite3_column_bytes(of, i), TEXT_MOST), text);
  }
  char *all = sqlite3_str_finish(literal);
  if (all) addJsonText(s, (const unsigned char *)all, (int)strlen(all));
  else sqlite3_str_appendall(s, "null");
  sqlite3_free(all);
}

static void tellRow(Lane *l, sqlite3_stmt *of) {
  unsigned place = 0;
  while (place < RUNNING_MOST && told[place].statement != of) place++;
  if (place == RUNNING_MOST || told[place].rows >= ROWS_TOLD) return;
  told[place].rows++;
  sqlite3_str *s = sqlite3_str_new(NULL);
  for (int i = 0; i < sqlite3_column_count(of); i++) {
    sqlite3_str_appendchar(s, 1, i ? ',' : '[');
    addColumn(s, of, i);
  }
  sqlite3_str_appendchar(s, 1, ']');
  sendSql(l, place, s);
}

/* Called for each event of a connection's trace. What a trigger does, or SQLite for itself, is no statement of the program's. */
static int tellStatement(unsigned event, void *given, void *of, void *sql) {
  Lane *l = laneHere();
  (void)given;
  if (!l || !(l->grant.flags & GRANT_SQL)) return 0;
  if (event == SQLITE_TRACE_STMT && sql && sql == sqlite3_sql(of)) tellBegun(l, of);
  else if (event == SQLITE_TRACE_ROW) tellRow(l, of);
  return 0;
}
