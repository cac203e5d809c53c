// The crash sweep kills at every step, catches a promise made too early at just the steps between, and nothing else.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { TraceStep } from '../observe/trace.ts';
import { coordinatorOf, planOf, process as start, scenarioOf, StepKeeper } from '../testing/lab.test-support.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { violationsOf } from '../judge/judge-history.ts';
import { long, longUnless } from '../testing/long.test-support.ts';
import { crashSweep, type SecondKills } from './crash-sweep.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';

// Each kill costs a process.
vi.setConfig({ testTimeout: 300_000 });

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

const module = new URL('./crash-sweep-programs.test-support.ts', import.meta.url).href;

async function stepsOf(scenario: Scenario): Promise<readonly TraceStep[]> {
  const keeper = new StepKeeper();
  await coordinator.run(scenario, planOf(), undefined, [keeper]);
  return keeper.steps;
}

/** The numbers from `first` to `last`, both included. */
function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

describe.each(['wal', 'delete'] as const)('journal %s', (journal) => {
  const lab = scenarioOf([start('hasty', 'hasty')], journal);
  const hasty = {
    ...lab,
    programs: { setup: lab.programs['setup']!, hasty: { module, export: 'hasty' } },
  };

  test(
    'a program that acknowledges before its commit is caught at the steps between, and at no other',
    longUnless(journal === 'delete'),
    async () => {
      const steps = await stepsOf(hasty);
      const promised = steps.findIndex(({ op }) => op === 'observe');
      // What commits: the last frame is whole; the journal is gone.
      const commits = steps.findLastIndex(({ op, role }) =>
        journal === 'wal' ? op === 'write' && role === 'wal' : op === 'delete' && role === 'journal',
      );
      expect(commits).toBeGreaterThan(promised + 3);
      const swept = await crashSweep({ coordinator, scenario: hasty, plan: planOf() });
      const between = range(promised + 1, commits);
      expect(swept.findings.map(({ invariant }) => invariant)).toEqual(['acknowledged-commits']);
      expect(swept.findings[0]?.at).toEqual(between.map((step) => ({ step, process: 'hasty' })));
      expect(swept).toMatchObject({ violating: between.length, baseline: [], complete: true, tried: swept.places });
      expect(swept.findings[0]?.first.plan.faults).toEqual([
        { kind: 'kill', at: { step: promised + 1 }, process: 'hasty' },
      ]);
      const first = swept.findings[0]!.first;
      const again = await coordinator.run(hasty, first.plan);
      expect(again.hash).toBe(first.hash);
      expect(violationsOf(hasty, again)).toContainEqual(first.violation);
      expect(again.deaths).toMatchObject([{ process: 'hasty', ending: { how: 'killed', signal: 'SIGKILL' } }]);
    },
  );

  test('sound programs are never caught, at whatever step', long, async () => {
    const scenario = scenarioOf(
      [start('a', 'inserting', { from: 0, count: 2 }), start('b', 'inserting', { from: 10, count: 1, sleepMs: 1 })],
      journal,
    );
    const plan = planOf({ preemptions: [{ at: 60, to: 'b' }] });
    const swept = await crashSweep({ coordinator, scenario, plan });
    expect(swept).toMatchObject({ findings: [], violating: 0, baseline: [], complete: true });
    expect(swept.tried).toBeGreaterThan(80);
    expect(swept.tried).toBe(swept.places);
    const ends = 2;
    const keeper = new StepKeeper();
    await coordinator.run(scenario, plan, undefined, [keeper]);
    const drawn = keeper.steps.filter(({ op }) => op === 'randomness').length;
    expect(swept.places).toBe(swept.steps - ends - drawn);
  });
});

const pair = scenarioOf([start('a', 'inserting', { from: 0, count: 1 }), start('b', 'reading', 1)]);

test('each kill kills the process of its step, right before it', async () => {
  const steps = await stepsOf(pair);
  const [from, to] = [30, 45];
  const killed: string[] = [];
  for (const { lane, step } of steps.slice(from, to + 1)) {
    const plan = planOf({ faults: [{ kind: 'kill', at: { step }, process: lane }] });
    const keeper = new StepKeeper();
    await coordinator.run(pair, plan, undefined, [keeper]);
    expect(keeper.steps.slice(0, step)).toEqual(steps.slice(0, step));
    expect(keeper.steps.slice(step, step + 2).map(({ op }) => op)).toEqual(['fault', 'end']);
    killed.push(lane);
  }
  const swept = await crashSweep({ coordinator, scenario: pair, plan: planOf(), from, to });
  expect(swept.tried).toBe(killed.length);
});

