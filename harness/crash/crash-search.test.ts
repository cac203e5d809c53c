// Right programs outlive every power loss with what they were promised; wrong ones are caught, at a disk that anybody can see again.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Durability, FileSystem, ModelName } from '../model/file-systems.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Json } from '../model/values.ts';
import { acknowledgedCommits } from '../judge/invariants/acknowledged-commits.ts';
import { DiskRecorder } from '../observe/disk-recorder.ts';
import { hosts } from '../run/hosts.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { coordinatorOf, planOf, process as start, scenarioOf } from '../testing/lab.test-support.ts';
import { long } from '../testing/long.test-support.ts';
import { type CrashSearch, crashSearch } from './crash-search.ts';
import { Openers } from './openers.ts';
import { type ReplayedCrash, replayCrash } from './replay-crash.ts';

vi.setConfig({ testTimeout: 300_000 });

const module = new URL('./crash-programs.test-support.ts', import.meta.url).href;
const never = () => false;

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

type Journal = 'wal' | 'delete';

function lab(program: string, args: Json, journal: Journal, others: readonly Json[] = []): Scenario {
  const programs = Object.fromEntries(['setup', program].map((name) => [name, { module, export: name }]));
  const processes = [start('a', program, args), ...others.map((one, i) => start(`b${i}`, program, one))];
  return { ...scenarioOf(processes, journal), programs };
}

interface Asked {
  readonly durability?: Durability;
  readonly system?: FileSystem;
  readonly statesMax?: number;
  readonly recoveriesMax?: number;
  readonly seed?: number;
}

async function searched(scenario: Scenario, asked: Asked = {}, plan: Plan = planOf()): Promise<CrashSearch> {
  return crashSearch({
    coordinator,
    scenario,
    plan,
    system: { model: 'powersafe' },
    durability: 'acknowledged',
    statesMax: 20_000,
    recoveriesMax: 3,
    seed: 1,
    stop: never,
    ...asked,
  });
}

const violated = ({ failures }: CrashSearch) => failures.map(({ invariant }) => invariant).toSorted();

function two(journal: Journal, synchronous: string, pragmas = ''): Scenario {
  const both = `PRAGMA synchronous=${synchronous}; PRAGMA wal_autocheckpoint=4; ${pragmas}`;
  return lab('inserting', { count: 2, pragmas: both }, journal, [{ from: 10, count: 2, pragmas: both }]);
}

describe('what SQLite promises', () => {
  // [journal, synchronous, promise, acknowledged rows may be gone]
  test.each([
    ['wal', 'FULL', 'acknowledged', false],
    ['wal', 'NORMAL', 'order', true],
    ['delete', 'EXTRA', 'acknowledged', false],
    ['delete', 'FULL', 'order', true],
  ] as const)('%s, synchronous=%s: %s', async (journal, synchronous, durability, mayLose) => {
    const found = await searched(two(journal, synchronous), { durability });
    expect(found).toMatchObject({ failures: [], baseline: [], complete: true, states: { failing: 0 } });
    expect(found.losing.states > 0).toBe(mayLose);
    expect(found.states.images).toBeGreaterThan(30);
    expect(found.recoveries.openings).toBe(3);
    expect(found.recoveries.tried).toBeGreaterThan(20);
  });

  test.each([
    ['wal', 'NORMAL'],
    ['delete', 'FULL'],
  ] as const)('%s with %s does not promise that nothing acknowledged is lost', async (journal, synchronous) => {
    expect(violated(await searched(two(journal, synchronous)))).toEqual(['acknowledged-commits']);
  });

  test.each([
    ['TRUNCATE', 'FULL', false],
    ['TRUNCATE', 'NORMAL', true],
    ['PERSIST', 'FULL', false],
  ])('journal_mode=%s, %s: acknowledged rows may be gone: %s', async (mode, synchronous, mayLose) => {
    const scenario = two('delete', synchronous, `PRAGMA journal_mode=${mode}`);
    const found = await searched(scenario, { durability: 'order', system: { model: 'ordered' } });
    expect(violated(found)).toEqual([]);
    expect(found.losing.states > 0).toBe(mayLose);
  });

  test('OFF promises nothing, and loses it', async () => {
    const found = await searched(two('delete', 'OFF'), { durability: 'order', statesMax: 2000 });
    expect(violated(found)).toContain('integrity');
    expect(await searched(two('delete', 'OFF'), { durability: 'nothing', statesMax: 100 })).toMatchObject({
      states: { failing: 0 },
    });
  });

  // sqlite.org/pragma.html#pragma_synchronous: "a very small (though non-zero) chance […] on an older filesystem".
  test('NORMAL with a rollback journal can corrupt where writes have no order, and not where they have', async () => {
    expect(violated(await searched(two('delete', 'NORMAL'), { durability: 'order' }))).toContain('integrity');
    const ordered = await searched(two('delete', 'NORMAL'), { durability: 'order', system: { model: 'ordered' } });
    expect(violated(ordered)).toEqual([]);
  });
});

