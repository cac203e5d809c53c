// A laboratory for tests of searching, shrinking and judging: a scenario with a planted bug that only a preemption at the
// right moment brings out, amid much that has nothing to do with it. Other processes can load it (search.ts, jobs).
import { z } from 'zod';
import { PREBUILT_ENGINE } from '../engines/catalogue.ts';
import type { Fault } from '../model/fault.ts';
import type { History } from '../model/history.ts';
import { invariant } from '../model/invariant.ts';
import type { Json } from '../model/values.ts';
import { turnsChooser } from '../run/choosers/preemptions.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { violationsOf } from '../judge/judge-history.ts';
import type { ReaderArgs, Round } from './counter-programs.test-support.ts';
import { varySqlite } from './vary-sqlite.ts';
import { type Plan, planFormat } from '../model/plan.ts';
import { below, stream } from '../model/random.ts';
import type { Scenario } from '../model/scenario.ts';

const module = new URL('./counter-programs.test-support.ts', import.meta.url).href;

const round = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('add') }),
  z.strictObject({ act: z.literal('note'), bytes: z.int().min(1).max(10_000) }),
  z.strictObject({ act: z.literal('rest'), ms: z.int().min(1).max(1000) }),
]);
const workloadSchema = z.strictObject({
  writers: z.array(z.strictObject({ rounds: z.array(round).min(1) })).min(1),
  readers: z.array(z.strictObject({ times: z.int().min(1), grumbles: z.boolean().optional() })),
});

export interface CounterWorkload {
  readonly writers: readonly { readonly rounds: readonly Round[] }[];
  readonly readers: readonly ReaderArgs[];
}

export function counterWorkload(workload: Json): CounterWorkload {
  return workloadSchema.parse(workload);
}

function seen(history: History, kind: string): number {
  return history.observations.filter((one) => one.kind === kind).length;
}

function never(name: string, about: 'harm' | 'hazard', kind: string) {
  return invariant(name, about, `nobody says "${kind}"`, function* (history) {
    const first = history.observations.find((one) => one.kind === kind);
    if (first !== undefined) yield { message: `${first.lane} said it`, step: first.step };
  });
}

/** Who was killed in the middle may have added without saying so. */
const lostUpdates = invariant('no-lost-updates', 'harm', 'the counter holds all that was added', function* (history) {
  const rows = (history.autopsy.queries['counter'] ?? []) as readonly (readonly Json[])[];
  const value = Number(rows[0]?.[0] ?? 0);
  const added = seen(history, 'added');
  if (value < added) yield { message: `${added} were added, and the counter says ${value}` };
});

/** How many additions began while another one was going on. */
function overlaps(history: History): number {
  const going = new Set<string>();
  let count = 0;
  for (const { kind, lane } of history.observations) {
    if (kind === 'added') going.delete(lane);
    if (kind !== 'adding') continue;
    if (going.size > 0) count++;
    going.add(lane);
  }
  return count;
}

function generate(random: () => number): Json {
  const rounds = (): readonly Round[] =>
    Array.from({ length: 2 + below(random, 4) }, (): Round => {
      const act = below(random, 4);
      if (act === 0) return { act: 'note', bytes: 1 + below(random, 500) };
      return act === 1 ? { act: 'rest', ms: 1 + below(random, 3) } : { act: 'add' };
    });
  return {
    writers: Array.from({ length: 2 + below(random, 2) }, () => ({ rounds: rounds() })),
    readers: Array.from({ length: below(random, 3) }, () => ({ times: 1 + below(random, 4) })),
  };
}

function faults(random: () => number): readonly Fault[] {
  return [
    { kind: 'pause', at: { step: below(random, 200) }, ms: 1 + below(random, 20) },
    { kind: 'kill', at: { timeMs: 1 + below(random, 9) }, process: 'reader-1' },
  ];
}

