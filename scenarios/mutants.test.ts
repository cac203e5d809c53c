// Whether the search has gone blind: each fix has mutants, which are the fix as a bad patch would make it, and runs must catch
// every one of them where the fix itself passes. What stays out: the system as reported, which the scenarios' own tests
// catch.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { violationsOf } from '../harness/judge/judge-history.ts';
import { readPlan } from '../harness/search/plan-file.ts';
import { Runner } from '../harness/search/runner.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { hasServer } from '../harness/postgres/server.test-support.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { asReported, behaviourOf, policies, type Policies } from '../src/policies/catalogue.ts';
import { strategies } from '../src/strategies/catalogue.ts';
import { parseStrategy, StrategyError } from '../src/strategies/parse.ts';
import { mutants, nameOf, withoutMutants } from '../src/testing/mutants/catalogue.test-support.ts';
import { forgetMutants, registerMutants } from '../src/testing/mutants/register.test-support.ts';
import { checkpointRace } from './checkpoint-race.ts';
import * as stages from './mutants.test-support.ts';
import { walGenerationSplit } from './wal-generation-split.ts';
import * as replaced from './replaced.test-support.ts';
import { walUnlinkWedge } from './wal-unlink-wedge.ts';
import { longUnless } from '../harness/testing/long.test-support.ts';

/**
 * Where a mutant is caught.
 *
 * @property beside strategies that the fix needs beside it to pass there
 * @property by invariants of which the mutant violates at least one, and the fix none
 */
interface Case {
  readonly mutant: string;
  readonly beside?: string;
  readonly at: Scenario;
  readonly by: readonly string[];
}

function fixOf({ mutant }: Case): string {
  return mutant.split('!')[0] ?? mutant;
}

/** After so many runs that find nothing a search counts as blind. Most mutants take one or two, none took more than ten. */
const runsMax = 60;

/** Two minutes of the incident. */
const wedgeSoon: Scenario = { ...walUnlinkWedge, parameters: { ...walUnlinkWedge.parameters, horizonMs: 120_000 } };

/** With the SQLite of the first reports, where a raw read is enough, and without pauses between look and commit. */
const splitEarly: Scenario = { ...walGenerationSplit, engine: '3.50.4', faults: () => [] };

