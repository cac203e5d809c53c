// The promises of the scenario init-inode-swap: its shipped plans show what the report saw, replay, and show what each way
// of replacing the file does by itself; `kanban init`, which the report blames, leaves the file alone.
import { fileURLToPath } from 'node:url';
import { fc, test as property } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { long } from '../harness/testing/long.test-support.ts';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { violationsOf } from '../harness/judge/judge-history.ts';
import type { Plan } from '../harness/model/plan.ts';
import { readPlan } from '../harness/search/plan-file.ts';
import type { History, Observation } from '../harness/model/history.ts';
import type { Json } from '../harness/model/values.ts';
import { historyOf } from '../harness/testing/history.test-support.ts';
import { coordinatorOf, planOf } from '../harness/testing/lab.test-support.ts';
import { invariantsOfSwap } from './init-inode-swap.invariants.ts';
import { initInodeSwap } from './init-inode-swap.ts';
import type { Workload, WorkloadStep } from './kanban/workload.ts';
import { stagedOf } from './staged.test-support.ts';

const corpus = (name: string) => readPlan(fileURLToPath(new URL(`./corpus/${name}.json`, import.meta.url)));
const shipped = corpus('init-inode-swap');

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf({ engine: '3.50.4' });
}, 300_000);
afterAll(() => coordinator.close());

const run = (plan: Plan, more: Partial<Plan> = {}) => coordinator.run(initInodeSwap, { ...plan, ...more });

function violated(history: History): readonly string[] {
  return [...new Set(violationsOf(initInodeSwap, history).map(({ invariant }) => invariant))].toSorted();
}

const observed = (history: History, wanted: string) =>
  history.observations
    .filter(({ kind }) => kind === wanted)
    .map(({ data }) => data as { readonly [key: string]: Json });

function withPerson(plan: Plan, operator: readonly WorkloadStep[]): Plan {
  return { ...plan, workload: { ...(plan.workload as object), operator } as unknown as Json };
}

const personOf = (plan: Plan): readonly WorkloadStep[] => (plan.workload as unknown as Workload).operator;

