// The power goes in the middle of a run: who dies, what is left, and how the run goes on.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { violationsOf } from '../../judge/judge-history.ts';
import type { Durability } from '../../model/file-systems.ts';
import type { FaultOf } from '../../model/fault.ts';
import type { History } from '../../model/history.ts';
import type { StartProcess } from '../../model/process.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Json } from '../../model/values.ts';
import { coordinatorOf, observed, planOf, process, scenarioOf, StepKeeper } from '../../testing/lab.test-support.ts';
import { witness } from '../../search/witness.ts';
import { runsOf } from '../../testing/long.test-support.ts';
import type { Coordinator } from '../coordinator.ts';

vi.setConfig({ testTimeout: 120_000 });

const module = new URL('./power-programs.test-support.ts', import.meta.url).href;

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

type PowerLoss = FaultOf<'power-loss'>;

function scenario(start: readonly StartProcess[], journal = 'WAL', durability?: Durability): Scenario {
  const names = ['setup', 'counting', 'parent', 'files'];
  const programs = Object.fromEntries(names.map((name) => [name, { module, export: name }]));
  return {
    ...scenarioOf(start),
    programs,
    setup: () => ({ name: 'setup', program: 'setup', args: journal }),
    parameters: { gateways: 1, horizonMs: 200, stepsMax: 200_000 },
    ...(durability === undefined ? {} : { durability: () => durability }),
  };
}

const counting = (synchronous: string, more = '') =>
  process('a', 'counting', { pragmas: `PRAGMA synchronous=${synchronous}; ${more}` });

function power(more: Partial<PowerLoss> = {}): PowerLoss {
  return { kind: 'power-loss', at: { timeMs: 50 }, lost: 'everything', offMs: 100, ...more };
}

async function run(of: Scenario, ...faults: readonly PowerLoss[]) {
  const keeper = new StepKeeper();
  const plan = planOf({ faults, parameters: of.parameters });
  const history = await coordinator.run(of, plan, undefined, [keeper]);
  return { history, steps: keeper.steps, violations: violationsOf(of, history) };
}

const found = (history: History) => observed(history, 'found').map((data) => (data as { rows: number }).rows);
/** Rows of which the programs were told before the power went for the nth time. */
const acknowledged = (history: History, nth = 0) =>
  history.observations.filter(({ kind, step }) => kind === 'committed' && step < (history.strikes[nth]?.step ?? 0))
    .length * 2;
const invariants = (violations: readonly { readonly invariant: string }[]) => violations.map((one) => one.invariant);

describe('WAL', () => {
  test('with FULL nothing acknowledged is lost; the processes are others, and go on with what they find', async () => {
    const { history, violations } = await run(scenario([counting('FULL')]), power());
    expect(violations).toEqual([]);
    expect(history.deaths).toMatchObject([{ process: 'a', ending: { how: 'killed', signal: 'SIGKILL' } }]);
    expect(found(history)).toEqual([0, acknowledged(history)]);
    expect(history.observations.find(({ lane }) => lane === 'a.boot-2')).toMatchObject({ nowMs: 150 });
    expect(history.strikes).toMatchObject([
      { kind: 'power-loss', nowMs: 50, liftedMs: 150, powerLoss: { model: 'powersafe', promise: 'acknowledged' } },
    ]);
  });

  test('with NORMAL the last commits are, which is a violation only where that is not allowed', async () => {
    const lost = await run(scenario([counting('NORMAL')], 'WAL', 'order'), power());
    expect(found(lost.history)[1]).toBeLessThan(acknowledged(lost.history));
    expect(lost.violations).toEqual([]);
    const forbidden = await run(scenario([counting('NORMAL')]), power());
    expect(forbidden.history.hash).toBe(lost.history.hash);
    expect(invariants(forbidden.violations)).toEqual(['acknowledged-commits']);
    expect(forbidden.violations[0]?.message).toMatch(/^after the power loss at step \d+ \(powersafe\): \d+ of \d+ /);
  });

  test('with NORMAL and nothing lost, nothing is', async () => {
    const { history, violations } = await run(scenario([counting('NORMAL')]), power({ lost: 'nothing' }));
    expect(violations).toEqual([]);
    expect(found(history)[1]).toBe(acknowledged(history));
    expect(history.strikes[0]?.powerLoss).toMatchObject({ lost: 0 });
  });
});

describe('DELETE', () => {
  test('with FULL the removal of the journal may be lost: it is hot then, and the last commit is rolled back', async () => {
    // Just after the journal's name is gone, and before anything else.
    const at = { lane: 'a', op: 'sleep', nth: 20 } as const;
    const names = power({ at, lost: { names: [[0, 0]] } });
    const { history, violations } = await run(scenario([counting('FULL')], 'DELETE'), names);
    expect(invariants(violations)).toEqual(['acknowledged-commits']);
    expect(violations[0]?.message).toContain('a hot journal was rolled back');
    expect(found(history)[1]).toBe(acknowledged(history) - 2);
    const extra = await run(scenario([counting('EXTRA')], 'DELETE'), names);
    expect(extra.violations).toEqual([]);
    expect(extra.history.strikes[0]?.powerLoss).toMatchObject({ underWay: 0 });
  });

  test('with OFF the database is broken, which is a violation unless nothing is promised', async () => {
    const half = power({ lost: { writes: [[1, 1]] } });
    const { history, violations } = await run(scenario([counting('OFF')], 'DELETE', 'order'), half);
    expect(history.strikes[0]?.powerLoss).toMatchObject({ lost: 1 });
    expect(invariants(violations)).toContain('integrity');
    expect(violations[0]?.message).toMatch(/^after the power loss at step \d+ \(powersafe\): /);
    const nothing = await run(scenario([counting('OFF')], 'DELETE', 'nothing'), half);
    expect(nothing.history.hash).toBe(history.hash);
    expect(invariants(nothing.violations).filter((name) => name !== 'lanes-end')).toEqual([]);
  });
});