const searches: readonly Case[] = [
  { mutant: 'safe-read!probe-back', at: wedgeSoon, by: ['acknowledged-commits', 'no-wedge'] },
  { mutant: 'safe-read!asks-first', at: stages.slowHelpers, by: ['locks-held'] },

  ...['delete', 'truncate', 'persist'].map((fix): Case => {
    return { mutant: `${fix}!stays-wal`, beside: 'safe-read', at: stages.takenAway, by: ['no-stray-writes'] };
  }),
  { mutant: 'delete!in-memory', beside: 'safe-read', at: stages.killedAtWrite, by: ['integrity'] },
  { mutant: 'no-reissue!asks-in-vain', beside: 'safe-read', at: stages.passingError, by: ['mode-kept'] },
  { mutant: 'no-downgrade!falls-back', beside: 'safe-read', at: stages.passingError, by: ['mode-kept'] },

  { mutant: 'shared!closes', at: stages.besideTick, by: ['acknowledged-commits', 'locks-held'] },
  { mutant: 'shared!one-a-thread', at: stages.besideTick, by: ['acknowledged-commits', 'locks-held'] },
  { mutant: 'sentinel!not-pinned', beside: 'safe-read', at: stages.betweenTicks, by: ['always-open'] },
  {
    mutant: 'participants!all-connect',
    beside: 'safe-read',
    at: stages.idleGateway,
    by: ['only-dispatchers-open'],
  },

  {
    mutant: 'flock-write!on-the-database',
    beside: 'safe-read',
    at: stages.besideTick,
    by: ['acknowledged-commits', 'locks-held'],
  },
  { mutant: 'flock-session!not-taken', at: stages.besideTick, by: ['acknowledged-commits', 'locks-held'] },
  {
    mutant: 'flock-session!transaction-only',
    at: stages.besideTick,
    by: ['acknowledged-commits', 'locks-held'],
  },
  { mutant: 'flock-session!on-the-database', at: stages.besideTick, by: ['locks-held'] },
  { mutant: 'ofd-guard!first-only', at: wedgeSoon, by: ['acknowledged-commits', 'no-wedge'] },
  { mutant: 'generation-guard!looks-away', beside: 'fchmod', at: splitEarly, by: ['acknowledged-commits'] },
  { mutant: 'chmod-by-path!by-descriptor', beside: 'safe-read', at: splitEarly, by: ['no-deleted-files'] },
  { mutant: 'version-gate!stays-wal', beside: 'safe-read', at: stages.takenAway, by: ['no-stray-writes'] },
  { mutant: 'bounded-init!not-taken', beside: 'safe-read', at: stages.noBoardYet, by: ['made-once'] },
  { mutant: 'blocking-init!not-taken', beside: 'safe-read', at: stages.noBoardYet, by: ['made-once'] },
  { mutant: 'full-sync!not-taken', beside: 'safe-read', at: stages.noBoardYet, by: ['made-once'] },

  ...['leader', 'leader-open', 'leader-root'].map((fix): Case => {
    return {
      mutant: `${fix}!not-asked`,
      beside: 'safe-read',
      at: stages.twoGateways,
      by: ['one-dispatcher'],
    };
  }),
  { mutant: 'leader!on-the-database', beside: 'safe-read', at: stages.leaking, by: ['locks-held'] },
  { mutant: 'leader!fails-open', beside: 'safe-read', at: stages.lockUnopenable, by: ['one-dispatcher'] },
  { mutant: 'proxy!not-sent', at: stages.besideTick, by: ['one-dispatcher'] },

  ...(hasServer ? ['postgres', 'postgres-serializable'] : []).map((fix): Case => {
    return { mutant: `${fix}!blind-claim`, at: stages.twoGateways, by: ['one-claim'] };
  }),

  ...(hasServer
    ? [
        { how: 'listens-late', by: 'told-soon' },
        { how: 'never-looks', by: 'no-wedge' },
      ]
    : []
  ).map(({ how, by }): Case => ({ mutant: `postgres-notify!${how}`, at: stages.toldWhenDone, by: [by] })),

  { mutant: 'guard!lets-in', beside: 'safe-read', at: stages.fromShell, by: ['no-orphan'] },
  { mutant: 'adopt!spares', beside: 'safe-read', at: stages.fromShell, by: ['no-orphan'] },
  { mutant: 'adopt!gives-way', beside: 'safe-read', at: stages.unitComesLater, by: ['no-wedge'] },
  { mutant: 'adopt-refuse!lets-in', beside: 'safe-read', at: stages.fromShell, by: ['no-orphan'] },
  { mutant: 'watchdog!asleep', beside: 'safe-read', at: stages.fromShell, by: ['no-orphan'] },

  { mutant: 'quarantine!goes-on', beside: 'safe-read', at: stages.damagedBoard, by: ['no-wedge'] },
  {
    mutant: 'quarantine!copies-each-time',
    beside: 'safe-read',
    at: stages.damagedBoard,
    by: ['bounded-reaction'],
  },
  { mutant: 'quarantine!moves-aside', beside: 'safe-read', at: stages.damagedBoard, by: ['no-silent-loss'] },
  {
    mutant: 'quarantine!makes-anew',
    beside: 'safe-read',
    at: stages.damagedAndTakenAway,
    by: ['no-silent-loss'],
  },
  {
    mutant: 'quarantine!never-lifted',
    beside: 'safe-read',
    at: stages.damagedAndRestored,
    by: ['no-wedge'],
  },
  {
    mutant: 'quarantine!copies-beside',
    beside: 'safe-read',
    at: stages.damagedInTick,
    by: ['locks-held'],
  },

  { mutant: 'identity!not-asked', beside: 'safe-read', at: replaced.takenInATick, by: ['told-where-it-is'] },
  {
    mutant: 'identity-commit!not-at-commit',
    beside: 'safe-read',
    at: replaced.takenInACommit,
    by: ['on-the-board'],
  },
  { mutant: 'leader-memory!own-alone', beside: 'safe-read', at: replaced.takenAwayLate, by: ['no-silent-loss'] },
  { mutant: 'registry!forgotten', beside: 'safe-read', at: replaced.takenAwayLate, by: ['no-silent-loss'] },
  { mutant: 'snapshots!not-compared', beside: 'safe-read', at: replaced.putBackLate, by: ['no-silent-loss'] },
  ...['not-compared', 'not-written'].map((how): Case => {
    return {
      mutant: `recovery!${how}`,
      beside: 'delete+safe-read',
      at: replaced.putBackOlder,
      by: ['no-silent-loss'],
    };
  }),
  {
    mutant: 'recovery!not-taken-back',
    beside: 'delete+safe-read',
    at: replaced.failingCommit,
    by: ['no-silent-loss'],
  },
  // False rescues: what comes back twice, and what is older than what was there. What was rolled back is not-taken-back's.
  ...['written-twice', 'snapshot-alone'].map((how): Case => {
    return {
      mutant: `recovery!${how}`,
      beside: 'delete+safe-read',
      at: replaced.replacedAnyhow,
      by: ['no-silent-loss'],
    };
  }),
  // Damage of what lies beside a board.
  ...['gap-in-silence', 'board-gives-way', 'snapshots-say'].map((how): Case => {
    return {
      mutant: `recovery!${how}`,
      beside: 'delete+safe-read',
      at: replaced.damagedBeside,
      by: ['no-silent-loss', 'acknowledged-commits'],
    };
  }),
  {
    mutant: 'recovery!not-audited',
    beside: 'delete+safe-read+identity-commit+repair',
    at: replaced.copiedInACommit,
    by: ['no-silent-loss', 'integrity'],
  },
  { mutant: 'repair!without-lock', beside: 'safe-read', at: replaced.damagedIndex, by: ['mended-once'] },
];

