// The search: which verdict it gives for what, and that it gives the same for any number of jobs and every chooser.
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { coordinatorOf, machineOf } from '../testing/lab.test-support.ts';
import type { RandomChooserName } from '../run/choosers/names.ts';
import type { LaneBinaries } from '../run/pool.ts';
import { counter, counterPlan, violatedBy } from './counter-lab.test-support.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import { ExploredTally } from '../model/explored.ts';
import { firstAfterLook, hasStalled, looks } from './stall.ts';
import { search, type SearchOptions, type SearchResult } from './search.ts';
import { exitCodes, upperBound } from '../model/verdict.ts';
import { long, longUnless } from '../testing/long.test-support.ts';

const scenarioModule = new URL('./counter-lab.test-support.ts', import.meta.url).href;
let machine: LaneBinaries;
beforeAll(async () => {
  machine = await machineOf();
});

function explore(more: Partial<SearchOptions> = {}): Promise<SearchResult> {
  const { engine, parameters } = counter;
  return search({
    scenario: counter,
    scenarioModule,
    machine,
    strategy: 'bare',
    engine,
    parameters,
    seed: 2,
    chooser: 'preemptions',
    only: ['no-lost-updates'],
    runs: 60,
    ...more,
  });
}

/** SIGKILL for each child of this process with this in its command line. Result: how many there were. */
function killChildren(text: string): number {
  const children = readdirSync('/proc').filter((name) => {
    try {
      const parent = Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
      return parent === process.pid && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text);
    } catch {
      return false; // no process, or gone meanwhile
    }
  });
  for (const pid of children) process.kill(Number(pid), 'SIGKILL');
  return children.length;
}

const alone = counterPlan({ workload: { writers: [{ rounds: [{ act: 'add' }] }], readers: [] } });
const overlapping = { chooser: 'preemptions', strategy: 'atomic' } as const;

