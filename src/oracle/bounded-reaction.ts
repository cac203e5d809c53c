// bounded-reaction: one corruption gives one error a process and one backup, and nothing grows without bound. Asked for in
// #33789 ("one backup per unchanged file fingerprint", "fail closed with ONE actionable error"); without it 7,861 backups
// in 37 h, 88,500 in 12 min, and 1000+ handles in one gateway were seen (facts/incidents.md, facts/hermes-kanban.md).
//
// A damaged state of the file is what has a fingerprint of its own, where the policy takes one. Where it takes none, the
// first error stands for one state, and whatever then changes the file from outside (a fault, a person), or makes a new
// board, for one more each. Two more bounds hold whatever the number of states: backups that lie there at the end, and
// handles of a process at a look.
import type { History } from '../../harness/model/history.ts';
import { invariant } from '../../harness/model/invariant.ts';
import { changesFromOutside } from './disturbances.ts';
import { type Word, wordsOf } from './said.ts';
import { count } from '../../harness/model/count.ts';

/** The cap of later versions (2026-07-21). */
const backupsMax = 10;
/** More than the ~40 of a gateway in good health (#30445); leaks went to 500 and beyond (#28285, #30799). */
const handlesMax = 64;

/** How many damaged states there can have been from a step on. */
function statesFrom(history: History, step: number): number {
  const changes = [...changesFromOutside(history), ...wordsOf(history.observations, 'board-created')];
  return 1 + changes.filter((change) => change.step > step).length;
}

function fingerprints(words: readonly Word<'quarantined'>[]): number {
  return new Set(words.map(({ data }) => `${data.board} ${data.fingerprint}`)).size;
}

function* errors(history: History) {
  const shown = wordsOf(history.observations, 'corrupt-error');
  const byProcess = Map.groupBy(shown, ({ data }) => `${data.by} ${data.board}`);
  const quarantined = wordsOf(history.observations, 'quarantined');
  for (const words of byProcess.values()) {
    const [first] = words;
    if (first === undefined) continue;
    const { by, board, code } = first.data;
    const own = quarantined.filter(({ data }) => data.by === by && data.board === board);
    const states = Math.max(fingerprints(own), statesFrom(history, first.step));
    if (words.length <= states) continue;
    const message =
      `${by} showed ${count(words.length, 'error')} about the corrupt ${board}, which was in ${count(states, 'state')} at ` +
      `most; the first is ${code}`;
    yield { message, step: words[states]?.step ?? first.step };
  }
}

function* backups(history: History) {
  const made = wordsOf(history.observations, 'backup');
  const [first] = made;
  if (first === undefined) return;
  const states = Math.max(fingerprints(wordsOf(history.observations, 'quarantined')), statesFrom(history, first.step));
  if (made.length <= states) return;
  const bytes = made.reduce((sum, { data }) => sum + data.bytes, 0);
  const processes = new Set(made.map(({ data }) => data.by)).size;
  const message =
    `${count(made.length, 'backup')} (${bytes} bytes) by ${processes === 1 ? first.data.by : `${processes} processes`} of ` +
    `a board that was in ${count(states, 'damaged state')} at most`;
  yield { message, step: made[states]?.step ?? first.step };
}

function* disk({ autopsy }: History) {
  const left = autopsy.files.filter(({ name }) => /\.corrupt\..*\.bak$/.test(name));
  if (left.length <= backupsMax) return;
  const bytes = left.reduce((sum, file) => sum + file.bytes, 0);
  yield { message: `${left.length} backups (${bytes} bytes) lie there at the end, more than ${backupsMax}` };
}

function* handles({ looks }: History) {
  for (const { label, step, openFiles } of looks) {
    for (const [process, { length: number }] of Map.groupBy(openFiles, (file) => file.process)) {
      if (number <= handlesMax) continue;
      yield { message: `look "${label}": ${process} holds ${number} files open, more than ${handlesMax}`, step };
    }
  }
}

export const boundedReaction = invariant(
  'bounded-reaction',
  'harm',
  'one corruption gives one error a process and one backup; handles and disk stay bounded',
  function* (history) {
    yield* errors(history);
    yield* backups(history);
    yield* disk(history);
    yield* handles(history);
  },
);
