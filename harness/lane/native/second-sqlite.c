/*
** A second copy of SQLite for a process of the native host: a shared library whose only name is the table of its functions, so that the
** two copies share nothing. What stays out: who loads it, and when (host.c).
*/
#include "sqlite-calls.h"

const Sqlite SECOND_TABLE = {SQLITE_CALLS(LINKED)};
