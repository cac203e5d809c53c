// What the report of checkpoint-race saw, and how to tell whether a run saw it too. Pure functions of the history.
//
// The report's three messages are one damage: in the board's schema page 10 is the root of kanban_notify_subs, and the two
// indexes named are all that this table has. When no page of the table can be read, it has no rows, and the entries of both
// indexes are too many; integrity_check says so in just these words.
import type { Symptom } from '../harness/model/symptom.ts';
import type { History } from '../harness/model/history.ts';
import { acknowledgedCommits } from '../harness/judge/invariants/acknowledged-commits.ts';
import { walResetInCheckpoint } from '../harness/observe/marks/wal-reset-in-checkpoint.ts';
import { seconds, type Word, wordsOf } from '../src/oracle/said.ts';
import { count } from '../harness/model/count.ts';
import { processOf } from '../harness/model/names.ts';

const minuteMs = 60_000;
/** From 13:04:34 to 13:05:04, both included. */
const lastEventsMs = 31_000;

const reportedPage = 'Tree 10 page 10: btreeInitPage() returns error code 11';
const subscriptions = 'kanban_notify_subs';
const reportedIndexes = ['idx_notify_task', `sqlite_autoindex_${subscriptions}_1`] as const;

/** The first error about the corrupt board that anybody was shown. */
function firstError({ observations }: History): Word<'corrupt-error'> | undefined {
  return wordsOf(observations, 'corrupt-error')[0];
}

function malformed(history: History): string | undefined {
  const error = firstError(history);
  if (error === undefined) return undefined;
  const { lane, nowMs, data } = error;
  return `the first error came at ${seconds(nowMs)}, to ${lane}: ${data.code}, ${data.message}`;
}

function afterHalfAnHour(history: History): string | undefined {
  const error = firstError(history);
  if (error === undefined || error.nowMs < 30 * minuteMs || error.nowMs > 60 * minuteMs) return undefined;
  return `the first error came after ${(error.nowMs / minuteMs).toFixed(1)} min`;
}

/** A lane that the plan has held up shortly before the first error: then it is the plan's when that came. */
function heldUpByPlan(history: History): string | undefined {
  const error = firstError(history);
  const held = history.strikes.find(
    ({ kind, nowMs }) =>
      kind === 'pause' && error !== undefined && nowMs <= error.nowMs && nowMs > error.nowMs - minuteMs,
  );
  return held === undefined ? undefined : `the plan holds up the checkpoint that matters at ${seconds(held.nowMs)}`;
}

/** Lines of integrity_check at the end; one row of its result may have several. */
function complaints({ autopsy }: History): readonly string[] {
  return autopsy.integrity.flatMap((row) => row.split('\n'));
}

function unreadablePages(history: History): string | undefined {
  const pages = complaints(history).filter((line) =>
    /^Tree \d+ page \d+: btreeInitPage\(\) returns error code/.test(line),
  );
  if (pages.length === 0) return undefined;
  const tables = history.autopsy.tables.flatMap(({ table, rows }) =>
    typeof rows === 'number' ? [] : [`${table} (${rows.error})`],
  );
  const unread = tables.length === 0 ? '' : `; tables that cannot be read to their end: ${tables.join(', ')}`;
  const elsewhere = pages.includes(reportedPage) ? '' : '; the report’s page is the root of its tree, these are not';
  return `integrity_check at the end: ${pages.join('; ')}${elsewhere}${unread}`;
}

function wrongEntries(history: History): string | undefined {
  const lines = complaints(history);
  const said = reportedIndexes.map((index) => `wrong # of entries in index ${index}`);
  if (!said.every((line) => lines.includes(line))) return undefined;
  const table = history.autopsy.tables.find((one) => one.table === subscriptions);
  const figures = [{ index: 'the table', rows: table?.rows }, ...(table?.indexes ?? [])].map(({ index, rows }) => {
    return `${index} ${typeof rows === 'number' ? count(rows, 'row') : (rows?.error ?? 'nothing')}`;
  });
  const missing = lines.filter((line) => /^row \d+ missing from index/.test(line)).length;
  const named = missing === 0 ? 'no row' : count(missing, 'row');
  return `integrity_check at the end: ${said.join('; ')}; it names ${named} as missing; a walk finds: ${figures.join(', ')}`;
}

