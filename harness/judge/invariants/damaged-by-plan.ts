// What the plan itself did to the bytes of the database is nobody's failure; everything else is judged as in any run. At each
// strike that changes bytes the database is copied and examined, just before and just after it (run/coordinator.ts):
// - what was wrong or missing before the strike is not its doing: the copy is judged like a disk at the end of a run;
// - what the bytes explain is what they brought about at once: lines of the checks that name the same tree, page or index,
//   rows that were there before and cannot be reached after, a file that opens with the same error.
// So a damaged table hides nothing of the others, and nothing that was lost earlier or later.
//
// A power loss is judged at once, by what is promised of acknowledged commits: what it may take away is nobody's failure, and is not
// asked for later. What stays out: kinds of faults
// that only make the programs' own writes fail; and what programs make of the damage (the system's own invariants).
import type { Autopsy, Damage, History, Observation, TableCount } from '../../model/history.ts';
import type { Durability } from '../../model/file-systems.ts';
import type { Json } from '../../model/values.ts';
import { isPresent, type KeysOfRows, rowsReadable, unreadPart } from './rows-present.ts';

/**
 * A moment at which the disk is judged.
 *
 * @property says before a sentence: when it was, where that is not the end
 * @property observations up to then; without rows that a power loss before has taken away
 * @property damages that had struck by then
 * @property promise of the power loss that has just struck, where one has
 * @property given up: a power loss where nothing is promised has left no sound database, or it is not judged at this moment
 */
export interface DiskState {
  readonly says: string;
  readonly autopsy: Autopsy;
  readonly observations: readonly Observation[];
  readonly damages: readonly Damage[];
  readonly promise?: Durability;
  readonly givenUp?: boolean;
}

/** Before each strike that changed the database, after each power loss, and the end. */
export function diskStates({ strikes, observations, autopsy }: Pick<History, 'strikes' | 'observations' | 'autopsy'>) {
  const states: DiskState[] = [];
  const damages: Damage[] = [];
  let left = observations;
  let givenUp = false;
  const untilStep = (step: number) => left.filter((one) => one.step < step);
  for (const { step, damage, powerLoss } of strikes) {
    if (damage !== undefined) {
      const says = `before the plan damaged the file at step ${step}: `;
      const state = { says, autopsy: damage.before, observations: untilStep(step), damages: [...damages], givenUp };
      if (damage.settled) states.push(state);
      damages.push(damage);
    }
    if (powerLoss === undefined) continue;
    const { promise, model, after } = powerLoss;
    const says = `after the power loss at step ${step} (${model}): `;
    givenUp ||= promise === 'nothing' && !isSound(after);
    states.push({ says, autopsy: after, observations: untilStep(step), damages: [...damages], promise, givenUp });
    left = survivingOf(left, step, after);
  }
  return [...states, { says: '', autopsy, observations: left, damages, givenUp }] satisfies readonly DiskState[];
}

function isSound({ opened, integrity, quick, tables }: Autopsy): boolean {
  const agree = tables.every(({ rows, indexes }) =>
    indexes.every((one) => one.rows === rows && !('difference' in one)),
  );
  return opened === 'ok' && [...integrity, ...quick].every((line) => line === 'ok') && agree;
}

/**
 * What was observed of rows, without those that are gone since a power loss: they were judged then, and others may have the same keys
 * later.
 *
 * @param step at which the power went
 * @param after what was left then
 */
export function survivingOf(
  observations: readonly Observation[],
  step: number,
  after: Autopsy,
): readonly Observation[] {
  return observations.map((one) => (one.step < step ? surviving(one, after) : one));
}

function surviving(one: Observation, after: Autopsy): Observation {
  if (one.kind !== 'committed' && one.kind !== 'committing') return one;
  const data = one.data as unknown as KeysOfRows;
  const present = rowsReadable(after).get(data.table) ?? new Set();
  return { ...one, data: { ...data, keys: data.keys.filter((key) => isPresent(present, key)) } };
}

/** Can the whole file not be read because of the struck bytes? It opens with the same error as just after them. */
export function unreadableByPlan({ autopsy, damages }: DiskState): boolean {
  return autopsy.opened !== 'ok' && damages.some(({ after }) => after.opened === autopsy.opened);
}

/** Lines of integrity_check and quick_check; one row of their results may have several. */
function linesOf({ integrity, quick }: Autopsy): readonly string[] {
  return [...integrity, ...quick].flatMap((row) => row.split('\n'));
}

/** What a line is about: a tree, a page that no tree has, an index. Which cell or row it names may change from day to day. */
function subjectOf(line: string): string {
  return /^Tree \d+/.exec(line)?.[0] ?? /index \S+$/.exec(line)?.[0] ?? line;
}

/** The table that the struck page belongs to, itself or by its index. */
function struckTable({ owner, before }: Damage): TableCount | undefined {
  return before.tables.find(({ table, indexes }) => table === owner || indexes.some(({ index }) => index === owner));
}

/** Indexes whose entries the struck bytes may contradict: the one that was struck, or all of a table that was. */
function struckIndexes(damage: Damage): readonly string[] {
  const table = struckTable(damage);
  if (table === undefined) return [];
  return table.table === damage.owner ? table.indexes.map(({ index }) => index) : [damage.owner ?? ''];
}

/** Lines that do not say where: that the check itself could not go on. */
const nowhere = /^(database disk image is malformed|SQLITE_CORRUPT.*)$/;

/** Is a line of the checks what the struck bytes explain? */
export function lineIsExplained(line: string, { damages }: DiskState): boolean {
  return damages.some((damage) => {
    const known = new Set(linesOf(damage.before).map(subjectOf));
    const brought = new Set(
      linesOf(damage.after)
        .map(subjectOf)
        .filter((subject) => !known.has(subject)),
    );
    const subject = subjectOf(line);
    if (brought.has(subject)) return true;
    if (nowhere.test(line)) return [...brought].some((one) => one.startsWith('Tree '));
    return struckIndexes(damage).some((index) => subject === `index ${index}`);
  });
}

/** Is what a walk of a table, or of one of its indexes, finds what the struck bytes explain? */
export function walkIsExplained(table: string, index: string, { damages }: DiskState): boolean {
  return damages.some((damage) => {
    const wasReadable = ({ tables }: Autopsy) => typeof tables.find((one) => one.table === table)?.rows === 'number';
    if (wasReadable(damage.before) && !wasReadable(damage.after)) return true;
    return struckIndexes(damage).includes(index);
  });
}

/** Did the struck bytes make rows lose their parents? */
export function orphansAreExplained({ damages }: DiskState): boolean {
  return damages.some(({ before, after }) => before.foreignKeys !== after.foreignKeys);
}

/**
 * Can a row that is not there be one that the struck bytes hide? It was there before them and could not be reached after; or
 * its table cannot be read for their sake, and there is no way past them.
 */
export function lossIsExplained(query: string, key: Json, state: DiskState): boolean {
  if (unreadableByPlan(state)) return true;
  const readable = (one: Autopsy): ReadonlySet<string> => rowsReadable(one).get(query) ?? new Set();
  const striking = state.damages.filter(
    ({ before, after }) => unreadPart(after, query, key) !== undefined && readable(after).size < readable(before).size,
  );
  const wasHidden = striking.some(
    ({ before, after }) => isPresent(readable(before), key) && !isPresent(readable(after), key),
  );
  if (wasHidden) return true;
  const unread = unreadPart(state.autopsy, query, key);
  // A table is read from both its ends, up to a damaged page: between two of them nobody gets.
  return unread !== undefined && striking.length > (unread.table === null ? 0 : 1);
}
