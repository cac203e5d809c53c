// no-wedge: after the last fault, every living gateway ticks well again within three intervals of its dispatcher. A
// watcher violates it by too many failing ticks in a row, fewer of them at its end, or by ticking no more. What stays out: why.
import {
  failuresOf,
  type GatewayLog,
  gatewayLogs,
  type Logged,
  type LoggedTick,
  type Watcher,
  watchers,
} from '../gateway/log.ts';

const intervals = 3;
const name = 'no-wedge';

/** A place in a run, as far as it is known beforehand; an operation of a lane has neither. */
interface Address {
  readonly timeMs?: number;
  readonly step?: number;
}

/** What of a fault says when it ends: a pause by `ms`, an error by `until`, any other as soon as it strikes. */
interface Fault {
  readonly at: object;
  readonly ms?: number;
  readonly until?: object | undefined;
}

/** The part of a history that this reads. */
interface Seen {
  readonly virtualMs: number;
  readonly plan: { readonly faults: readonly Fault[] };
  readonly observations: readonly Logged[];
  readonly deaths: readonly { readonly process: string }[];
}

interface Finding {
  readonly invariant: string;
  readonly message: string;
  readonly step: number | null;
}

/**
 * When the last fault has ended, at the latest. A history does not say when faults struck: a step's time is that of the
 * first observation from it on; an operation's, and that of a step without observations after it, is never, so that
 * nothing is held against a gateway that a fault may still have struck.
 */
function lastFaultMs({ plan, observations }: Seen): number {
  const timeOf = ({ timeMs, step }: Address): number => {
    if (timeMs !== undefined) return timeMs;
    if (step === undefined) return Infinity;
    return observations.find((observation) => observation.step >= step)?.nowMs ?? Infinity;
  };
  const ends = plan.faults.map(({ at, ms = 0, until }) => {
    return Math.max(timeOf(at) + ms, until === undefined ? 0 : timeOf(until));
  });
  return Math.max(0, ...ends);
}

/** Ticks in a row that all failed: each such row, in order. */
function failingRows(ticks: readonly LoggedTick[]): readonly (readonly LoggedTick[])[] {
  const rows: LoggedTick[][] = [[]];
  for (const tick of ticks) {
    if (tick.ok) rows.push([]);
    else rows.at(-1)?.push(tick);
  }
  return rows.filter((row) => row.length > 0);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** A gateway and what to judge it by. */
interface Judged {
  readonly log: GatewayLog;
  readonly watcher: Watcher;
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Four failing ticks of the dispatcher in a row are too many: more than three intervals pass until it can be well again.
 * At the end of its life three are, since it did not get well. A notifier ticks oftener: it may fail for as long a time.
 */
function judge({ log, watcher, fromMs, untilMs }: Judged): Omit<Finding, 'invariant'> | undefined {
  const { gateway, intervalMs } = log;
  const ticks = log.watchers[watcher];
  for (const row of failingRows(ticks.filter(({ nowMs }) => nowMs >= fromMs))) {
    const [first] = row;
    const last = row.at(-1);
    if (first === undefined || last === undefined) continue;
    const atEnd = last === ticks.at(-1);
    if (row.length < 3 || last.nowMs - first.nowMs < (atEnd ? intervals - 1 : intervals) * intervalMs) continue;
    const message = atEnd
      ? `${gateway} is wedged: all ${row.length} ticks of its ${watcher} from ${seconds(first.nowMs)} on failed`
      : `${gateway} was wedged: ${row.length} ticks of its ${watcher} in a row failed, from ${seconds(first.nowMs)} ` +
        `to ${seconds(last.nowMs)}`;
    return { message: `${message} (${failuresOf(row)})`, step: first.step };
  }
  const silentFromMs = Math.max(fromMs, log.upMs, ticks.at(-1)?.nowMs ?? 0);
  if (untilMs - silentFromMs <= intervals * intervalMs) return undefined;
  const message = `the ${watcher} of ${gateway} does not tick any more since ${seconds(silentFromMs)}`;
  return { message, step: ticks.at(-1)?.step ?? null };
}

export const noWedge = {
  name,
  says: 'after the last fault, every living gateway ticks well again within three intervals',
  check(history: Seen): readonly Finding[] {
    const fromMs = lastFaultMs(history);
    const killed = new Set(history.deaths.map(({ process }) => process));
    return gatewayLogs(history.observations).flatMap((log) => {
      // One that was killed has no duty to tick; but what it did until then counts.
      const lastMs = Math.max(log.upMs, ...watchers.map((watcher) => log.watchers[watcher].at(-1)?.nowMs ?? 0));
      const untilMs = log.downMs ?? (killed.has(log.gateway) ? lastMs : history.virtualMs);
      return watchers.flatMap((watcher) => {
        const found = judge({ log, watcher, fromMs, untilMs });
        return found === undefined ? [] : [{ invariant: name, ...found }];
      });
    });
  },
};