describe('verdicts', () => {
  test('fail: with the plan, which fails in the same way and with the same hash', async () => {
    const found = await explore();
    expect(found).toMatchObject({ verdict: 'fail', upperBound: null, interrupted: false });
    expect(found.violations.map(({ invariant }) => invariant)).toEqual(['no-lost-updates']);
    const coordinator = await coordinatorOf();
    try {
      if (found.plan === undefined) throw new Error('no plan');
      expect((await coordinator.run(counter, found.plan)).hash).toBe(found.hash);
      expect(await violatedBy(coordinator, found.plan)).toContain('no-lost-updates');
    } finally {
      coordinator.close();
    }
    // No run before it failed, and none after it counts.
    const before = await explore({ runs: found.runs - 1 });
    expect(before.verdict).not.toBe('fail');
    expect((await explore({ runs: found.runs })).plan).toEqual(found.plan);
  });

  test('pass: enough runs reached the window, and only those bound its failures', async () => {
    const passed = await explore({ ...overlapping, runs: 200 });
    expect(passed).toMatchObject({ verdict: 'pass', runs: 200, violations: [], plan: undefined, missing: 0 });
    const { repeats, reached, marks, upperBound: bound, upperBoundAllRuns } = passed;
    expect(reached).toBeGreaterThanOrEqual(59);
    expect(reached).toBeLessThanOrEqual(marks['overlap'] ?? 0);
    expect(marks['overlap']).toBeLessThan(200);
    expect([bound, upperBoundAllRuns]).toEqual([upperBound(reached), upperBound(200 - repeats)]);
    expect(passed.fingerprints).toHaveLength(200 - repeats);
  });

  test('it ends with the run that makes enough of them, for any number of jobs', async () => {
    const ended = await explore({ ...overlapping, runs: 200, enough: 10 });
    expect(ended).toMatchObject({ reached: 10, violations: [], timeUp: false, interrupted: false });
    expect(ended.runs).toBeLessThan(200);
    const before = await explore({ ...overlapping, runs: ended.runs - 1 });
    expect(before.reached).toBe(9);
    const inJobs = await explore({ ...overlapping, runs: 200, enough: 10, jobs: 2 });
    expect([inJobs.runs, inJobs.hash]).toEqual([ended.runs, ended.hash]);
  });

  test('inconclusive: too few reached it, and how many are missing is said; a wider bound takes fewer', async () => {
    const few = await explore({ ...overlapping, runs: 30 });
    expect(few).toMatchObject({ verdict: 'inconclusive', runs: 30, upperBound: null, missing: 59 - few.reached });
    expect(few.reached).toBeGreaterThan(0);
    const wide = await explore({ ...overlapping, runs: 30, bound: upperBound(few.reached) ?? 1 });
    expect(wide).toMatchObject({ verdict: 'pass', reached: few.reached, upperBound: upperBound(few.reached) });
  });

  test('a plan that is given, in the default schedule, is one run, and no pass', async () => {
    const base = { ...counterPlan(), strategy: 'atomic' };
    const told = { base, strategy: 'atomic', runs: 20, bound: 0.2 };
    for (const chooser of [{ chooser: 'replay' }, { chooser: 'preemptions', preemptions: 0 }] as const)
      expect(await explore({ ...told, ...chooser })).toMatchObject({
        verdict: 'inconclusive',
        runs: 1,
        repeats: 1,
        reached: 0,
        upperBound: null,
      });
  });

  test('where little is drawn, runs repeat themselves and count once, for any number of jobs', async () => {
    const plain: Scenario = { ...counter, features: [], vary: (_random, given) => given, faults: () => [] };
    const workload = z.json();
    const constant = { ...plain, workload, generate: () => counterPlan().workload };
    const told = { scenario: constant, strategy: 'atomic', chooser: 'replay', runs: 70 } as const;
    const found = await explore(told);
    expect(found).toMatchObject({ verdict: 'inconclusive', runs: 70, repeats: 69, upperBound: null });
    const again = await explore({ ...told, runs: 5, first: 70, seen: found.fingerprints });
    expect(again).toMatchObject({ runs: 5, repeats: 5, reached: 0, fingerprints: [] });
  });

  test('goes on after a failure until the other invariants are judged too, for so many runs at most', async () => {
    const only = ['no-lost-updates', 'integrity'];
    const first = await explore({ only });
    const found = await explore({ only, goOn: true, runs: 500 });
    expect(found).toMatchObject({ verdict: 'fail', plan: first.plan, hash: first.hash, violations: first.violations });
    expect(found.failures.map(({ invariant, run }) => [invariant, run])).toEqual([['no-lost-updates', first.runs - 1]]);
    expect(found.runs).toBeGreaterThan(first.runs);
    expect(found.reached >= 59 || found.runs === first.runs + 59).toBe(true);
    expect(await explore({ only: ['no-lost-updates'], goOn: true, runs: 500 })).toMatchObject({ runs: first.runs });
    const known = await explore({ ...overlapping, only, goOn: true, failedAlready: ['no-lost-updates'], runs: 500 });
    expect(known.failures).toEqual([]);
    expect(known.runs).toBeLessThanOrEqual(59);
  });

  test('inconclusive: it was not', async () => {
    const nothing = await explore({ base: alone, runs: 5 });
    expect(nothing).toMatchObject({ verdict: 'inconclusive', runs: 5, upperBound: null, plan: undefined });
    expect(nothing.marks['overlap'] ?? 0).toBe(0);
    expect(exitCodes[nothing.verdict]).toBe(3);
  });

  test('a violation that is not looked for is none', async () => {
    const all = await explore({ only: ['no-rests'], chooser: 'replay' });
    expect(all.verdict).toBe('fail');
    expect((await explore({ only: ['no-grumbles'], chooser: 'replay', runs: 10 })).verdict).not.toBe('fail');
  });

  test('an error is an error, and says in which run', async () => {
    const setup = () => ({ name: 'setup', program: 'setup', args: { broken: true } });
    const broken = explore({ scenario: { ...counter, setup } });
    await expect(broken).rejects.toMatchObject({ code: 'SETUP_FAILED', kind: 'harness' });
    await expect(broken).rejects.toThrow(/Run 0 of seed 2/);
  });
});

