// Public reports tried as scenarios, each with its right answer: which strategies fail, what is left of the failure when it is
// small, and what its explanation must say. They show what the machine can tell of systems that it was not made for.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunInterrupted } from '../../harness/errors/interrupted.ts';
import { Coordinator } from '../../harness/run/coordinator.ts';
import { explainSteps } from '../../harness/explain/explain-steps.ts';
import { StepBook } from '../../harness/explain/run-steps.ts';
import type { Scenario } from '../../harness/model/scenario.ts';
import { search } from '../../harness/search/search.ts';
import { shrink } from '../../harness/search/shrink/shrink.ts';
import { machineOf } from '../../harness/testing/lab.test-support.ts';
import { longUnless } from '../../harness/testing/long.test-support.ts';
import type { LaneBinaries } from '../../harness/run/pool.ts';
import { initLock } from './init-lock.test-support.ts';
import { schemaMemory } from './schema-memory.test-support.ts';
import { secondName } from './second-name.test-support.ts';
import { shrunkMapping } from './shrunk-mapping.test-support.ts';
import { starvedCheckpoint } from './starved-checkpoint.test-support.ts';
import { twoCopies } from './two-copies.test-support.ts';

/** All reports are of this version. */
const engine = '3.50.4';

let machine: LaneBinaries;
let coordinator: Coordinator;
beforeAll(async () => {
  machine = await machineOf(engine);
  coordinator = new Coordinator({ machine });
}, 900_000);
afterAll(() => coordinator.close());

function searched(scenario: Scenario, strategy: string, runs: number) {
  const { parameters } = scenario;
  const chooser = 'preemptions' as const;
  const scenarioModule = '';
  return search({
    scenario,
    scenarioModule,
    machine,
    coordinator,
    strategy,
    engine,
    parameters,
    seed: 1,
    chooser,
    runs,
  });
}

/** Undefined where there was no time for even one run. */
async function inTime<Result>(result: Promise<Result>): Promise<Result | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof RunInterrupted) return undefined;
    throw error;
  }
}

/** What a blind search finds, what is left of it, and why. */
async function failing(scenario: Scenario, strategy: string, runs: number, shrinkMs: number) {
  const { plan, violations: found } = await searched(scenario, strategy, runs);
  if (plan === undefined) throw new Error(`${scenario.name} passes under ${strategy}`);
  // A busy machine may need more than it is given.
  for (let timeMs = shrinkMs; ; timeMs *= 2) {
    const witness = new StepBook();
    const shrunk = await inTime(shrink({ coordinator, scenario, plan, timeMs, byChanceRuns: 20, witness }));
    if (shrunk?.last === undefined) continue;
    const facts = explainSteps(witness.steps, shrunk.last, scenario.invariants);
    return {
      found: found.map(({ message }) => message),
      left: shrunk.violations.map(({ invariant, message }) => `${invariant}: ${message}`),
      invariants: [...new Set(shrunk.violations.map(({ invariant }) => invariant))],
      told: facts.flatMap(({ kind, sentence }) => (kind === 'violation' ? [] : [sentence])),
    };
  }
}

const timeout = 300_000;

/**
 * Violated in the end, by the invariants' names; what it says of the first of them; and what must be among the sentences.
 */
interface Right {
  readonly strategy: string;
  readonly runs: number;
  readonly invariants: readonly string[];
  readonly left: RegExp;
  readonly told: readonly RegExp[];
}

const holderTold = /^gateway-\d+ was refused the flock on app\.db\.init\.lock .*: holder had taken it at step \d+/;
const makerTold = /^gateway-\d+ was refused the flock on app\.db\.init\.lock .*: gateway-\d+ had taken it at step \d+/;
const nameTold =
  /^janitor opened alias\.db, which is the same file as cache\.db\. .* cache\.db-journal, to which worker had written/;
const overTold = /^sibling wrote over app\.db: other bytes in the same file, while reader had it open\.$/;
const copiesTold = /^backup copied app\.db to backup\.db .* and app\.db-wal to backup\.db-wal .*; meanwhile writer-\d/;
const readersTold = /^checkpointer was refused READ\d on app\.db \d+ times .*: seat-\d+ had taken it at step \d+/;

