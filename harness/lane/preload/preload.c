/*
** The preload host: put before all other libraries of a dynamically linked program (LD_PRELOAD), it makes that program a process
** of a run. Before main() it registers the gate in the libsqlite3 that the program links, tells the coordinator that it is there,
** and enters the run; from then on what the program asks of the C library about time, chance, files of the world, threads,
** processes and signals becomes steps, or is answered by the run.
**
** It stands before the C library's functions, and tells two kinds of callers apart by where a call returns to: SQLite and the gate
** get the C library's own, since their files pass through the gate already; all others are the program. A thread that is no lane
** gets the C library's own as well.
**
** One lane runs at a time, and none may wait in the kernel for what another holds: each wait is a try that does not block, and
** where it fails, a wait at the coordinator (`await`, model/request.ts).
**
** What stays out: SQLite's own files (gate.c), and programs that ask the kernel without the C library (statically linked ones, Go).
*/
#define SQLITE_CORE
#define LOCKSTEP_COMMANDS
#include "../../gate/gate.c"

#include "calls.c"
#include "signals.c"
#include "time.c"
#include "chance.c"
#include "machine.c"
#include "places.c"
#include "files.c"
#include "ipc.c"
#include "folders.c"
#include "streams.c"
#include "threads.c"
#include "processes.c"
#include "raw.c"
#include "timers.c"
#include "sqlite.c"
#include "start.c"