/** Of each fix the first is tried every time. */
function isFirst(one: Case): boolean {
  return searches.find((other) => fixOf(other) === fixOf(one)) === one;
}

/** Where it takes a plan of the corpus, since a blind search would take minutes. */
const replays: readonly (Case & { readonly plan: string })[] = [
  {
    mutant: 'flock-write!not-taken',
    beside: 'safe-read',
    at: checkpointRace,
    plan: 'checkpoint-race.safe-read',
    by: ['acknowledged-commits'],
  },
  { mutant: 'reopen!primary-code', at: walUnlinkWedge, plan: 'wal-unlink-wedge', by: ['no-wedge'] },
];

/** Strategies without a mutant, and why. */
const withoutAny: { readonly [strategy: string]: string } = {
  wal: 'the system as reported',
  'post-commit': 'no fix: the raw read at another moment',
  'health-check': 'it mends nothing, so no run tells it from a check that nobody makes',
  lean: 'the mutants of its parts',
  best: 'a second name of durable',
  upstream: 'the mutants of its parts',
  'ofd-guard-armed': 'a mutant of ofd-guard is it',
  fchmod: 'no fix: the cause that chmod-by-path takes away',
  'probe-sets': 'no fix: a cause that was claimed',
  'truncate-checkpoint': 'no fix: what passive-checkpoint was before',
  ...Object.fromEntries(
    [
      'ofd-guard-strict',
      'generation-reopen',
      'generation-safe',
      'sentinel-table',
      'passive-checkpoint',
      'auto-reindex',
      'boundary-retries',
      'size-limit',
    ].map((name) => [name, 'policies/upstream.test.ts tells it from its neighbours']),
  ),
  durable: 'the mutants of its parts',
  'extra-sync': 'durability.test.ts tells it from its neighbours by what a power loss leaves',
  'no-sync': 'no fix: the same test shows what it loses',
};

const coordinators = new Map<string, Coordinator>();
beforeAll(async () => {
  registerMutants();
  for (const engine of ['3.50.4', '3.51.0']) coordinators.set(engine, await coordinatorOf({ engine }));
});
afterAll(() => {
  forgetMutants();
  for (const coordinator of coordinators.values()) coordinator.close();
});

function coordinatorFor(engine: string): Coordinator {
  const coordinator = coordinators.get(engine);
  if (coordinator === undefined) throw new Error(engine);
  return coordinator;
}

function strategyOf({ mutant, beside }: Case): string {
  return beside === undefined ? mutant : `${beside}+${mutant}`;
}