/** `gateway-1` of `gateway-1/notifier` and of its worker `gateway-1.verifier-3`. */
function gatewayOf(lane: string): string {
  return processOf(lane).split('.')[0] ?? lane;
}

/** What the symptom reads, whatever the kind. */
interface Act {
  readonly kind?: string;
  readonly verdict?: string;
  readonly task?: string;
}

/** Workers that were started for a task before a step. */
function attempts({ observations }: History, task: string | undefined, before: number): number {
  return wordsOf(observations, 'spawned').filter(({ data, step }) => data.task === task && step < before).length;
}

/**
 * Three gateways at least; a completion; a task that is given up after one attempt, which only a violation of the protocol
 * does (other failures need two); a worker started after that; and a command. Of which task the report's re-spawn is, it
 * does not say.
 */
function lastEvents(history: History): string | undefined {
  const error = firstError(history);
  if (error === undefined) return undefined;
  const acts = history.observations
    .filter(({ nowMs, step }) => nowMs >= error.nowMs - lastEventsMs && step < error.step)
    .map(({ lane, nowMs, kind, data }) => ({ lane, nowMs, kind, act: (data ?? {}) as Act }));
  const told = acts.find(
    ({ kind, act }) => kind === 'notified' && act.kind === 'gave_up' && attempts(history, act.task, error.step) === 1,
  );
  const ended = acts.find(({ kind, act }) => kind === 'run-ended' && act.task === told?.act.task);
  const found = {
    complete: acts.find(({ kind, act }) => kind === 'verified' && act.verdict === 'complete'),
    gave_up: ended,
    spawn: acts.find(({ kind, nowMs }) => kind === 'spawned' && ended !== undefined && nowMs >= ended.nowMs),
    command: acts.find(({ kind }) => kind === 'cli'),
  };
  const gateways = new Set(acts.map(({ lane }) => gatewayOf(lane)).filter((name) => /^gateway-\d+$/.test(name)));
  const said = Object.entries(found).flatMap(([what, act]) =>
    act === undefined ? [] : [`${what} by ${act.lane} at ${seconds(act.nowMs)}`],
  );
  if (gateways.size < 3 || said.length < Object.keys(found).length) return undefined;
  return `in the 31 s before the first error at ${seconds(error.nowMs)} ${gateways.size} gateways act: ${said.join(', ')}`;
}

/** Which of the two suspected causes it was. */
function cause({ marks }: History): string | undefined {
  const resets = marks[walResetInCheckpoint.name] ?? 0;
  if (resets === 0) return undefined;
  return `the WAL was reset inside another connection’s checkpoint ${resets === 1 ? 'once' : `${resets} times`}`;
}

export const symptoms: readonly Symptom[] = [
  { reported: 'the database is malformed', see: malformed },
  { reported: 'this came after 30–60 min', see: afterHalfAnHour, staged: heldUpByPlan },
  { reported: reportedPage, see: unreadablePages },
  {
    reported: 'wrong # of entries in index idx_notify_task and in sqlite_autoindex_kanban_notify_subs_1',
    see: wrongEntries,
  },
  {
    reported: 'last events, of three gateways within 31 s: complete, spawn, protocol_violation → gave_up → re-spawn',
    see: lastEvents,
    staged: () => 'who is asked for what, and when, is the plan’s workload',
  },
  { reported: 'concurrent checkpoints of separate processes are the cause (the reporter’s claim)', see: cause },
  {
    reported: 'acknowledged writes are lost (documented for the WAL-reset bug; the report did not look)',
    see: (history) => acknowledgedCommits.check(history)[0]?.message,
  },
];