test('it may go as often as it likes; names tell the boot', async () => {
  const twice = [power(), power({ at: { timeMs: 170 }, offMs: 10 })];
  const { history, violations } = await run(scenario([counting('FULL')]), ...twice);
  expect(violations).toEqual([]);
  expect(history.deaths.map((death) => death.process)).toEqual(['a', 'a.boot-2']);
  const [, second, third] = found(history);
  expect(second).toBeGreaterThan(0);
  expect(third).toBe(acknowledged(history, 1));
});

test('a machine that is off has no power to lose, and stays off where the plan ends before', async () => {
  const { history } = await run(scenario([counting('FULL')]), power(), power({ at: { timeMs: 60 } }));
  expect(history.strikes[1]?.note).toContain('the machine is off');
  const off = await run(scenario([counting('FULL')]), power({ offMs: 10_000 }));
  expect(off.history).toMatchObject({ end: 'stopped', strikes: [{ liftedMs: 200 }] });
  expect(off.violations).toEqual([]);
});

test('names that were in use mean processes of this boot, whoever asks; others are those of before, and dead', async () => {
  const { history, violations } = await run(
    scenario([process('p', 'parent', 'child')]),
    power({ at: { lane: 'child', op: 'sleep', nth: 2 } }),
  );
  expect(violations).toEqual([]);
  expect(observed(history, 'before')).toEqual([
    { ended: { how: 'threw', error: 'unknown' } },
    { ended: { how: 'killed', signal: 'SIGKILL' } },
  ]);
  expect(observed(history, 'ended')).toMatchObject([{ how: 'returned' }]);
  expect(history.deaths.map((death) => death.process)).toEqual(['p', 'child', 'earlier']);
});

describe('files', () => {
  const after = async (lost: PowerLoss['lost'], more: Partial<PowerLoss> = {}) => {
    const { history } = await run(scenario([process('f', 'files')]), power({ at: { timeMs: 50 }, lost, ...more }));
    return observed(history, 'seen')[1] as Json;
  };
  const begun = ['note: begun', 'folder-note: begun', 'new: none', 'moved: none'];

  test('what was not synced is lost, or is there, each name and each write by itself; two names stay names of one file', async () => {
    expect(await after('everything')).toEqual(begun);
    expect(await after('nothing')).toEqual(['note: written', 'folder-note: written', 'new: none', 'moved: made']);
    expect(await after({ names: [[0, 0]] })).toEqual([
      'note: written',
      'folder-note: written',
      'new: made',
      'moved: none',
    ]);
    expect(await after({ writes: [[0, 0]] })).toEqual([
      'note: written',
      'folder-note: written',
      'new: none',
      'moved: ',
    ]);
    // A file that was cut, and whose new bytes are not there.
    expect(await after({ writes: [[0, 1]] })).toEqual(['note: ', 'folder-note: ', 'new: none', 'moved: ']);
  });

  test('where names keep their order, one that is lost takes the later ones along', async () => {
    const made = { lost: { names: [[1, 1]] as [number, number][] }, model: 'ordered' } as const;
    expect(await after(made.lost, made)).toEqual(['note: written', 'folder-note: written', 'new: none', 'moved: none']);
  });
});

test('replays have one hash; the Node host gives the same', async () => {
  const both = [counting('NORMAL', 'PRAGMA wal_autocheckpoint=8'), process('p', 'parent', 'child')];
  const of = { ...scenario(both, 'WAL', 'order'), parameters: { gateways: 1, horizonMs: 50, stepsMax: 200_000 } };
  const at = (timeMs: number) => ({ at: { timeMs }, offMs: 10 });
  const faults = [power({ lost: { writes: [[0, 2]], names: [[0, 0]] }, ...at(12) }), power(at(35))];
  const hashes = new Set<string>();
  for (let i = 0; i < runsOf(50, 4); i++) hashes.add((await run(of, ...faults)).history.hash);
  const node = await coordinatorOf({ host: 'node', fresh: true });
  try {
    hashes.add((await node.run(of, planOf({ faults, parameters: of.parameters }))).hash);
  } finally {
    node.close();
  }
  expect(hashes.size).toBe(1);
});

test('it is told in sentences, and drawn on the timeline', async () => {
  const of = scenario([counting('NORMAL'), process('p', 'parent', 'child')]);
  const faults = [power({ at: { lane: 'a', op: 'sleep', nth: 4 }, lost: { writes: [[0, 0]] } })];
  const plan = planOf({ faults, parameters: of.parameters });
  const { facts, timeline } = await witness(coordinator, of, plan, { stepsMax: 100_000 });
  const sentences = facts.map(({ sentence }) => sentence);
  expect(sentences.find((one) => one.startsWith('The power'))).toMatch(
    /^The power went as a stood before its sleep number 4, over a file system powersafe: a, p, child, earlier died; \d+ operations on the disk are not synced, 1 of them lost; lost: the write of \d+ bytes at \d+ of lab\.db-wal \(a, step \d+\); .*the machine was on again 0\.1 s later\.$/,
  );
  const events = timeline.events.filter(({ kind }) => kind === 'fault').map(({ text }) => text);
  expect(events).toEqual([expect.stringMatching(/^power-loss: /), 'the machine is on again (boot 2)']);
  expect(timeline.lanes).toContain('a.boot-2');
});