describe('wrong programs', () => {
  test('who acknowledges before the commit', async () => {
    const found = await searched(lab('hasty', 'PRAGMA synchronous=FULL', 'wal'));
    expect(violated(found)).toEqual(['acknowledged-commits']);
  });

  test('who keeps the rollback journal in memory', async () => {
    const pragmas = 'PRAGMA synchronous=FULL; PRAGMA journal_mode=MEMORY';
    const found = await searched(lab('inserting', { count: 2, pragmas }, 'delete'));
    expect(violated(found)).not.toEqual([]);
  });

  test.each([
    [{ syncFile: true, syncFolder: true }, []],
    [{ syncFile: true, syncFolder: false }, ['acknowledged-commits']],
    [{ syncFile: false, syncFolder: true }, ['acknowledged-commits', 'integrity']],
  ])('who replaces the database by another: %o', async (args, expected) => {
    const found = await searched(lab('replacing', args, 'delete'));
    expect(violated(found).filter((name) => name !== 'whole-transactions')).toEqual(expected);
  });

  test('syncs that lie: of one process, its own commits', async () => {
    const system = { model: 'lying-sync', liars: ['b0'] } as const;
    const found = await searched(two('wal', 'FULL'), { system, statesMax: 1500 });
    expect(found.failures.length).toBeGreaterThan(0);
  });
});

describe('who brings back what SQLite alone does not find', () => {
  const loose = 'PRAGMA synchronous=NORMAL';
  const recovering = (brings: boolean): Scenario => {
    const scenario = lab('journaling', loose, 'wal');
    return {
      ...scenario,
      programs: { ...scenario.programs, back: { module, export: 'bringingBack' } },
      firstUse: () => ({ start: [start('back', 'back', brings)], horizonMs: 1000, invariants: [acknowledgedCommits] }),
    };
  };

  test('is judged by what the first use leaves; a bare opening is a figure', async () => {
    const found = await searched(recovering(true), { statesMax: 200, recoveriesMax: 1 });
    expect(found).toMatchObject({ failures: [], states: { failing: 0 }, losing: { states: 0 } });
    expect(found.states.recovered).toBeGreaterThan(0);
    expect(found.recoveries.tried).toBeGreaterThan(0);
  });

  test('and fails where the first use brings nothing back', async () => {
    const found = await searched(recovering(false), { statesMax: 200, recoveriesMax: 0 });
    expect(violated(found)).toEqual(['acknowledged-commits']);
    expect(found.states.failing).toBeGreaterThan(0);
    expect(found.states.recovered).toBe(0);
  });
});

test('rows that a run takes away by itself excuse no others', async () => {
  const found = await searched(lab('forgetfulAndLoose', null, 'wal'), { recoveriesMax: 0 });
  expect(found.baseline.map(({ invariant }) => invariant)).toContain('acknowledged-commits');
  expect(violated(found)).toContain('acknowledged-commits');
  expect(found.losing.rowsMost).toBeLessThanOrEqual(3); // of four, of which the run takes away one by itself
});

test('rows that the name of the database leads away from are no power loss’s doing; those of later commits are all the same', async () => {
  const aside = (synchronous: string) =>
    searched(lab('puttingAside', `PRAGMA synchronous=${synchronous}`, 'delete'), { recoveriesMax: 0 });
  expect(await aside('EXTRA')).toMatchObject({ baseline: [], failures: [], losing: { states: 0 } });
  expect(violated(await aside('FULL'))).toEqual(['acknowledged-commits']);
  const replaced = await searched(lab('replacingSilently', null, 'delete'), { recoveriesMax: 0 });
  expect(violated(replaced)).toContain('acknowledged-commits');
});

describe('models', () => {
  const failing = async (scenario: Scenario, model: ModelName) =>
    violated(await searched(scenario, { system: { model }, recoveriesMax: 0 }));

  test('without powersafe overwrite a commit spoils the end of the one before it in the WAL', async () => {
    expect(await failing(two('wal', 'FULL'), 'powersafe')).toEqual([]);
    expect(await failing(two('wal', 'FULL'), 'no-powersafe-overwrite')).toEqual(['acknowledged-commits']);
    expect(await failing(two('wal', 'FULL'), 'atomic-4k')).toEqual([]);
  });

  test('writeback: zeros in a journal are taken for what it kept', async () => {
    const options = { durability: 'order', recoveriesMax: 0 } as const;
    const normal = two('delete', 'NORMAL');
    expect(violated(await searched(normal, { ...options, system: { model: 'writeback' } }))).toEqual(['integrity']);
  });
});