const failures: readonly (readonly [Scenario, readonly Right[]])[] = [
  [
    initLock,
    [
      {
        strategy: 'blocking',
        runs: 40,
        invariants: ['ticks-on'],
        left: /gateway-\d+ (was|is) silent/,
        told: [holderTold, /^gateway-\d+ said tick/],
      },
      {
        strategy: 'bounded',
        runs: 40,
        invariants: ['no-refusal'],
        left: /verdicts of corruption/,
        told: [makerTold, /said refused/],
      },
    ],
  ],
  [
    schemaMemory,
    [
      {
        strategy: 'path-memory',
        runs: 20,
        invariants: ['acknowledged-commits', 'ticks-again'],
        left: /acknowledged rows are gone/,
        told: [/^person unlinked app\.db/, /^ticker-\d met an error, and said tick: .*no such table: t/],
      },
      {
        strategy: 'sentinel-table',
        runs: 20,
        invariants: ['acknowledged-commits'],
        left: /acknowledged rows are gone/,
        told: [/^person unlinked app\.db/],
      },
    ],
  ],
  [
    secondName,
    ['alias', 'alias-checked'].map((strategy) => ({
      strategy,
      runs: 40,
      invariants: ['whole-read'],
      left: strategy === 'alias' ? /old rows and \d+ new ones/ : /malformed/,
      told: [nameTold, /^janitor said read/],
    })),
  ],
  [
    twoCopies,
    ['two-copies', 'two-copies-at-once', 'in-pieces'].map((strategy) => ({
      strategy,
      runs: 134,
      invariants: ['acknowledged-commits'],
      left: /acknowledged rows are gone/,
      told: [copiesTold],
    })),
  ],
  [
    shrunkMapping,
    [
      {
        strategy: 'rewrite',
        runs: 20,
        invariants: ['lanes-end'],
        left: /reader died of SIGBUS/,
        told: [overTold, /^reader died of SIGBUS/],
      },
      {
        strategy: 'rewrite-no-mmap',
        runs: 20,
        invariants: ['lanes-end'],
        left: /SQLITE_CORRUPT/,
        told: [overTold, /^reader met SQLITE_CORRUPT/],
      },
    ],
  ],
  [
    starvedCheckpoint,
    ['none', 'truncate-escalation', 'age-cap'].map((strategy) => ({
      strategy,
      runs: 3,
      invariants: ['wal-bounded'],
      left: /the WAL has over 400 frames/,
      told: [readersTold, /^checkpointer said checkpoint/],
    })),
  ],
];

/** These take a minute on a busy machine. */
const slow: ReadonlySet<string> = new Set(['truncate-escalation', 'age-cap', 'in-pieces', 'alias']);
/** One of each report; of `starved-checkpoint` none is quick. */
const isQuick = (strategy: string, at: number): boolean => at === 0 && !slow.has(strategy) && strategy !== 'none';

describe.each(failures.map(([scenario, rights]) => ({ name: scenario.name, scenario, rights })))(
  '$name',
  ({ scenario, rights }) => {
    for (const [at, { strategy, runs, invariants, left, told }] of rights.entries())
      test(`${strategy} fails, and says why`, { ...longUnless(isQuick(strategy, at)), timeout }, async () => {
        const outcome = await failing(scenario, strategy, runs, slow.has(strategy) ? 15_000 : 2500);
        expect(outcome.invariants).toEqual(expect.arrayContaining([...invariants]));
        expect(outcome.left).toContainEqual(expect.stringMatching(left));
        for (const sentence of told) expect(outcome.told).toContainEqual(expect.stringMatching(sentence));
      });
  },
);

test('a fix that cures the wedge, and not the loss, violates the one and not the other', { timeout }, async () => {
  const { violations } = await searched(schemaMemory, 'sentinel-table', 20);
  expect(new Set(violations.map(({ invariant }) => invariant))).toEqual(new Set(['acknowledged-commits']));
});

describe('passes', () => {
  type Passing = readonly [Scenario, string, number];
  const passing: readonly Passing[] = [
    [secondName, 'own-name', 20],
    [twoCopies, 'two-copies-no-checkpoint', 20],
    [shrunkMapping, 'build-aside', 10],
  ];
  const passingLong: readonly Passing[] = [
    [initLock, 'bounded-skip', 60],
    [twoCopies, 'vacuum-into', 60],
    [shrunkMapping, 'truncate-checkpoint', 20],
    [shrunkMapping, 'passive', 20],
    [starvedCheckpoint, 'age-cap-and-gap', 6],
  ];
  for (const one of [...passing, ...passingLong]) {
    const [scenario, strategy, runs] = one;
    test(`${scenario.name}: ${strategy}, ${runs} runs`, { ...longUnless(passing.includes(one)), timeout }, async () => {
      const { violations, marks } = await searched(scenario, strategy, runs);
      expect(violations).toEqual([]);
      expect(marks[scenario.window]).toBeGreaterThan(0);
    });
  }
});
