// Ready invariants beyond the general ones (judge/invariants/): of progress, of size, of what a read shows. Each is a function of what
// a scenario says about itself, and works on observations that programs in any language can leave.
import { type Invariant, invariant } from '../model/invariant.ts';
import type { History, Observation } from '../model/history.ts';
import { processOf } from '../model/names.ts';
import type { Json } from '../model/values.ts';

/**
 * Of each lane that observes `kind`: from the first time on it does so again at least every so often, until it ends or the plan's end
 * comes. A wedged program is silent, and nothing else is wrong with it.
 *
 * @param options.everyMs virtual milliseconds between two at most
 * @param options.kind of the observation; default `tick`
 */
export function keepsTicking({
  everyMs,
  kind = 'tick',
}: {
  readonly everyMs: number;
  readonly kind?: string;
}): Invariant {
  return invariant(
    `${kind}-every-${everyMs}-ms`,
    'harm',
    `a lane that says \`${kind}\` says it again within ${everyMs} virtual ms, as long as it lives`,
    function* (history) {
      const ticks = history.observations.filter((one) => one.kind === kind);
      for (const [lane, said] of Map.groupBy(ticks, (one) => one.lane)) {
        const silent = longestSilence(said, endOf(history, lane));
        if (silent.ms <= everyMs) continue;
        yield {
          message: `${lane} said \`${kind}\` at ${silent.from.nowMs} ms, and then nothing for ${silent.ms} virtual ms`,
          step: silent.from.step,
        };
      }
    },
  );
}

interface Silence {
  readonly from: Observation;
  readonly ms: number;
}

/** @param said at least one */
function longestSilence(said: readonly Observation[], endMs: number): Silence {
  const silences = said.map((from, i): Silence => ({ from, ms: (said[i + 1]?.nowMs ?? endMs) - from.nowMs }));
  return silences.reduce((longest, one) => (one.ms > longest.ms ? one : longest));
}

/** Virtual ms at which a lane was asked to stop, or came to its end before that. */
function endOf({ plan, virtualMs, deaths, laneEnds }: History, lane: string): number {
  const ended = laneEnds.find((one) => one.lane === lane)?.nowMs ?? Infinity;
  const died = deaths.find(({ process }) => process === processOf(lane))?.nowMs ?? Infinity;
  return Math.min(ended, died, virtualMs, plan.parameters.horizonMs);
}

/**
 * SQLite's writes never make a file larger than so many bytes: a -wal that no checkpoint can reset grows until the disk is full.
 *
 * @param file below the world's directory, such as `app.db-wal`
 * @param bytes at most
 */
export function staysBelow(file: string, bytes: number): Invariant {
  return invariant(
    `${file.replaceAll('/', '.')}-below-${bytes}`,
    'harm',
    `${file} never gets larger than ${bytes} bytes`,
    function* ({ written }) {
      const found = written.find((one) => one.file === file);
      if (found !== undefined && found.bytes > bytes)
        yield { message: `${file} grew to ${found.bytes} bytes`, step: found.step };
    },
  );
}

/** What lanes observe of a table: keys of rows, as they write or read them. */
interface Keys {
  readonly table: string;
  readonly keys: readonly Json[];
}

/** A transaction that added rows: `began` where it was observed as `committing`, `done` where as `committed`, or never. */
interface Added {
  readonly keys: readonly string[];
  readonly began: number;
  readonly done: number;
  readonly lane: string;
}

/**
 * What a read shows was there at one moment: of each transaction all rows or none, and of none that began after another was done
 * without those of the other. For tables to which rows are only added. Lanes observe `committing` and `committed`
 * (judge/invariants/whole-transactions.ts), and `read` with the same `{ table, keys }`: all keys that the read gave.
 */
export const readsOneMoment: Invariant = invariant(
  'reads-one-moment',
  'harm',
  'what a read shows was in the database at one moment',
  function* ({ observations }) {
    const added = Map.groupBy(transactionsIn(observations), ({ table }) => table);
    for (const { kind, lane, step, data } of observations) {
      if (kind !== 'read') continue;
      const { table, keys } = data as unknown as Keys;
      const seen = new Set(keys.map((key) => JSON.stringify(key)));
      const complaint = torn(added.get(table) ?? [], seen);
      if (complaint !== undefined) yield { message: `${lane} read ${table}: ${complaint}`, step };
    }
  },
);

function transactionsIn(observations: readonly Observation[]): readonly (Added & { readonly table: string })[] {
  return observations.flatMap(({ kind, lane, step, data }, i) => {
    if (kind !== 'committing') return [];
    const { table, keys } = data as unknown as Keys;
    const told = JSON.stringify(data);
    const done = observations
      .slice(i)
      .find((one) => one.kind === 'committed' && one.lane === lane && JSON.stringify(one.data) === told);
    const texts = keys.map((key) => JSON.stringify(key));
    return [{ table, lane, keys: texts, began: step, done: done?.step ?? Infinity }];
  });
}

/** What no moment can have shown, as the end of a sentence. */
function torn(added: readonly Added[], seen: ReadonlySet<string>): string | undefined {
  let latest: Added | undefined;
  for (const one of added) {
    const shown = one.keys.filter((key) => seen.has(key)).length;
    if (shown > 0 && shown < one.keys.length)
      return `${shown} of the ${one.keys.length} rows of one transaction of ${one.lane}`;
    if (shown > 0 && one.began > (latest?.began ?? -1)) latest = one;
  }
  const missed = added.find(({ keys, done }) => done < (latest?.began ?? -1) && !keys.some((key) => seen.has(key)));
  if (latest === undefined || missed === undefined) return undefined;
  return `rows of a transaction of ${latest.lane} (step ${latest.began}), and none of one of ${missed.lane} that was done before it began (step ${missed.done})`;
}
