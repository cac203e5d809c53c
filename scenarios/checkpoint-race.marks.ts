// The window of checkpoint-race, seen as a run goes on.
import { type Operation, operations } from '../harness/model/operations.ts';
import { parseObserved } from '../harness/model/observation.ts';
import { processOf } from '../harness/model/names.ts';
import type { WatchedMark } from '../harness/model/scenario.ts';
import type { TraceStep } from '../harness/model/step.ts';
import { board } from '../src/policies/leader-scope/board.ts';
import { database } from './kanban/processes.ts';

/** Said by a person, who has no connection, and by the harness. */
const noActs: ReadonlySet<string> = new Set(['operator', 'quiet']);

/** What a process does without any file, or with one that it does not look at. */
const elsewhere: ReadonlySet<Operation> = new Set([
  'name',
  'start',
  'busySleep',
  'randomness',
  'time',
  'mark',
  'step',
  'sleep',
  'ask',
  'fault',
  'disconnect',
  'tell',
  'quiet',
  'refused',
  'exec',
]);

/** Is it the board, a sidecar, or a lock file that who reads or writes the board waits for? That of the dispatchers is none. */
function isBoards(file: string): boolean {
  if (file.startsWith(`${database}.`)) return file.endsWith('.lock') && file !== board.lockFile(database);
  return file === database || file.startsWith(`${database}-`);
}

/**
 * What both suspected causes need, and what no fix takes away: in WAL mode a checkpoint is part of COMMIT, and with a
 * rollback journal COMMIT writes the database. Whether the other process gets in, or waits, is for the fix to decide: a try
 * for a lock that is refused is an act as well, and where one process has the board for all others, so is what they say.
 */
export const actedInsideCommit: WatchedMark = {
  name: 'acted-inside-commit',
  says: 'a process acted, at the board or at a lock on it, while another stood in the middle of COMMIT, the checkpoint in it included',
  at: operations.filter((operation) => !elsewhere.has(operation)),
  watch: () => {
    /** Lanes in a COMMIT that nobody has acted inside so far. */
    const committing = new Set<string>();
    return (step) => {
      if (committing.size === 0 && step.op !== 'observe') return false;
      if (step.op === 'end') {
        for (const lane of endedBy(step, committing)) committing.delete(lane);
        return false;
      }
      const said = step.op === 'observe' ? parseObserved(step.text ?? '').kind : undefined;
      if (said !== undefined && noActs.has(said)) return false;
      if (said === undefined && !isBoards(step.file ?? '')) return false;
      if (said !== undefined) committing.delete(step.lane);
      const interrupted = [...committing].filter((lane) => processOf(lane) !== processOf(step.lane));
      for (const lane of interrupted) committing.delete(lane);
      if (said === 'committing') committing.add(step.lane);
      return interrupted.length > 0;
    };
  },
};

/** The death of a whole process stands under one of its lanes. */
function endedBy({ lane, injected }: TraceStep, lanes: ReadonlySet<string>): readonly string[] {
  if (injected !== true) return [lane];
  return [...lanes].filter((one) => processOf(one) === processOf(lane));
}
