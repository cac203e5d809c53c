// What the report of corrupt-board-storm saw, and how to tell whether a run saw it too. Pure functions of the history. What
// stays out: what is in the backups; the examiner opens the live database only.
import type { Symptom } from '../harness/model/symptom.ts';
import type { History } from '../harness/model/history.ts';
import { boardCode } from '../src/board-file/board-error.ts';
import { ledgerName } from '../src/programs/board/write-txn.ts';
import { gatewayLogs } from '../src/oracle/gateway-log.ts';
import { seconds, type Word, wordsOf } from '../src/oracle/said.ts';
import { count } from '../harness/model/count.ts';
import { isSound, keysAtEnd } from '../src/oracle/soundness.ts';
import { withinStartLimit } from '../src/programs/supervisor/restart-policy.ts';
import { unitFile } from '../src/programs/supervisor/settings.ts';

/** Backups that one reporter counted, and in how long: 7,861 in 37 h. */
const fieldPerMinute = 7861 / (37 * 60);

/** StartLimitIntervalSec= and StartLimitBurst= of the unit file before they were taken out of it. */
const earlierLimit = { startLimitIntervalMs: 600_000, startLimitBurst: 5 };

/** KanbanDbCorruptError: a process refused the board. */
function refusals({ observations }: History): readonly Word<'corrupt-error'>[] {
  return wordsOf(observations, 'corrupt-error').filter(({ data }) => data.code === boardCode.corrupt);
}

function failedTicks({ observations }: History, meant: (tick: Word<'tick-failed'>['data']) => boolean) {
  return wordsOf(observations, 'tick-failed').filter(({ data }) => meant(data));
}

/** `gateway-1 3 times, gateway-2 once`, in the order of the first. */
function tally(names: readonly string[]): string {
  const times = (n: number) => (n === 1 ? 'once' : `${n} times`);
  return [...Map.groupBy(names, (name) => name)].map(([name, all]) => `${name} ${times(all.length)}`).join(', ');
}

function refusedByAll(history: History): string | undefined {
  const logs = gatewayLogs(history.observations);
  const profileOf = new Map(logs.map(({ gateway, profile }) => [gateway, profile]));
  const refused = refusals(history).filter(({ data }) => profileOf.has(data.by));
  const profiles = refused.map(({ data }) => profileOf.get(data.by) ?? '');
  const [first] = refused;
  if (first === undefined || new Set(profiles).size < new Set(profileOf.values()).size) return undefined;
  return `from ${seconds(first.nowMs)} on ${tally(profiles)}: ${JSON.stringify(first.data.message)}`;
}

function rowidOutOfOrder(history: History): string | undefined {
  for (const { data, nowMs } of refusals(history)) {
    const said = /Tree \d+ page \d+ cell \d+: Rowid \d+ out of order/.exec(data.message ?? '')?.[0];
    if (said !== undefined)
      return `the health guard of ${data.by} at ${seconds(nowMs)}: integrity_check returned "${said}"`;
  }
  return undefined;
}

/** The damage is the plan's; what is seen of it is that the guard finds it. */
function rowsSwappedByPlan({ plan, strikes }: History): string | undefined {
  const struck = strikes.find(({ fault, changed }) => {
    const spec = plan.faults[fault];
    return changed === true && spec?.kind === 'corrupt' && spec.how === 'rowid-out-of-order';
  });
  return struck === undefined ? undefined : `the plan swaps two rows in the file (${struck.note ?? ''})`;
}

function diskIoError(history: History): string | undefined {
  const failed = failedTicks(
    history,
    ({ code, message }) => code.startsWith('SQLITE_IOERR') && message === 'disk I/O error',
  );
  const [first] = failed;
  if (first === undefined) return undefined;
  const codes = [...new Set(failed.map(({ data }) => data.code))].join(', ');
  return `${count(failed.length, 'tick')}, from ${seconds(first.nowMs)} on: ${tally(failed.map(({ data }) => data.gateway))} (${codes})`;
}

function noSuchTable(table: string): (history: History) => string | undefined {
  return (history) => {
    const failed = failedTicks(history, ({ message }) => message === `no such table: ${table}`);
    const [first] = failed;
    if (first === undefined) return undefined;
    const { gateway, lane, statement } = first.data;
    return (
      `${count(failed.length, 'tick')} of a ${[...new Set(failed.map(({ data }) => data.lane))].join(' and a ')} failed so; ` +
      `the first is the ${lane}’s of ${gateway} at ${seconds(first.nowMs)}, in ${statement}`
    );
  };
}

