// A run of the kanban system in which nothing is wrong, for tests that break one thing in it; and short ways to say what
// was observed.
import type { Fault } from '../../harness/model/fault.ts';
import type { Autopsy, Death, History, Observation, QueryError, Strike } from '../../harness/model/history.ts';
import type { Plan } from '../../harness/model/plan.ts';
import type { Json } from '../../harness/model/values.ts';
import { historyOf, soundAutopsy as soundAutopsyOfLab } from '../../harness/testing/history.test-support.ts';
import { planOf } from '../../harness/testing/lab.test-support.ts';
import type { Said } from './said.ts';

const board = 'kanban.db';

/** What `lane` observed at a step. Virtual time is a second a step, unless said otherwise. */
export function at<K extends keyof Said>(
  step: number,
  lane: string,
  kind: K,
  data: Said[K],
  nowMs = step * 1000,
): Observation {
  return { step, lane, nowMs, kind, data: data as unknown as Json };
}

/** A transaction: `committing` at a step, `committed` at the next, and what it did after that. */
export function transaction<K extends 'claimed' | 'run-ended'>(
  step: number,
  lane: string,
  kind: K,
  data: Said[K],
): readonly Observation[] {
  const keys = { table: 'board', keys: [`event:${step}`] };
  return [at(step, lane, 'committing', keys), at(step + 1, lane, 'committed', keys), at(step + 2, lane, kind, data)];
}

export const claim = (step: number, by: string, run: number, task = 't_1') =>
  transaction(step, `${by}/dispatcher`, 'claimed', { task, run, by });
export const ended = (step: number, by: string, run: number, outcome: string, task = 't_1') =>
  transaction(step, by, 'run-ended', { task, run, by, outcome });
export const spawned = (step: number, by: string, run: number, worker: string, task = 't_1') =>
  at(step, `${by}/dispatcher`, 'spawned', { task, run, worker, by });
export const begins = (step: number, by: string) => at(step, `${by}/dispatcher`, 'dispatch-begin', { board, by });
export const ends = (step: number, by: string) => at(step, `${by}/dispatcher`, 'dispatch-end', { board, by });

export const up = (step: number, gateway: string, more: Partial<Said['gateway-up']> = {}) =>
  at(step, gateway, 'gateway-up', {
    gateway,
    profile: 'default',
    dispatchIntervalMs: 60_000,
    unit: null,
    detached: false,
    watchers: ['dispatcher', 'budget', 'notifier'],
    ...more,
  });
export const down = (step: number, gateway: string, why = 'stop') =>
  at(step, gateway, 'gateway-down', { gateway, why });
export const corruptError = (step: number, by: string, more: Partial<Said['corrupt-error']> = {}) =>
  at(step, `${by}/dispatcher`, 'corrupt-error', {
    by,
    board,
    code: 'SQLITE_CORRUPT',
    message: 'database disk image is malformed',
    ...more,
  });
export const backup = (step: number, by: string, name = `${board}.corrupt.${step}.bak`) =>
  at(step, `${by}/dispatcher`, 'backup', { by, name, bytes: 4096 });
export const quarantined = (step: number, by: string, fingerprint: string) =>
  at(step, `${by}/dispatcher`, 'quarantined', { by, board, fingerprint });
export const createdTasks = (step: number, by: string, ...tasks: readonly string[]) => [
  at(step, by, 'committing', { table: 'board', keys: tasks.map((task) => `task:${task}`) }),
  at(step + 1, by, 'committed', { table: 'board', keys: tasks.map((task) => `task:${task}`) }),
];
export const created = (step: number, by: string) => at(step, by, 'board-created', { by, board });
export const death = (process: string, step: number): Death => ({
  process,
  ending: { how: 'killed', signal: 'SIGKILL' },
  step,
  nowMs: step * 1000,
});
export const struck = (step: number, kind: string, liftedSeconds: number | null = step): Strike => ({
  fault: 0,
  kind,
  step,
  nowMs: step * 1000,
  liftedMs: liftedSeconds === null ? null : liftedSeconds * 1000,
  ...(kind === 'corrupt' && { changed: true }),
});

export const soundAutopsy: Autopsy = {
  ...soundAutopsyOfLab,
  files: [{ name: board, bytes: 106_496 }],
  tables: [{ table: 'tasks', rows: 2, indexes: [{ index: 'idx_tasks_status', rows: 2 }] }],
  queries: { board: [['task:t_1'], ['task:t_2']] },
};

/** The query of a board's rows as the autopsy leaves it where there is no such table. */
export const noTables: QueryError = { error: 'SQLITE_ERROR', rows: [] };

/** A plan under a strategy. */
export function planUnder(
  strategy: string,
  { horizonMs = 3_600_000, faults = [] }: { readonly horizonMs?: number; readonly faults?: readonly Fault[] } = {},
): Plan {
  return planOf({ strategy, parameters: { gateways: 1, horizonMs, stepsMax: 200_000 }, faults });
}

/** An hour of nothing, in which whatever a test says was observed. @param more.strategy default: the system as reported */
export function runOf(
  observations: readonly Observation[],
  { strategy = 'wal', ...more }: Partial<History> & { readonly strategy?: string } = {},
): History {
  return historyOf({
    plan: planUnder(strategy),
    virtualMs: 3_600_000,
    observations: observations.toSorted((a, b) => a.step - b.step),
    looks: [],
    autopsy: soundAutopsy,
    ...more,
  });
}
