// no-wedge: after the last fault, every living gateway ticks well again within three intervals of its dispatcher, and
// every unit stays up. A watcher violates it by too many failing ticks in a row, fewer of them at its end, or by ticking
// no more; a gateway is judged by the watchers that it runs. A unit violates it by reaching its start limit, or by
// processes that one after the other do not live for an interval. The promise is the reports' own: "until the gateway
// restarts" (#31158), "respawn and add CPU/RAM pressure" (#33789). Not to tick at all is judged at any time, also while a
// fault is in force: who stands still waits for somebody, and its strategy says for how long at most (stalls.ts).
//
// A tick that was skipped is a tick, whatever the reason. But where a board is in quarantine, nobody works on it: that is
// right while it is damaged, and then no wedge; it is one when the board turns out sound, and nobody changed it any more
// for three intervals of skipped ticks. What stays out: why; and a board that was never damaged (no-false-alarm).
import type { History } from '../../harness/model/history.ts';
import { invariant } from '../../harness/model/invariant.ts';
import { failuresOf, type LoggedTick, type Watcher } from './gateway-log.ts';
import { changesFromOutside, lastFaultMs } from './disturbances.ts';
import { initialSleepMs } from '../programs/gateway/settings.ts';
import { type GatewayLife, gatewayLives } from './gateway-lives.ts';
import { seconds, type Word, wordsOf } from './said.ts';
import { isSound } from './soundness.ts';
import { heldMs, patienceOf, silencesOf } from './stalls.ts';

const intervals = 3;

