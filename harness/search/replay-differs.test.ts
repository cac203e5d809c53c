// A replay that differs: where it parts from the other is said, with both sides, and what a program does that causes such.
import { afterEach, describe, expect, test } from 'vitest';
import { invariant } from '../model/invariant.ts';
import type { StartProcess } from '../model/process.ts';
import { coordinatorOf, machineOf, planOf, process as start, scenarioOf } from '../testing/lab.test-support.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { crashSweep } from './crash-sweep.ts';
import { stepLine } from './difference.ts';
import { exhaust } from './exhaustive/exhaust.ts';
import { replayDiffers, seekDifference, tellSought } from './replay-differs.ts';
import type { Scenario } from '../model/scenario.ts';
import { search } from './search.ts';
import { shrink } from './shrink/shrink.ts';
import { long, longButFirst } from '../testing/long.test-support.ts';

const module = new URL('./nondeterministic-programs.test-support.ts', import.meta.url).href;
const names = [
  'setup',
  'reader',
  'clockInData',
  'pidInData',
  'pathSaid',
  'clockSaid',
  'randomIdSaid',
  'randomSleep',
  'oneStepMore',
  'anotherWay',
  'steady',
  'grumbling',
];
const programs = Object.fromEntries(names.map((name) => [name, { module, export: name }]));

const neverSaid = invariant('never-said', 'harm', 'nobody grumbles', function* ({ observations }) {
  if (observations.some(({ kind }) => kind === 'grumble')) yield { message: 'somebody did' };
});

function scenarioOn(...processes: readonly StartProcess[]): Scenario {
  const setup = () => ({ name: 'setup', program: 'setup', args: null });
  return { ...scenarioOf(processes), programs, setup, invariants: [neverSaid] };
}

let coordinator: Coordinator;
afterEach(() => coordinator.close());

async function seek(scenario: Scenario, plan = planOf()) {
  coordinator = await coordinatorOf();
  const sought = await seekDifference({ coordinator, scenario, plan });
  return { ...sought, said: tellSought(sought, []).join('\n') };
}

describe('the first step that differs is named, with both sides, and why', () => {
  test('the real clock in the data: the same write of other bytes', async () => {
    const { difference, said, hashes } = await seek(scenarioOn(start('p', 'clockInData')));
    expect(new Set(hashes).size).toBe(2);
    expect(difference?.one).toMatchObject({ lane: 'p', op: 'write', step: difference?.step });
    expect(difference?.other).toMatchObject({ lane: 'p', op: 'write', step: difference?.step });
    expect(difference?.one?.args?.['sum']).not.toBe(difference?.other?.args?.['sum']);
    expect(difference?.common?.step).toBe((difference?.step ?? 0) - 1);
    expect(said).toMatch(/The bytes that p writes differ: the data hold the real clock/);
    expect(said).toContain(stepLine(difference?.one));
    expect(said).toContain(stepLine(difference?.other));
  });

  test('a process id in the data', longButFirst, async () => {
    const { difference, said } = await seek(scenarioOn(start('p', 'pidInData')));
    expect(difference?.one).toMatchObject({ lane: 'p', op: 'write' });
    expect(said).toMatch(/a process id, or an absolute path/);
  });

  test('what differs from process to process only shows when they are made anew', async () => {
    coordinator = await coordinatorOf({ spares: 0 });
    const scenario = scenarioOn(start('p', 'pidInData'));
    const twice = [await coordinator.run(scenario, planOf()), await coordinator.run(scenario, planOf())];
    expect(new Set(twice.map(({ hash }) => hash)).size).toBe(1);
    expect((await seekDifference({ coordinator, scenario, plan: planOf() })).difference).toBeDefined();
  });

  test('an absolute path in what a program says', longButFirst, async () => {
    expect((await seek(scenarioOn(start('p', 'pathSaid')))).said).toMatch(/it looks like an absolute path/);
  });

  test('the real clock, and a random id, in what a program says', longButFirst, async () => {
    const clock = await seek(scenarioOn(start('p', 'clockSaid')));
    expect(clock.difference?.one).toMatchObject({ op: 'observe' });
    expect(clock.said).toMatch(/it looks like the real clock/);
    coordinator.close();
    const id = await seek(scenarioOn(start('p', 'randomIdSaid')));
    expect(id.said).toMatch(/it looks like a random id/);
  });

  test('another way', longButFirst, async () => {
    const { difference, said } = await seek(scenarioOn(start('p', 'anotherWay')));
    expect(difference?.one?.op).not.toBe(difference?.other?.op);
    expect(said).toMatch(/p goes another way: it decides by something that is not in the plan/);
  });

  test('one ends, the other goes on', longButFirst, async () => {
    const { difference, said } = await seek(scenarioOn(start('p', 'oneStepMore')));
    expect([difference?.one?.op, difference?.other?.op]).toContain('end');
    expect(said).toMatch(/p goes another way/);
  });

  test('a sleep of another length: what the lane stands before, though another lane goes first', async () => {
    const sleepers = [start('a', 'steady'), start('b', 'randomSleep')];
    const { difference, said } = await seek(scenarioOn(...sleepers));
    const [one, other] =
      difference?.own === undefined ? [difference?.one, difference?.other] : [difference.own.one, difference.own.other];
    expect(one).toMatchObject({ lane: 'b', op: 'sleep' });
    expect(other).toMatchObject({ lane: 'b', op: 'sleep' });
    expect(said).toMatch(/b sleeps for another time/);
  });

  test('files that setup made otherwise: nobody in the run wrote other bytes', async () => {
    const scenario = scenarioOn(start('p', 'reader'));
    const setup = () => ({ name: 'setup', program: 'setup', args: 'clock' });
    const { difference, said } = await seek({ ...scenario, setup });
    expect(difference?.one?.op).toMatch(/read|fetch/);
    expect(said).toMatch(/the files that the run began with differ/);
  });
});