describe('a blind search catches', () => {
  /** Result: the number of the first run that violates one of the invariants; undefined when none of so many does. */
  async function firstCaught({ at, by }: Case, strategy: string, runs: number): Promise<number | undefined> {
    const scenario = stages.underMutants(at);
    const { engine, parameters } = scenario;
    const options = { strategy, engine, parameters, seed: 1, chooser: 'preemptions', only: by } as const;
    const runner = new Runner(coordinatorFor(engine), scenario, options);
    for (let run = 0; run < runs; run++) {
      const { violations, besides } = await runner.run(run);
      // A lane that does not know the mutant throws: that would be caught as well.
      expect(besides).not.toContain('lanes-end');
      if (violations.length > 0) return run;
    }
    return undefined;
  }

  for (const one of searches)
    test(`${one.mutant} in ${one.at.name}, and lets the fix pass`, longUnless(isFirst(one)), async () => {
      const strategy = strategyOf(one);
      const caught = await firstCaught(one, strategy, runsMax);
      expect(caught).toBeTypeOf('number');
      const asMany = (caught ?? 0) + 1;
      expect(await firstCaught(one, withoutMutants(strategy), asMany)).toBeUndefined();
    });
});

describe('a shipped plan catches', () => {
  // A second mutant of its fix, in an hour of the incident.
  for (const one of replays)
    test(`${one.mutant} in ${one.plan}, and lets the fix pass`, longUnless(one.at !== checkpointRace), async () => {
      const plan = readPlan(fileURLToPath(new URL(`./corpus/${one.plan}.json`, import.meta.url)));
      const scenario = stages.underMutants(one.at);
      const violated = async (strategy: string) => {
        const history = await coordinatorFor(plan.engine).run(scenario, { ...plan, strategy });
        const found = violationsOf(scenario, history).map(({ invariant }) => invariant);
        expect(found).not.toContain('lanes-end');
        return found.filter((invariant) => one.by.includes(invariant));
      };
      const strategy = strategyOf(one);
      expect(await violated(strategy)).not.toEqual([]);
      expect(await violated(withoutMutants(strategy))).toEqual([]);
    });
});

test('every mutant is caught somewhere, and every fix has one', () => {
  const caught = [...searches, ...replays].map(({ mutant }) => mutant);
  const here = mutants.filter(({ fix }) => hasServer || !fix.startsWith('postgres'));
  expect(caught.toSorted()).toEqual(here.map((mutant) => nameOf(mutant)).toSorted());
  const fixes = new Set(mutants.map(({ fix }) => fix));
  for (const { name } of strategies) expect(fixes.has(name), name).toBe(withoutAny[name] === undefined);
});

describe('the name of a mutant', () => {
  test('stands for the fix, but for what is broken in it, also on the other side of a process', () => {
    for (const mutant of mutants) {
      const told = JSON.parse(JSON.stringify(parseStrategy(nameOf(mutant)))) as Policies;
      const fix = parseStrategy(mutant.fix);
      for (const axis of Object.keys(asReported) as (keyof Policies)[]) {
        expect(behaviourOf(told, axis)).toBe(mutant.broken[axis] ?? behaviourOf(fix, axis));
      }
    }
  });

  test('goes together with strategies as its fix does, and gives way to it', () => {
    expect(withoutMutants('delete+safe-read!probe-back+leader!not-asked')).toBe('delete+safe-read+leader');
    expect(parseStrategy('delete+safe-read!probe-back')).toEqual({
      ...parseStrategy('delete'),
      probe: 'safe-read!probe-back',
    });
    expect(() => parseStrategy('safe-read+safe-read!probe-back')).toThrow(StrategyError);
  });

  test('is unknown where nobody registered it', () => {
    forgetMutants();
    try {
      for (const mutant of mutants) expect(() => parseStrategy(nameOf(mutant))).toThrow(StrategyError);
    } finally {
      registerMutants();
    }
  });

  test('is never listed, and never proposed to who has mistyped one', () => {
    const listed = JSON.stringify([strategies, policies]);
    expect(listed).not.toContain('!');
    for (const wrong of ['safe-read!', '!probe-back', 'safe-read!probe', 'delete!probe-back', 'best!probe-back']) {
      const mistake = `There is no strategy "${wrong}".`;
      expect(() => parseStrategy(wrong)).toThrow(mistake);
      try {
        parseStrategy(wrong);
      } catch (error) {
        expect((error as StrategyError).remedy).not.toContain('!');
      }
    }
  });
});
