// The deep variant of an engine, `+shm`: SQLite's authors mark each access to the shared wal-index with
// SEH_INJECT_FAULT, a macro that outside Windows is an assertion (src/wal.c, "Structured Exception Handling"). Here
// each mark becomes a call of SQLite's own fault simulator, whose callback the gate installs through
// sqlite3_test_control(SQLITE_TESTCTRL_FAULT_INSTALL). Its result is ignored: no line of SQLite's logic changes.
// What stays out: the callback (harness/gate).

import { harnessError } from '../errors/errors.ts';

/** What the fault simulator's callback is called with at a mark. SQLite itself uses 650 for these, and no 661. */
export const SHM_MARK_CODE = 661;

const DEFINITION = /^# define SEH_INJECT_FAULT assert\( pWal->nSehTry>0 \);$/gm;
const USE = /^(?!# define).*\bSEH_INJECT_FAULT\b/gm;

/**
 * Turns the wal-index access marks of an amalgamation into calls of the fault simulator.
 *
 * @param amalgamation the text of sqlite3.c
 * @param version for the error message
 * @throws a harness error when this version has no such marks, or defines them in a way not known here
 */
export function markShmAccess(amalgamation: string, version: string): string {
  const definitions = amalgamation.match(DEFINITION)?.length ?? 0;
  const uses = amalgamation.match(USE)?.length ?? 0;
  const taken = amalgamation.includes(`sqlite3FaultSim(${SHM_MARK_CODE})`);
  if (definitions !== 1 || uses === 0 || taken) {
    throw harnessError(
      'NO_SHM_MARKS',
      `SQLite ${version} cannot be built as a deep engine: its source does not mark wal-index accesses in the way Lockstep knows (${definitions} definitions, ${uses} uses of SEH_INJECT_FAULT).`,
      `Use the plain engine ${version}, or the +shm variant of another version.`,
    );
  }
  return amalgamation.replace(DEFINITION, `# define SEH_INJECT_FAULT (void)sqlite3FaultSim(${SHM_MARK_CODE})`);
}