test('what does not come back is said as that: how many replays, and whose hash they gave', async () => {
  coordinator = await coordinatorOf();
  const scenario = scenarioOn(start('p', 'steady'));
  const { hash } = await coordinator.run(scenario, planOf());
  const error = await replayDiffers({ coordinator, scenario, plan: planOf() }, 'f'.repeat(64), hash);
  expect(error).toMatchObject({ code: 'REPLAY_DIFFERS', kind: 'harness' });
  expect(error.message).toMatch(
    new RegExp(
      `\\(ffffffffffff and ${hash.slice(0, 12)}\\)\\.\\n.*did not come back: 5 further replays gave one hash, ${hash.slice(0, 12)}, that of the other`,
    ),
  );
});

describe('wherever a finding is confirmed', () => {
  const scenario = scenarioOn(start('p', 'grumbling'));
  const differs = {
    code: 'REPLAY_DIFFERS',
    message: expect.stringMatching(/The first step that differs is \d+ .*p write lab\.db/s),
  };

  test('by a search', long, async () => {
    coordinator = await coordinatorOf();
    const { engine, parameters } = scenario;
    const options = {
      scenario,
      scenarioModule: '',
      machine: await machineOf(),
      coordinator,
      strategy: 'plain',
      engine,
    };
    const found = search({ ...options, parameters, seed: 1, chooser: 'replay', runs: 1 });
    await expect(found).rejects.toMatchObject(differs);
  });

  test('by shrinking, a sweep, an exhaustive search', async () => {
    coordinator = await coordinatorOf();
    const told = { coordinator, scenario, plan: planOf() };
    await expect(shrink(told)).rejects.toMatchObject(differs);
    await expect(crashSweep({ ...told, from: 45 })).rejects.toMatchObject({ code: 'REPLAY_DIFFERS' });
    await expect(exhaust({ ...told, preemptions: 0 })).rejects.toMatchObject(differs);
  });

  test('the same steps, judged otherwise: an invariant that is no pure function', async () => {
    coordinator = await coordinatorOf();
    let asked = 0;
    const moody = invariant('moody', 'harm', 'says another thing each time', function* () {
      yield { message: `time ${asked++}` };
    });
    const given = { ...scenarioOn(start('p', 'steady')), invariants: [moody] };
    const options = { scenario: given, scenarioModule: '', machine: await machineOf(), coordinator, strategy: 'plain' };
    const { engine, parameters } = given;
    const found = search({ ...options, engine, parameters, seed: 1, chooser: 'replay', runs: 1 });
    await expect(found).rejects.toMatchObject({
      code: 'REPLAY_DIFFERS',
      message: expect.stringMatching(/took the same steps .* judged otherwise.*moody: time \d.*moody: time \d/s),
    });
  });
});