describe('the shipped plan on SQLite 3.50.4', () => {
  let history: History;
  beforeAll(async () => {
    history = await run(shipped);
  }, 120_000);

  test.each(initInodeSwap.symptoms.map((symptom) => [symptom.reported, symptom] as const))(
    'shows: %s',
    (_, symptom) => {
      expect(symptom.see(history)).toBeTypeOf('string');
    },
  );

  test('what the plan placed is staged: so many handles, and that the file was replaced', () => {
    expect(stagedOf(initInodeSwap.symptoms, history)).toEqual([
      'about 40 handles in each, 280 and more together',
      expect.stringMatching(/^the database file is deleted and made anew/),
    ]);
  });

  test('names the handles, the inode and the errors', () => {
    const [opens, handles, anew, both, io, malformed] = initInodeSwap.symptoms.map((symptom) => symptom.see(history));
    expect(opens).toMatch(/^look "\S+": 7 gateways, 5 of which do not dispatch, hold \d+ handles/);
    // A leaked connection is two handles: the database and its -wal. -shm is one for a process, and one handle of the
    // database is that of a closed connection, which SQLite keeps as long as another holds locks.
    expect(handles).toBe(
      'look "before": 7 gateways, 5 of which do not dispatch, hold 284 handles, 40 to 42 each: 142 on kanban.db, ' +
        '135 on kanban.db-wal, 7 on kanban.db-shm',
    );
    expect(anew).toMatch(/^after rm at .* 7 gateways hold the deleted one .* after `kanban init` alone nobody did/);
    expect(both).toMatch(/architect \d+ times, wikid \d+ times.* are in the new file and \d+ are gone$/);
    expect(io).toMatch(/old gateways after the swap \(none before it\).*SQLITE_IOERR_SHORT_READ/);
    expect(malformed).toMatch(/after the swap \(none before it\).*SQLITE_CORRUPT/);
  });

  test('replays to the same hash', long, async () => {
    expect(shipped).toMatchObject({ preemptions: [], faults: [] });
    expect((await run(shipped)).hash).toBe(history.hash);
  });

  test(
    'with DELETE loses nothing that was acknowledged after it: SQLite refuses to write to a moved file',
    long,
    async () => {
      const refused = await run(shipped, { strategy: 'delete' });
      expect(violated(refused)).toEqual(['no-deleted-files', 'no-silent-loss']);
      expect(observed(refused, 'tick-failed').map(({ code }) => code)).toContain('SQLITE_READONLY_DBMOVED');
    },
  );

  test(
    'with gateways that do not dispatch kept away, two of seven hold handles; the rest is the same',
    long,
    async () => {
      const fewer = await run(shipped, { strategy: 'participants' });
      const look = fewer.looks.find(({ label }) => label === 'before');
      const holders = look?.openFiles.filter(({ file }) => file === 'kanban.db').map(({ process }) => process);
      expect(new Set(holders)).toEqual(new Set(['gateway-1', 'gateway-2']));
      expect(violated(fewer)).toContain('no-stray-writes');
    },
  );

  test('and no replacement, shows none of it: `kanban init` alone keeps the inode', long, async () => {
    const person = personOf(shipped).filter(({ act }) => act !== 'replace');
    const parameters = { ...shipped.parameters, horizonMs: 60_000 };
    const alone = await run(withPerson(shipped, person), { parameters });
    expect(observed(alone, 'cli')).toEqual([{ by: 'kanban-2', verb: 'init', ok: true }]);
    expect(alone.looks.map(({ label }) => label)).toEqual(['before-init', 'after-init', 'end']);
    for (const { openFiles } of alone.looks) {
      const held = openFiles.filter(({ file }) => file === 'kanban.db');
      expect(held.length).toBeGreaterThanOrEqual(7);
      expect(held.filter(({ deleted, generation }) => deleted || generation !== 1)).toEqual([]);
    }
    expect(violated(alone)).not.toContain('init-keeps-the-file');
  });

  test('an init that did replace it would be noticed', long, async () => {
    const swap: WorkloadStep = { atMs: 6000, act: 'replace', way: 'rm', pauseMs: 0 };
    const person = personOf(shipped)
      .filter(({ act }) => act !== 'replace')
      .map((step) => (step.act === 'kanban' ? swap : step));
    const replaced = await run(withPerson(shipped, person), {
      parameters: { ...shipped.parameters, horizonMs: 8000 },
    });
    expect(violated(replaced)).toContain('init-keeps-the-file');
  });
});

/** What each way does in the plan that is shipped for it, and what is left of it with DELETE. */
const ways: { readonly [way: string]: { readonly does: readonly string[]; readonly left: readonly string[] } } = {
  'rm-all': { does: ['acknowledged-commits', 'no-silent-loss', 'no-stray-writes'], left: ['no-silent-loss'] },
  'mv-aside': { does: ['acknowledged-commits', 'no-silent-loss', 'no-stray-writes'], left: ['no-silent-loss'] },
  'mv-all': { does: ['acknowledged-commits', 'no-silent-loss', 'no-stray-writes'], left: ['no-silent-loss'] },
  'cp-over': { does: ['acknowledged-commits', 'bounded-reaction', 'integrity', 'no-wedge'], left: [] },
  restore: { does: ['integrity'], left: [] },
  rebuild: { does: ['integrity'], left: [] },
};

describe.each(Object.entries(ways))('%s', (way, { does, left }) => {
  const plan = corpus(`init-inode-swap.${way}`);

  test('does its damage, also without any raw read', long, async () => {
    const history = await run(plan, { strategy: 'safe-read' });
    expect(observed(history, 'replaced')).toMatchObject([{ way }]);
    expect(violated(history)).toEqual(does);
    expect(violated(await run(plan))).toEqual(does);
  });

  test('does less with DELETE', async () => {
    expect(violated(await run(plan, { strategy: 'delete' }))).toEqual(left);
  }, 60_000);
});