describe('the same for any number of jobs', () => {
  const timeless = (result: SearchResult) => ({ ...result, seconds: 0 });
  const choosers: readonly [RandomChooserName, Partial<SearchOptions>][] = [
    ['preemptions', {}],
    ['preemptions', { preemptions: 3, strategy: 'atomic', runs: 12 }],
    ['pct', { depth: 3, strategy: 'atomic', runs: 12 }],
    ['surw', { strategy: 'atomic', runs: 12 }],
    ['pos', { strategy: 'atomic', runs: 12 }],
    ['acts', { strategy: 'atomic', runs: 12 }],
    ['portfolio', { strategy: 'atomic', runs: 14 }],
    ['feedback', { strategy: 'atomic', runs: 40 }],
    ['feedback', { over: 'surw', strategy: 'atomic', runs: 40 }],
    ['replay', { runs: 8 }],
  ];
  for (const [chooser, more] of choosers)
    test(`${chooser} ${JSON.stringify(more)}`, longUnless(chooser === 'pct' || more.over === 'surw'), async () => {
      const one = await explore({ chooser, ...more });
      expect(timeless(await explore({ chooser, ...more, jobs: 2 }))).toEqual(timeless(one));
      expect(one.runs).toBeGreaterThan(1);
    });

  test('portfolio, whose shares change when coverage stalls, and a search that goes on from an earlier one', async () => {
    const writer = { rounds: [{ act: 'add' }, { act: 'add' }] };
    const base = counterPlan({ workload: { writers: [writer, writer], readers: [] } });
    const told = { chooser: 'portfolio', strategy: 'atomic', base, seed: 4 } as const;
    const stalled = firstAfterLook(looks.least);
    const runs = stalled + 4;
    const one = await explore({ ...told, runs });
    expect(timeless(await explore({ ...told, runs, jobs: 2 }))).toEqual(timeless(one));
    expect(hasStalled(one.explored.curve, looks.least)).toBe(true);
    const tally = new ExploredTally();
    await explore({ ...told, runs: stalled + 2, tally });
    const rest = await explore({ ...told, first: stalled + 2, runs: 2, tally });
    expect([rest.hash, rest.explored]).toEqual([one.hash, one.explored]);
    // Without a word of those before it, it keeps to the usual shares: the last run is another chooser's then.
    expect((await explore({ ...told, first: stalled + 2, runs: 2 })).hash).not.toBe(one.hash);
  });

  test('also when jobs are killed in the middle', long, async () => {
    const told = { chooser: 'pct', depth: 3, strategy: 'atomic', runs: 12 } as const;
    let killed = 0;
    const killing = (runs: number): void => {
      if (runs === 4 || runs === 8) killed += killChildren('job-main');
    };
    expect(timeless(await explore({ ...told, jobs: 2, onRun: killing }))).toEqual(timeless(await explore(told)));
    expect(killed).toBeGreaterThan(1);
  });

  test('an error in a job comes through with its code', async () => {
    const missing = new URL('./nowhere.ts', import.meta.url).href;
    await expect(explore({ jobs: 2, scenarioModule: missing })).rejects.toMatchObject({ code: 'JOB_FAILED' });
  });
});

describe('pct', () => {
  test('promises 1 / (n · k^(d − 1)) for the lanes and switch points of the plan itself', async () => {
    for (const depth of [1, 2, 3]) {
      const { promised } = await explore({ chooser: 'pct', depth, base: counterPlan(), runs: 1 });
      if (promised === null) throw new Error('no promise');
      expect(promised.lanes).toBe(6);
      expect(promised.points).toBeGreaterThan(50);
      expect(promised.bound).toBeCloseTo(1 / (6 * promised.points ** (depth - 1)), 15);
    }
  });

  test('finds a bug of depth 2 at least as often as it promises', async () => {
    const told = { chooser: 'pct', depth: 2, base: counterPlan(), runs: 400 } as const;
    const { promised, verdict } = await explore(told);
    // 1 − (1 − bound)^400 for so few points is nearly 1.
    expect((promised?.bound ?? 0) * 400).toBeGreaterThan(0.1);
    expect(verdict).toBe('fail');
  });

  test('other choosers promise nothing, and neither does it where every run has a plan of its own', async () => {
    expect((await explore({ base: counterPlan(), runs: 1 })).promised).toBeNull();
    expect((await explore({ chooser: 'pct', runs: 2 })).promised).toBeNull();
  });
});

