/* The canary as anybody would write it in C: nothing in it knows of Lockstep. Like wal-reset.program.ts, row for row. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail(sqlite3 *db, const char *what) {
  fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
  exit(1);
}

static void run(sqlite3 *db, const char *sql) {
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail(db, sql);
}

static void rest(int most_ms) { usleep((useconds_t)(1 + rand() % most_ms) * 1000); }

static void write_pairs(sqlite3 *db, const char *name, int transactions, int payload_bytes, int autocheckpoint, int sleep_ms) {
  sqlite3_stmt *insert;
  char *payload = malloc((size_t)payload_bytes + 1);
  memset(payload, 'x', (size_t)payload_bytes);
  payload[payload_bytes] = 0;
  run(db, "PRAGMA synchronous=NORMAL");
  sqlite3_wal_autocheckpoint(db, autocheckpoint);
  if (sqlite3_prepare_v2(db, "INSERT INTO t(writer, n, payload) VALUES(?, ?, ?)", -1, &insert, NULL)) fail(db, "prepare");
  for (int i = 0; i < transactions; i++) {
    run(db, "BEGIN IMMEDIATE");
    for (int n = 2 * i; n < 2 * i + 2; n++) {
      sqlite3_bind_text(insert, 1, name, -1, SQLITE_STATIC);
      sqlite3_bind_int(insert, 2, n);
      sqlite3_bind_text(insert, 3, payload, -1, SQLITE_STATIC);
      if (sqlite3_step(insert) != SQLITE_DONE) fail(db, "insert");
      sqlite3_reset(insert);
    }
    run(db, "COMMIT");
    rest(sleep_ms);
  }
  sqlite3_finalize(insert);
  free(payload);
}

int main(int argc, char **argv) {
  sqlite3 *db;
  srand((unsigned)getpid());
  if (argc < 4 || sqlite3_open("board.db", &db) != SQLITE_OK) return 2;
  sqlite3_busy_timeout(db, 60000);
  if (!strcmp(argv[1], "checkpointer")) {
    sqlite3_wal_autocheckpoint(db, 0);
    for (int i = 0; i < atoi(argv[2]); i++) {
      run(db, "PRAGMA wal_checkpoint(PASSIVE)");
      rest(atoi(argv[3]));
    }
  } else {
    if (argc < 6) return 2;
    write_pairs(db, argv[1], atoi(argv[2]), atoi(argv[3]), atoi(argv[4]), atoi(argv[5]));
  }
  return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
