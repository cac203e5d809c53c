// Sentences about acknowledged rows that are gone: which, of whom, and where their bytes went. Rows with the same fate
// share a sentence. What stays out: how the fate was found (lost-rows.ts).
import type { History } from '../model/history.ts';
import type { LostRows, Place } from './lost-rows.ts';
import type { FileTeller } from './tell-files.ts';
import { tellReset } from './tell-wal.ts';
import type { Telling } from './telling.ts';
import { listOf } from './words.ts';
import { count } from '../model/count.ts';

/** Fates that are told one by one. */
const fatesMax = 4;

export function tellRows(telling: Telling, files: FileTeller, rows: readonly LostRows[], history: History): void {
  const fates = Map.groupBy(rows, ({ place }) => place.event ?? place.kind);
  const byNumber = [...fates.values()].toSorted((a, b) => rowsIn(b) - rowsIn(a));
  for (const lost of byNumber.slice(0, fatesMax)) {
    const [first] = lost;
    if (first === undefined) continue;
    const { place } = first;
    if (place.kind === 'lost-wal' || place.kind === 'lost-database') files.lost(place.event);
    if (place.kind === 'overwritten') files.overwritten(place.event);
    if (place.kind === 'skipped') tellReset(telling, place.event);
    if (place.kind === 'headless') files.headless(place.event);
    tellStray(telling, place, history);
    telling.add(lost, {
      step: first.step,
      kind: 'rows-lost',
      sentence: sentenceOf(first, lost),
      lanes: [...new Set(lost.map(({ lane }) => lane))],
    });
  }
}

function rowsIn(lost: readonly LostRows[]): number {
  return lost.reduce((sum, { keys }) => sum + keys.length, 0);
}

function sentenceOf(first: LostRows, lost: readonly LostRows[]): string {
  const rows = rowsIn(lost);
  const last = lost.at(-1)?.step ?? first.step;
  const until = lost.length === 1 ? 'Here' : `From here to step ${last}`;
  const example = `${first.table} ${JSON.stringify(first.keys[0])}`;
  const bytes =
    first.written === undefined
      ? ''
      : `, whose pages were written at steps ${first.written.first} to ${first.written.last}`;
  return (
    `${until} COMMIT was acknowledged to ${listOf(lost.map(({ lane }) => lane))} for ${count(lost.length, 'transaction')}, ` +
    `${count(rows, 'row')} of which ${rows === 1 ? 'is' : 'are'} missing at the end: ${fateOf(first.place)}; ` +
    `the first is ${example}${bytes}.`
  );
}

function fateOf(place: Place): string {
  switch (place.kind) {
    case 'lost-wal':
    case 'lost-database':
      return `they went to the ${place.event.name} that ${place.event.lane} ${verbs[place.event.how]} at step ${place.event.step}`;
    case 'overwritten':
      return `they went to the ${place.event.name} that ${place.event.lane} wrote over at step ${place.event.step}`;
    case 'skipped':
      return `they went to frames of the new ${place.event.fresh.wal.name} that no checkpoint copied`;
    case 'headless':
      return (
        `they went to ${place.event.wal.name} behind a header that nobody had written to that file ` +
        `(frames from step ${place.event.step} on): no recovery finds them`
      );
    case 'kept':
      return `they went to ${place.event.name}, and whoever opens the database at the end does not find them`;
    default:
      return 'the trace shows no page that the lane which was told so wrote for them itself';
  }
}

const verbs = { unlinked: 'unlinked', replaced: 'replaced', renamed: 'renamed' } as const;

/** The writes that went to a file whose name was gone by then. */
function tellStray(telling: Telling, place: Place, history: History): void {
  if (place.kind !== 'lost-wal' && place.kind !== 'lost-database') return;
  tellStrayWrites(
    telling,
    history.strayWrites.filter(({ lost }) => lost.step === place.event.step),
  );
}

/** @param strays to one file, after one loss of its name, by any number of processes */
export function tellStrayWrites(telling: Telling, strays: History['strayWrites']): void {
  const [first] = strays;
  if (first === undefined) return;
  const { file, firstStep, lost } = first;
  const writes = strays.reduce((sum, one) => sum + one.writes, 0);
  telling.add(`stray ${lost.step}`, {
    step: firstStep,
    kind: 'wrote-astray',
    sentence:
      `${listOf(strays.map(({ process }) => process))} wrote on to the ${file} that ${lost.by} had ${verbs[lost.how]} at step ` +
      `${lost.step}: ${count(writes, 'write')} from here on, each with SQLITE_OK, which nobody who opens ${file} can see.`,
    lanes: strays.map(({ process }) => process),
  });
}