/** Faster than in the field, and none of the attempts without a backup of its own. */
function backupEachAttempt(history: History): string | undefined {
  const refused = refusals(history);
  const made = wordsOf(history.observations, 'backup');
  const [first] = made;
  const last = made.at(-1);
  if (first === undefined || last === undefined || made.length < refused.length) return undefined;
  const minutes = (last.nowMs - first.nowMs) / 60_000;
  const perMinute = made.length / minutes;
  if (minutes < 1 || perMinute < fieldPerMinute) return undefined;
  const bytes = made.reduce((sum, { data }) => sum + data.bytes, 0);
  return (
    `${refused.length} refusals, ${made.length} backups of ${bytes} bytes in all within ${seconds(last.nowMs - first.nowMs)}: ` +
    `${perMinute.toFixed(1)} a minute (in the field ${fieldPerMinute.toFixed(1)}: 7,861 in 37 h)`
  );
}

/** When the limit that the unit file once had would have stopped a unit, and how often it was started in all. */
function respawns(history: History): string | undefined {
  const file = { ...unitFile({ name: '', program: '', args: null }), ...earlierLimit };
  if (wordsOf(history.observations, 'unit-failed').length > 0) return undefined;
  const killed = history.strikes.find(({ kind }) => kind === 'oom');
  const starts = wordsOf(history.observations, 'unit-started');
  const units = [...Map.groupBy(starts, ({ data }) => data.unit)].map(([unit, started]) => {
    const timesMs = started.map(({ nowMs }) => nowMs);
    return { unit, timesMs, refusedMs: timesMs.find((ms, i) => !withinStartLimit(file, timesMs.slice(0, i), ms)) };
  });
  const stopped = units.find(({ refusedMs }) => refusedMs !== undefined);
  if (killed === undefined || stopped === undefined) return undefined;
  return (
    `from the OOM kill at ${seconds(killed.nowMs)} on no limit stops a unit: ` +
    `${units.map(({ unit, timesMs }) => `${unit} started ${timesMs.length} times`).join(', ')}; with the earlier limit of ` +
    `5 starts in 600 s ${stopped.unit} would have stayed down at ${seconds(stopped.refusedMs ?? 0)}`
  );
}

/** Tasks that were acknowledged up to a step. */
function tasksUntil({ observations }: History, step: number): readonly string[] {
  return wordsOf(observations, 'committed')
    .filter((word) => word.step <= step && word.data.table === ledgerName)
    .flatMap(({ data }) => data.keys.filter((key) => key.startsWith('task:')));
}

function validButEmpty(history: History): string | undefined {
  const { observations, autopsy } = history;
  const tasks = tasksUntil(history, Infinity);
  const atEnd = keysAtEnd(autopsy);
  const isEmpty = isSound(autopsy) && !tasks.some((task) => atEnd?.has(task));
  const left = autopsy.files.filter(({ name }) => name.endsWith('.bak'));
  const [made] = wordsOf(observations, 'backup');
  const saved = tasksUntil(history, made?.step ?? 0).length;
  if (!isEmpty || left.length === 0 || saved === 0) return undefined;
  return (
    `at the end integrity_check says ${autopsy.integrity.join()}, and of ${count(tasks.length, 'task')} none is there; ` +
    `${count(left.length, 'backup')} lie beside it, of a board that had ${count(saved, 'task')} when the first was made`
  );
}

/** Where the plan has the board taken away, that there is an empty one afterwards is no finding. */
function takenAwayByPlan({ observations }: History): string | undefined {
  const swap = observations.findLast(({ kind }) => kind === 'replaced');
  return swap === undefined
    ? undefined
    : `the plan has the board moved away, by ${swap.lane} at ${seconds(swap.nowMs)}`;
}

export const symptoms: readonly Symptom[] = [
  {
    reported: 'KanbanDbCorruptError from all three gateways (default, jimmy, franky): each refuses to open the board',
    see: refusedByAll,
  },
  {
    reported: "integrity_check returned '*** in database main *** Tree 2 page 2 cell 6: Rowid 14 out of order'",
    see: rowidOutOfOrder,
    staged: rowsSwappedByPlan,
  },
  { reported: 'sqlite3.OperationalError: disk I/O error', see: diskIoError },
  { reported: 'no such table: tasks', see: noSuchTable('tasks') },
  {
    reported: 'kanban notifier tick failed: no such table: kanban_notify_subs',
    see: noSuchTable('kanban_notify_subs'),
  },
  { reported: 'every attempt backs the same file up once more, without end', see: backupEachAttempt },
  { reported: 'Restart=always without a start limit: the units respawn after each OOM kill', see: respawns },
  {
    reported: 'after recovery the live database is valid but empty, while backups hold the data',
    see: validButEmpty,
    staged: takenAwayByPlan,
  },
];