test('a named process is killed at the steps of others too, as long as it lives', long, async () => {
  const steps = await stepsOf(pair);
  const [first, last] = [steps.findIndex(({ lane }) => lane === 'b'), steps.findLastIndex(({ lane }) => lane === 'b')];
  const everything = await crashSweep({ coordinator, scenario: pair, plan: planOf(), process: 'b' });
  const reachable = steps.slice(first, last + 1).filter(({ op }) => op !== 'end' && op !== 'randomness');
  expect(everything.tried).toBe(reachable.length);
});

test('where steps fail instead, who does not look at the error is caught, at just the steps of the commit', async () => {
  const lab = scenarioOf([start('careless', 'careless')], 'delete');
  const careless = { ...lab, programs: { setup: lab.programs['setup']!, careless: { module, export: 'careless' } } };
  const only = ['acknowledged-commits', 'integrity'];
  const killed = await crashSweep({ coordinator, scenario: careless, plan: planOf(), only });
  expect(killed.findings).toEqual([]);
  const failed = await crashSweep({ coordinator, scenario: careless, plan: planOf(), only, kind: 'error' });
  expect(failed.findings.map(({ invariant }) => invariant)).toEqual(['acknowledged-commits']);
  const [finding] = failed.findings;
  expect(finding?.first).toMatchObject({ confirmed: true });
  const steps = await stepsOf(careless);
  const at = (finding?.at ?? []).map(({ step, fails }) => ({ op: steps[step]?.op, code: fails?.code }));
  expect(at).toContainEqual({ op: 'sync', code: 'SQLITE_IOERR_FSYNC' });
  expect(at).toContainEqual({ op: 'delete', code: 'SQLITE_IOERR_DELETE' });
  for (const { op, code } of at) expect([op, typeof code]).toEqual([op, 'string']);
  // Giving back a lock needs no volume, and what SQLite does on its way there fails nothing of the program's.
  expect(failed.places).toBeLessThan(killed.places);
  expect(failed.findings[0]?.first.plan.faults).toMatchObject([{ kind: 'io-error', lane: 'careless' }]);
});

test('a second kill may follow a failed step', async () => {
  const plan = planOf();
  const second: SecondKills = { each: 1, within: 20, seed: 1 };
  const only = ['integrity', 'acknowledged-commits'];
  const where = { process: 'a', from: 5, to: 20, only };
  const swept = await crashSweep({ coordinator, scenario: pair, plan, kind: 'error', ...where, second });
  expect(swept.second?.tried).toBeGreaterThan(3);
  expect(swept.violating).toBe(0);
});

test('a process that takes no step is a mistake, and those that do are named', async () => {
  await expect(crashSweep({ coordinator, scenario: pair, plan: planOf(), process: 'nobody' })).rejects.toMatchObject({
    kind: 'usage',
    code: 'UNKNOWN_PROCESS',
    remedy: 'Those that do: a, b.',
  });
});

test('a sweep that is stopped says how far it came', async () => {
  let tried = 0;
  const swept = await crashSweep({
    coordinator,
    scenario: pair,
    plan: planOf(),
    onKill: (done) => (tried = done),
    stop: () => tried === 5,
  });
  expect(swept.complete).toBe(false);
  expect(swept.tried).toBeGreaterThanOrEqual(5);
  expect(swept.tried).toBeLessThan(swept.places);
});

describe('a sweep with a time', () => {
  const lab = scenarioOf([start('hasty', 'hasty')]);
  const hasty = { ...lab, programs: { setup: lab.programs['setup']!, hasty: { module, export: 'hasty' } } };
  /** Each run takes so many milliseconds of the clock. */
  const runMs = 100;
  const timed = async (timeMs: number) => {
    let nowMs = 0;
    const scenario = { ...hasty, start: (plan: Plan) => ((nowMs += runMs), hasty.start(plan)) };
    const swept = await crashSweep({ coordinator, scenario, plan: planOf(), timeMs, now: () => nowMs });
    return { swept, tookMs: nowMs };
  };

  test('leaves what replaying its findings takes, and says that it was up', long, async () => {
    const steps = await stepsOf(hasty);
    const promised = steps.findIndex(({ op }) => op === 'observe');
    const timeMs = (promised + 12) * runMs;
    const { swept, tookMs } = await timed(timeMs);
    expect(swept).toMatchObject({ complete: false, timeUp: true });
    expect(swept.tried).toBeLessThan(swept.places);
    expect(swept.findings.map(({ first }) => first.confirmed)).toEqual([true]);
    expect(tookMs).toBeLessThanOrEqual(timeMs);
  });
});

