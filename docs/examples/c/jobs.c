/* A worker of two threads that take numbers from one counter. With --fix: one transaction. cc -o jobs jobs.c -lsqlite3 -lpthread */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *name;
static int fixed;

static int must(sqlite3 *db, int rc) {
  if (rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE) fprintf(stderr, "%s: %s\n", name, sqlite3_errmsg(db));
  return rc;
}

static void take(sqlite3 *db) {
  sqlite3_stmt *read;
  char *sql;
  if (fixed) must(db, sqlite3_exec(db, "BEGIN IMMEDIATE", 0, 0, 0));
  must(db, sqlite3_prepare_v2(db, "SELECT n FROM counter", -1, &read, 0));
  must(db, sqlite3_step(read));
  int n = sqlite3_column_int(read, 0) + 1; /* what another thread adds from here on is lost */
  sqlite3_finalize(read);
  sql = sqlite3_mprintf("UPDATE counter SET n = %d; INSERT INTO log VALUES (%Q, %d)", n, name, n);
  must(db, sqlite3_exec(db, sql, 0, 0, 0));
  sqlite3_free(sql);
  if (fixed) must(db, sqlite3_exec(db, "COMMIT", 0, 0, 0));
}

static void *work(void *nothing) {
  sqlite3 *db;
  (void)nothing;
  if (sqlite3_open("jobs.db", &db) != SQLITE_OK) return 0;
  sqlite3_busy_timeout(db, 5000);
  for (int i = 0; i < 10; i++) {
    take(db);
    usleep(500000);
  }
  sqlite3_close(db);
  return 0;
}

int main(int argc, char **argv) {
  pthread_t threads[2];
  name = argc > 1 ? argv[1] : "worker";
  fixed = argc > 2 && !strcmp(argv[2], "--fix");
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], 0, work, 0);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], 0);
  return 0;
}