describe('the check every 6 h', () => {
  const parameters = (plan: Plan) => ({
    ...plan.parameters,
    horizonMs: 6 * 3_600_000 + 240_000,
    quiet: 'skip' as const,
  });
  const checked = async (way: string) => {
    const plan = corpus(`init-inode-swap.${way}`);
    return run(plan, { strategy: 'health-check+safe-read', parameters: parameters(plan) });
  };

  test('finds the new file healthy, and does nothing about those that write to the old one', async () => {
    const history = await checked('rm-all');
    expect(observed(history, 'operator').at(-1)).toEqual({ act: 'health-check', healthy: true });
    expect(violated(history)).toEqual(ways['rm-all']?.does);
  }, 60_000);

  test('finds a malformed one; init does not mend it, and the restarted gateways storm', async () => {
    const history = await checked('cp-over');
    expect(observed(history, 'operator').at(-1)).toEqual({ act: 'health-check', healthy: false });
    expect(observed(history, 'cli').at(-1)).toMatchObject({ verb: 'init', ok: false, code: 'KANBAN_DB_CORRUPT' });
    expect(observed(history, 'backup').length).toBeGreaterThan(10);
  }, 60_000);
});

describe('rows that a person took away', () => {
  const committed = (step: number, key: number): Observation => ({
    step,
    lane: 'p',
    nowMs: step,
    kind: 'committed',
    data: { table: 't', keys: [key] },
  });
  const acts = (way: string): readonly Observation[] => [
    { step: 30, lane: 'operator', nowMs: 30, kind: 'operator', data: { act: 'replace', way, pauseMs: 0 } },
    { step: 50, lane: 'replacement-1', nowMs: 50, kind: 'replaced', data: { way, database: 'kanban.db', absent: [] } },
  ];
  const acknowledged = initInodeSwap.invariants.find(({ name }) => name === 'acknowledged-commits');
  // Keys 1 and 2 are in the database at the end, 3 and more are not.
  const check = (way: string, row: Observation, strategy = 'wal') => {
    const observations = [...acts(way), row].toSorted((a, b) => a.step - b.step);
    return acknowledged?.check(historyOf({ plan: planOf({ strategy }), virtualMs: 1e6, observations })).length;
  };

  test.each([
    ['rm', 'before it', committed(20, 3), 0],
    ['rm', 'while it is done', committed(40, 3), 0],
    ['rm', 'after it', committed(60, 3), 1],
    ['restore', 'before the copy', committed(20, 3), 1],
    ['restore', 'between copy and return', committed(40, 3), 0],
    ['restore', 'after it', committed(60, 3), 1],
    ['restore', 'after it, and kept', committed(60, 1), 0],
  ])('%s: %s', (way, _, row, violations) => {
    expect(check(way, row)).toBe(violations);
  });

  test('a journal that keeps all is asked for them', () => {
    expect(check('rm', committed(20, 3), 'snapshots')).toBe(0);
    expect(check('rm', committed(20, 3), 'recovery')).toBe(1);
    expect(check('restore', committed(40, 3), 'recovery')).toBe(1);
  });

  test('other invariants judge as ever', () => {
    const names = initInodeSwap.invariants.map(({ name }) => name);
    expect(invariantsOfSwap([]).map(({ name }) => name)).toEqual(['init-keeps-the-file']);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the declaration', () => {
  test('takes the shipped plans, and only workloads of its shape', () => {
    for (const { workload } of [shipped, ...Object.keys(ways).map((way) => corpus(`init-inode-swap.${way}`))])
      expect(initInodeSwap.workload.safeParse(workload).success).toBe(true);
    for (const wrong of [null, {}, { ...(shipped.workload as object), more: 1 }])
      expect(initInodeSwap.workload.safeParse(wrong).success).toBe(false);
  });

  property.prop([
    fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
    fc.integer({ min: 1, max: 16 }),
  ])('generates workloads of its shape, one entry a gateway, with a replacement', (numbers, gateways) => {
    const random = () => numbers.next().value as number;
    const workload = initInodeSwap.generate(random, { ...initInodeSwap.parameters, gateways }, 'wal');
    expect(initInodeSwap.workload.safeParse(workload).error).toBeUndefined();
    expect(workload).toMatchObject({ gateways: { length: gateways } });
    const { operator } = workload as unknown as Workload;
    expect(operator.map(({ act }) => act)).toContain('replace');
    expect(operator.map(({ atMs }) => atMs)).toEqual(operator.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
  });
});