/** Two writers or more on one counter, and readers beside them. `bare` has the bug, `atomic` has not. */
export const counter: Scenario = {
  name: 'counter',
  says: 'writers that add to a counter by reading and writing it',
  source: 'none',
  engine: PREBUILT_ENGINE,
  database: 'counter.db',
  strategies: [
    { name: 'bare', says: 'reads, then writes' },
    { name: 'atomic', says: 'reads and writes in one transaction' },
  ],
  parameters: { gateways: 1, horizonMs: 600_000, stepsMax: 200_000 },
  programs: Object.fromEntries(
    ['setup', 'writer', 'reader', 'settings'].map((name) => [name, { module, export: name }]),
  ),
  setup: () => ({ name: 'setup', program: 'setup', args: null }),
  workload: workloadSchema as unknown as Scenario['workload'],
  vary: varySqlite,
  features: [
    {
      name: 'readers',
      says: 'somebody reads',
      without: (workload) => ({ ...(workload as { readonly [key: string]: Json }), readers: [] }),
    },
  ],
  generate,
  faults,
  start: ({ workload, strategy }) => {
    const { writers, readers } = counterWorkload(workload);
    const atomic = strategy === 'atomic';
    return [
      ...writers.map(({ rounds }, i) => ({
        name: `writer-${i + 1}`,
        program: 'writer',
        args: { atomic, rounds } as unknown as Json,
      })),
      ...readers.map((args, i) => ({ name: `reader-${i + 1}`, program: 'reader', args: args as unknown as Json })),
    ];
  },
  queries: { counter: 'SELECT value FROM counter' },
  invariants: [lostUpdates, never('no-grumbles', 'harm', 'grumble'), never('no-rests', 'hazard', 'rested')],
  marks: [{ name: 'overlap', says: 'two added at once', count: overlaps }],
  window: 'overlap',
  symptoms: [],
  claims: [],
};

/** For jobs in other processes. */
export const scenarios: readonly Scenario[] = [counter];

const add: Round = { act: 'add' };
const note = (bytes: number): Round => ({ act: 'note', bytes });
const rest = (ms: number): Round => ({ act: 'rest', ms });

/** Three writers and three readers, most of whose work has nothing to do with the bug. */
export const busyWorkload: CounterWorkload = {
  writers: [
    { rounds: [note(300), add, rest(2), note(20), add, note(70)] },
    { rounds: [note(10), note(900), rest(1), add] },
    { rounds: [rest(1), note(40), note(5), rest(3), note(60), add, rest(1), add] },
  ],
  readers: [{ times: 4 }, { times: 2, grumbles: true }, { times: 3 }],
};

/** None of them brings the bug out. */
export const idleFaults: readonly Fault[] = [
  { kind: 'pause', at: { timeMs: 1 }, lane: 'reader-1', ms: 7 },
  { kind: 'kill', at: { timeMs: 2 }, process: 'reader-3' },
  { kind: 'pause', at: { lane: 'reader-2', op: 'close', nth: 1 }, ms: 30 },
];

export function counterPlan(more: Partial<Plan> = {}): Plan {
  const { name, engine, parameters } = counter;
  return {
    format: planFormat,
    scenario: name,
    strategy: 'bare',
    engine,
    parameters,
    workload: busyWorkload as unknown as Json,
    faults: [],
    preemptions: [],
    seed: 7,
    ...more,
  };
}

/** What a run of the plan violates. */
export async function violatedBy(
  coordinator: Coordinator,
  plan: Plan,
  scenario: Scenario = counter,
): Promise<readonly string[]> {
  const found = violationsOf(scenario, await coordinator.run(scenario, plan));
  return [...new Set(found.map(({ invariant: name }) => name))];
}

/** The plan under the first random schedule that loses an update. */
export async function losing(coordinator: Coordinator, plan: Plan = counterPlan()): Promise<Plan> {
  for (let run = 1; run < 500; run++) {
    const history = await coordinator.run(counter, plan, turnsChooser(stream('chooser', plan.seed, run)));
    if (lostUpdates.check(history).length > 0) return { ...plan, preemptions: history.preemptions };
  }
  throw new Error('no schedule of 500 loses an update');
}
