/*
** What the native host calls of SQLite, as a table: of the copy that is linked in, and of a second one (second-sqlite.c). What stays out:
** what the gate calls, which is the first copy's.
*/
#ifndef LOCKSTEP_SQLITE_CALLS_H
#define LOCKSTEP_SQLITE_CALLS_H
#include "sqlite3.h"

#define SQLITE_CALLS(X)                                                                                                     \
  X(backup_finish) X(backup_init) X(backup_pagecount) X(backup_remaining) X(backup_step) X(bind_blob) X(bind_double)        \
  X(bind_int64) X(bind_null) X(bind_parameter_count) X(bind_parameter_name) X(bind_text) X(busy_timeout) X(changes)         \
  X(clear_bindings) X(close) X(column_blob) X(column_bytes) X(column_count) X(column_double) X(column_name) X(column_text)  \
  X(column_type) X(db_config) X(errmsg) X(errstr) X(extended_errcode) X(extended_result_codes) X(finalize)                  \
  X(get_autocommit) X(initialize) X(last_insert_rowid) X(limit) X(open_v2) X(prepare_v2) X(prepare_v3) X(randomness)        \
  X(reset) X(step) X(total_changes) X(vfs_find) X(vfs_register)

#define MEMBER(NAME) __typeof__(sqlite3_##NAME) *NAME;
#define LINKED(NAME) .NAME = sqlite3_##NAME,

typedef struct { SQLITE_CALLS(MEMBER) } Sqlite;

/* The name of the table in a second copy. */
#define SECOND_TABLE lockstep_second_sqlite
#define SECOND_TABLE_NAME "lockstep_second_sqlite"

#endif