describe.each(hosts)('replayed on the host %s', (host) => {
  let own: Coordinator;
  let openers: Openers;
  beforeAll(async () => {
    own = await coordinatorOf({ host });
    openers = new Openers({ database: 'lab.db', queries: two('wal', 'NORMAL').queries, stop: never });
  });
  afterAll(() => {
    openers.close();
    own.close();
  });

  test('a plan of what was found gives the same disk, and one hash', async () => {
    const scenario = two('delete', 'FULL');
    const found = await searched(scenario);
    const { plan, hash, violation, says } = found.failures[0]!.first;
    const { crash } = plan;
    if (crash === undefined) throw new Error('There is no power loss in it.');
    const again: ReplayedCrash[] = [];
    for (let i = 0; i < 3; i++)
      again.push(
        await replayCrash({
          coordinator: own,
          openers,
          scenario,
          plan: { ...plan, crash },
          stop: never,
        }),
      );
    expect(new Set(again.map(({ history }) => history.hash))).toEqual(new Set([hash]));
    expect(again[0]?.violations).toContainEqual(violation);
    expect(says.join('\n')).toContain('lost: the removal of the name lab.db-journal');
  });

  test('the power goes once more while the database is opened', async () => {
    const scenario = two('wal', 'NORMAL');
    const disk = new DiskRecorder();
    await own.run(scenario, planOf(), undefined, [], undefined, { disk });
    const { files, operations } = disk.log();
    disk.close();
    const isDatabase = (file: number) => files[file]?.name === 'lab.db';
    // Before the first checkpoint writes: the WAL is synced, and the database as old as can be.
    const before = operations.findIndex((one) => one.kind === 'write' && isDatabase(one.file));
    const replayed = async (...lost: [number, number][]) => {
      const crash = {
        model: 'powersafe' as const,
        before,
        lost: [],
        recovery: { before: 3, lost },
        promise: 'order' as const,
      };
      const plan = { ...planOf(), crash };
      return replayCrash({ coordinator: own, openers, scenario, plan, stop: never });
    };
    const [all, none] = [await replayed(), await replayed([0, 2])];
    expect([all.violations, none.violations]).toEqual([[], []]);
    expect(none.says.join('\n')).toContain('While the database is opened for the first time, it goes again');
    expect(none.history.hash).not.toBe(all.history.hash);
  });
});

describe('the search', () => {
  test('takes a sample by its seed where there are too many states, nothing and everything lost among them', async () => {
    const scenario = two('delete', 'FULL');
    const few = (seed: number) => searched(scenario, { statesMax: 200, recoveriesMax: 0, durability: 'order', seed });
    const [one, again, other] = [await few(1), await few(1), await few(2)];
    expect(one.states).toMatchObject({ tried: 200, all: expect.any(Number) });
    expect(one.states.all).toBeGreaterThan(200);
    expect(one.complete).toBe(false);
    expect(again.states).toEqual(one.states);
    expect(again.losing).toEqual(one.losing);
    expect(other.states.images).not.toBe(one.states.images);
    expect((await searched(scenario, { statesMax: 20, recoveriesMax: 0, durability: 'order' })).states.tried).toBe(20);
  });

  test('an interruption keeps what there is', async () => {
    let asked = 0;
    const scenario = two('wal', 'FULL');
    const options = { coordinator, scenario, plan: planOf(), system: { model: 'powersafe' } as const };
    const found = await crashSearch({
      ...options,
      durability: 'acknowledged',
      statesMax: 1000,
      recoveriesMax: 0,
      seed: 1,
      stop: () => asked > 20,
      onState: () => asked++,
    }).catch((error: unknown) => error);
    expect(found).toMatchObject({ interrupted: true, complete: false, states: { tried: 21 } });
  });

  test('the shown failure is the one in which the least is lost', async () => {
    const found = await searched(two('wal', 'NORMAL'), { recoveriesMax: 0 });
    const crash = found.failures[0]?.first.plan.crash;
    expect(crash?.lost).toHaveLength(1);
    expect(crash?.lost[0]?.[0]).toBe(crash?.lost[0]?.[1]);
  });

  test('hundreds of replays of a power loss: one hash', long, async () => {
    const scenario = two('delete', 'FULL');
    const { plan } = (await searched(scenario)).failures[0]!.first;
    const { crash } = plan;
    if (crash === undefined) throw new Error('There is no power loss in it.');
    const openers = new Openers({ database: 'lab.db', queries: scenario.queries, stop: never });
    const hashes = new Set<string>();
    try {
      for (let i = 0; i < 300; i++) {
        const options = { coordinator, openers, scenario, stop: never } as const;
        hashes.add((await replayCrash({ ...options, plan: { ...plan, crash } })).history.hash);
      }
    } finally {
      openers.close();
    }
    expect(hashes.size).toBe(1);
  });
});