/** A watcher of a gateway, and the time for which it is judged, virtual ms. */
interface WatchedLife {
  readonly life: GatewayLife;
  readonly watcher: Watcher;
  readonly ticks: readonly LoggedTick[];
  readonly fromMs: number;
  readonly untilMs: number;
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

/**
 * Four failing ticks of the dispatcher in a row are too many: more than three intervals pass until it can be well again.
 * At the end of its life three are, since it did not get well. A notifier ticks oftener: it may fail for as long a time.
 */
function* failing({ life: { gateway, intervalMs }, watcher, ticks, fromMs }: WatchedLife) {
  for (const row of failingRows(ticks.filter(({ nowMs }) => nowMs >= fromMs))) {
    const [first] = row;
    const last = row.at(-1);
    if (first === undefined || last === undefined) continue;
    const atEnd = last === ticks.at(-1);
    const number = row.reduce((sum, { repeats = 1 }) => sum + repeats, 0);
    if (number < 3 || last.nowMs - first.nowMs < (atEnd ? intervals - 1 : intervals) * intervalMs) continue;
    const message = atEnd
      ? `${gateway} is wedged: all ${number} ticks of its ${watcher} from ${seconds(first.nowMs)} on failed`
      : `${gateway} was wedged: ${number} ticks of its ${watcher} in a row failed, from ${seconds(first.nowMs)} ` +
        `to ${seconds(last.nowMs)}`;
    yield { message: `${message} (${failuresOf(row)})`, step: first.step };
  }
}

/** Longer than three intervals without a tick, and than the strategy promises to wait: in force of a fault or not. */
function* silent(
  { life: { gateway, intervalMs, upMs, upStep }, watcher, ticks, untilMs }: WatchedLife,
  history: History,
) {
  const { waitsMsMost, withoutLimit } = patienceOf(history.plan.strategy);
  for (const silence of silencesOf(ticks, { step: upStep, nowMs: upMs }, untilMs)) {
    const stoodMs = silence.untilMs - silence.fromMs - heldMs(gateway, silence, history);
    const beforeFirstMs = silence.fromMs === upMs ? initialSleepMs : 0;
    if (stoodMs <= beforeFirstMs + intervals * intervalMs + waitsMsMost) continue;
    const why = withoutLimit.length === 0 ? '' : `; ${withoutLimit.join(' and ')} waits as long as it takes`;
    const message = silence.toTheEnd
      ? `the ${watcher} of ${gateway} does not tick any more since ${seconds(silence.fromMs)}${why}`
      : `the ${watcher} of ${gateway} stood still: no tick from ${seconds(silence.fromMs)} to ` +
        `${seconds(silence.untilMs)}, and none failed${why}`;
    yield { message, step: silence.step };
  }
}

/** @param changedMs when somebody last changed the board from outside */
function* shutOut({ life: { gateway, intervalMs }, watcher, ticks, fromMs, untilMs }: WatchedLife, changedMs: number) {
  const [first] = ticks.slice(ticks.findLastIndex(({ skipped }) => skipped !== 'quarantined') + 1);
  const sinceMs = Math.max(fromMs, changedMs, first?.nowMs ?? Infinity);
  if (first === undefined || untilMs - sinceMs <= intervals * intervalMs) return;
  const message =
    `${gateway} keeps the board in quarantine: its ${watcher} has skipped every tick from ${seconds(first.nowMs)} on, ` +
    `nobody changed the board from outside after ${seconds(sinceMs)}, and at the end it is sound`;
  yield { message, step: first.step };
}

function* wedgedGateways(history: History) {
  const { plan, virtualMs, strikes, observations, autopsy } = history;
  const fromMs = lastFaultMs(strikes);
  const changes = [...changesFromOutside(history), ...wordsOf(observations, 'board-created')];
  const changedMs = isSound(autopsy) ? Math.max(0, ...changes.map(({ nowMs }) => nowMs)) : Infinity;
  for (const life of gatewayLives(history)) {
    // Nobody has a duty to tick when the plan's end has come.
    const untilMs = Math.min(life.end?.nowMs ?? virtualMs, plan.parameters.horizonMs);
    for (const watcher of life.runs) {
      const judged = { life, watcher, ticks: life.watchers[watcher], fromMs, untilMs };
      yield* failing(judged);
      yield* silent(judged, history);
      yield* shutOut(judged, changedMs);
    }
  }
}

/** A process of a unit that ended by itself. */
interface ShortLife {
  readonly process: string;
  readonly step: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Where no gateway came up to say it: dispatch_interval_seconds as reported. */
const usualIntervalMs = 60_000;

/** Rows of processes of one unit that ended too soon after their start, none of them because somebody wanted it. */
function respawns(history: Pick<History, 'observations' | 'deaths'>, unit: string, fromMs: number, shortMs: number) {
  const ends = new Map(history.deaths.map(({ process, nowMs }) => [process, nowMs]));
  const stopped = new Set<string>();
  for (const { data, nowMs } of wordsOf(history.observations, 'gateway-down')) {
    ends.set(data.gateway, nowMs);
    if (data.why === 'stop') stopped.add(data.gateway);
  }
  const rows: ShortLife[][] = [[]];
  for (const { data, step, nowMs } of wordsOf(history.observations, 'unit-started')) {
    const untilMs = ends.get(data.process);
    if (data.unit !== unit || nowMs < fromMs) continue;
    if (untilMs === undefined || untilMs - nowMs >= shortMs || stopped.has(data.process)) rows.push([]);
    else rows.at(-1)?.push({ process: data.process, step, fromMs: nowMs, untilMs });
  }
  return rows;
}

function* fallenUnits(history: History) {
  const { observations, strikes } = history;
  const fromMs = lastFaultMs(strikes);
  const intervalMs = wordsOf(observations, 'gateway-up')[0]?.data.dispatchIntervalMs ?? usualIntervalMs;
  const last = new Map<string, Word<'unit-started' | 'unit-failed' | 'unit-stopped'>>();
  for (const word of wordsOf(observations, 'unit-started', 'unit-failed', 'unit-stopped'))
    last.set(word.data.unit, word);
  for (const [unit, word] of last) {
    if (fromMs < Infinity && word.kind === 'unit-failed' && word.data.reason === 'start-limit-hit') {
      const message = `the unit ${unit} reached its start limit at ${seconds(word.nowMs)} and was not started again`;
      yield { message, step: word.step };
    }
    for (const row of respawns(history, unit, fromMs, intervalMs)) {
      const [first] = row;
      const end = row.at(-1);
      if (first === undefined || end === undefined || end.untilMs - first.fromMs < intervals * intervalMs) continue;
      const message =
        `the unit ${unit} did not stay up: from ${seconds(first.fromMs)} to ${seconds(end.untilMs)}, ${row.length} processes ` +
        `one after the other, ${first.process} to ${end.process}, ended within ${seconds(intervalMs)} of their start`;
      yield { message, step: first.step };
    }
  }
}

export const noWedge = invariant(
  'no-wedge',
  'harm',
  'after the last fault, every living gateway ticks well again within three intervals, and every unit stays up; ' +
    'none stands still for longer than that and than its strategy promises to wait',
  function* (history) {
    yield* wedgedGateways(history);
    yield* fallenUnits(history);
  },
);