describe('a second kill', () => {
  const lab = scenarioOf([start('a', 'inserting', { from: 5, count: 1 }), start('heir', 'heir')]);
  const healed = {
    ...lab,
    programs: {
      setup: lab.programs['setup']!,
      inserting: lab.programs['inserting']!,
      heir: { module, export: 'heir' },
    },
  };
  const [from, to] = [20, 21]; // a's, all of them before it promises anything
  const swept = (second: SecondKills | undefined) =>
    crashSweep({
      coordinator,
      scenario: healed,
      plan: planOf(),
      from,
      to: from,
      ...(second === undefined ? {} : { second }),
    });

  test(
    'finds a recovery that promises too early, which no single kill does, at just the steps between',
    long,
    async () => {
      expect(await swept(undefined)).toMatchObject({ findings: [], second: null });
      const { findings, violating, second } = await swept({ each: Infinity, seed: 1 });
      expect(findings.map(({ invariant }) => invariant)).toEqual(['acknowledged-commits']);
      expect({ violating, bound: second?.upperBound }).toEqual({ violating: 0, bound: null });
      expect(second?.tried).toBe(second?.places);
      const [{ at, first } = { at: [], first: undefined }] = findings;
      expect(second?.violating).toBe(at.length);
      for (const kill of at) {
        const { step, process, again } = kill;
        expect([process, again?.process]).toEqual(['a', 'heir']);
        const once = new StepKeeper();
        const killed = planOf({ faults: [{ kind: 'kill', at: { step }, process }] });
        await coordinator.run(healed, killed, undefined, [once]);
        const promised = once.steps.findIndex(({ lane, op }) => lane === 'heir' && op === 'observe');
        const commits = once.steps.findLastIndex(
          ({ lane, op, role }) => lane === 'heir' && op === 'write' && role === 'wal',
        );
        const steps = at.filter((one) => one.step === step).map((one) => one.again?.step);
        expect(steps).toEqual(range(promised + 1, commits));
      }
      expect(first).toMatchObject({ confirmed: true, plan: { faults: [{ process: 'a' }, { process: 'heir' }] } });
    },
  );

  test('is drawn where not all are asked for: the same for the same seed, with a bound of what was drawn', async () => {
    const sound = scenarioOf([
      start('a', 'inserting', { from: 5, count: 1 }),
      start('b', 'inserting', { from: 9, count: 1 }),
    ]);
    const drawn = (seed: number, more: Partial<SecondKills> = {}) => {
      const kills: string[] = [];
      const scenario: Scenario = {
        ...sound,
        start: (plan) => (kills.push(JSON.stringify(plan.faults)), sound.start(plan)),
      };
      const second = { each: 3, seed, ...more };
      return crashSweep({ coordinator, scenario, plan: planOf(), from, to, second }).then((found) => ({
        found,
        kills,
      }));
    };
    const [one, again, other] = [await drawn(1), await drawn(1), await drawn(2)];
    expect(one.kills).toEqual(again.kills);
    expect(one.kills).not.toEqual(other.kills);
    expect(one.found.second).toMatchObject({ tried: 6, drawn: 6, violating: 0 });
    expect(one.found.second?.places).toBeGreaterThan(6);
    expect(one.found.second?.upperBound).toBeCloseTo(1 - 0.05 ** (1 / 6), 10);
    const { found } = await drawn(1, { within: 2 });
    expect(found.second).toMatchObject({ drawn: 0, upperBound: 0 });
    expect(found.second?.places).toBeLessThanOrEqual(2 * 2);
  });

  test('after a first one that does harm by itself shows nothing, and is not made', async () => {
    const early = scenarioOf([start('hasty', 'hasty'), start('a', 'inserting', { from: 5, count: 1 })]);
    const { setup, inserting } = early.programs;
    const hasty = { ...early, programs: { setup: setup!, inserting: inserting!, hasty: { module, export: 'hasty' } } };
    const promised = (await stepsOf(hasty)).findIndex(({ op }) => op === 'observe');
    const found = await crashSweep({
      coordinator,
      scenario: hasty,
      plan: planOf(),
      from: promised + 1,
      to: promised + 1,
      second: { each: Infinity, seed: 1 },
    });
    expect(found).toMatchObject({ violating: 1, second: { places: 0, tried: 0, upperBound: null } });
  });
});

test('only the invariants asked for count', async () => {
  const lab = scenarioOf([start('a', 'throwing')]);
  const all = await crashSweep({ coordinator, scenario: lab, plan: planOf(), to: 0 });
  expect(all.baseline.map(({ invariant }) => invariant)).toEqual(['lanes-end']);
  const some = await crashSweep({ coordinator, scenario: lab, plan: planOf(), to: 0, only: ['integrity'] });
  expect(some).toMatchObject({ baseline: [], findings: [] });
});