describe('a search that is stopped', () => {
  test('has what it has', async () => {
    let done = 0;
    const stopped = await explore({
      ...overlapping,
      runs: 1000,
      stop: () => done >= 20,
      onRun: (runs) => void (done = runs),
    });
    expect(stopped.interrupted).toBe(true);
    expect(stopped.runs).toBeGreaterThanOrEqual(20);
    expect(stopped.runs).toBeLessThan(30);
    expect(stopped.verdict).toBe('inconclusive');
  });

  test('before its first run has nothing, and a time that is up is no interruption', async () => {
    const none = await explore({ stop: () => true });
    expect(none).toMatchObject({ verdict: 'inconclusive', runs: 0, hash: null, interrupted: true, promised: null });
    expect(await explore({ timeMs: 0 })).toMatchObject({ runs: 0, interrupted: false });
  });

  // The report of a run is taken while the next one goes on: it must not go with that.
  const grumbling = counterPlan({
    workload: { writers: [{ rounds: [{ act: 'rest', ms: 1 }] }], readers: [{ times: 1500, grumbles: true }] },
  });

  const endless = counterPlan({
    workload: { writers: [{ rounds: [{ act: 'rest', ms: 1 }] }], readers: [{ times: 1e9 }] },
  });

  test('by its time in the middle of a run cuts that run off: it counts for nothing', async () => {
    let nowMs = 0;
    // The first run takes all the time there is, and more: it would not end by itself within what the test has.
    const scenario = { ...counter, start: (plan: Plan) => ((nowMs += 600), counter.start(plan)) };
    const cut = await explore({ scenario, base: endless, timeMs: 1000, now: () => nowMs });
    expect(cut).toMatchObject({ verdict: 'inconclusive', runs: 0, timeUp: true, interrupted: false });
  });

  test('by its time on a coordinator that is kept, too: the last run may go on for as long as is said, and no longer', async () => {
    const kept = await coordinatorOf();
    try {
      const taking = (runMs: number, base: Plan) => {
        let nowMs = 0;
        const scenario = { ...counter, start: (plan: Plan) => ((nowMs += runMs), counter.start(plan)) };
        return explore({ coordinator: kept, scenario, base, timeMs: 500, overrunMs: 800, now: () => nowMs });
      };
      // Of 1,300 that are left a run may have half.
      expect(await taking(700, endless)).toMatchObject({ runs: 0, timeUp: true });
      expect(await taking(600, alone)).toMatchObject({ runs: 1, timeUp: true });
    } finally {
      kept.close();
    }
  });

  test('by half its time goes on no longer than that when it has found something, which it confirms', async () => {
    let nowMs = 0;
    const onRun = () => void (nowMs = 500);
    const timed = { base: grumbling, only: ['no-grumbles', 'no-lost-updates'], goOn: true, runs: 5, onRun } as const;
    const found = await explore({ ...timed, timeMs: 1000, othersMs: 500, now: () => nowMs });
    expect(found).toMatchObject({ verdict: 'fail', timeUp: true, failures: [{ run: 0, confirmed: true }] });
    expect(found.runs).toBeLessThan(5);
    nowMs = 0;
    const all = await explore({ ...timed, timeMs: 1000, othersMs: 1000, now: () => nowMs });
    expect(all).toMatchObject({ verdict: 'fail', timeUp: false, runs: 5 });
  });

  test('by its time before it could confirm what it found says so', async () => {
    let nowMs = 0;
    let begun = 0;
    // Long enough for a run to be asked, in its middle, whether it is to stop.
    const reader = { times: 20_000, grumbles: true };
    const lasting = counterPlan({ workload: { writers: [{ rounds: [{ act: 'rest', ms: 1 }] }], readers: [reader] } });
    const start = (plan: Plan) => (begun++ > 0 && (nowMs = 1000), counter.start(plan));
    const found = await explore({
      scenario: { ...counter, start },
      base: lasting,
      only: ['no-grumbles'],
      runs: 1,
      timeMs: 1000,
      now: () => nowMs,
    });
    expect(found).toMatchObject({ verdict: 'fail', runs: 1, failures: [{ run: 0, confirmed: false }] });
    expect(found.plan).toEqual(lasting);
  });

  test('in the middle of a run keeps what the run before it found', async () => {
    let begun = 0;
    const scenario = { ...counter, start: (plan: Plan) => (begun++, counter.start(plan)) };
    const found = await explore({ scenario, base: grumbling, only: ['no-grumbles'], stop: () => begun > 1 });
    expect(found).toMatchObject({ verdict: 'fail', runs: 1, violations: [{ invariant: 'no-grumbles' }] });
    expect(found.plan).toEqual(grumbling);
  });

  test('by a run that cannot be made keeps what an earlier run found, too', async () => {
    const brittle = { writers: [{ rounds: [{ act: 'note', bytes: 9999 }] }], readers: [] };
    let begun = 0;
    const plain: Scenario = {
      ...counter,
      features: [],
      vary: (_random, given) => given,
      faults: () => [],
      generate: () => (begun++ === 0 ? grumbling.workload : brittle),
      setup: ({ workload }) => ({ name: 'setup', program: 'setup', args: { broken: workload === brittle } }),
    };
    const found = await explore({ scenario: plain, only: ['no-grumbles'] });
    expect(found).toMatchObject({ verdict: 'fail', runs: 1 });
    begun = 0;
    await expect(explore({ scenario: plain })).rejects.toMatchObject({ code: 'SETUP_FAILED' });
  });
});
