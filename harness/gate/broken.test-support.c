/*
** A loadable extension with the two kinds of error that the sanitizers must report: the negative control of
** sanitize.test.ts. Without it, a set-up that sees nothing would pass for a clean gate.
*/
#include "sqlite3ext.h"
static SQLITE_EXTENSION_INIT1
#include <limits.h>
#include <stdlib.h>

/* broken_heap(n): writes byte n of a buffer of 8. */
static void heap(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  /* Twice volatile: the write must happen, and its target's size is hidden, so that AddressSanitizer has to notice. */
  volatile char *volatile buffer = malloc(8);
  if (buffer) buffer[sqlite3_value_int(v[0])] = 1;
  free((char *)buffer);
  sqlite3_result_int(c, 1);
}

/* broken_sum(n): adds n to the largest int. */
static void sum(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  sqlite3_result_int(c, INT_MAX + sqlite3_value_int(v[0]));
}

int sqlite3_broken_init(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
  (void)error;
  SQLITE_EXTENSION_INIT2(api);
  sqlite3_create_function(db, "broken_sum", 1, SQLITE_UTF8, NULL, sum, NULL, NULL);
  return sqlite3_create_function(db, "broken_heap", 1, SQLITE_UTF8, NULL, heap, NULL, NULL);
}
