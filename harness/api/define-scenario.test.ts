// What a person need not say has a default that runs; what he does say reaches the run.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PREBUILT_ENGINE } from '../engines/catalogue.ts';
import { checkScenario } from '../run/check-scenario.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { drawPlan } from '../search/draw-plan.ts';
import { coordinatorOf } from '../testing/lab.test-support.ts';
import { stream } from '../model/random.ts';
import { adders, addersScenario } from './adders.test-support.ts';
import { defineScenario, type ScenarioInput } from './define-scenario.ts';
import { fault } from './faults.ts';
import { command, node, python, world } from './programs.ts';

const draw = (scenario = addersScenario, strategy = 'as-is') =>
  drawPlan(scenario, { strategy, engine: PREBUILT_ENGINE, parameters: scenario.parameters }, (name) =>
    stream(name, 1, 0),
  );

test('what has a default need not be said', () => {
  const { from, programs } = adders;
  const scenario = defineScenario({
    name: 'least',
    says: 'the least',
    from: from ?? '',
    database: 'counter.db',
    programs,
  });
  checkScenario(scenario);
  expect(scenario).toMatchObject({
    engine: PREBUILT_ENGINE,
    strategies: [{ name: 'as-is' }],
    window: 'lanes-met',
    parameters: { horizonMs: 600_000 },
  });
  const plan = draw(scenario);
  expect(plan).toMatchObject({ workload: null, faults: [] });
  expect(plan.parameters.sqlite).toBeDefined();
  expect(scenario.start(plan)).toEqual([{ name: 'writer', program: 'writer', args: null }]);
});

test('settings of SQLite stay those of the programs where they are not to vary', () => {
  expect(draw(defineScenario({ ...adders, vary: false })).parameters.sqlite).toBeUndefined();
});

test('a relative path needs a file', () => {
  const { from: _, ...nowhere } = adders;
  expect(() => defineScenario(nowhere)).toThrow(expect.objectContaining({ code: 'SCENARIO_FROM' }));
});

describe('strategies', () => {
  const other: ScenarioInput = {
    ...adders,
    strategies: [
      { name: 'as-is', says: 'as it is' },
      {
        name: 'reading',
        says: 'reads only',
        programs: { writer: world('counter-programs.test-support.ts', 'reader') },
      },
    ],
    generate: ({ strategy }) => ({ told: strategy }),
    faults: ({ strategy, random }) =>
      strategy === 'reading' ? [fault('kill', { at: { timeMs: Math.floor(random() * 10) }, process: 'writer-1' })] : [],
  };

  test('have programs of their own, and are told to `generate` and `faults`', () => {
    const scenario = defineScenario(other);
    checkScenario(scenario);
    const plans = ['as-is', 'reading'].map((strategy) => draw(scenario, strategy));
    expect(plans.map((plan) => scenario.start(plan).map(({ program }) => program))).toEqual([
      ['writer', 'writer'],
      ['writer.reading', 'writer.reading'],
    ]);
    expect(plans.map(({ workload, faults }) => [workload, faults.length])).toEqual([
      [{ told: 'as-is' }, 0],
      [{ told: 'reading' }, 1],
    ]);
    const ref = scenario.programs['writer.reading'];
    expect(ref).toMatchObject({ export: 'reader' });
  });

  test('may have another environment for all commands', () => {
    const { programs } = defineScenario({
      ...adders,
      programs: {
        ...adders.programs,
        py: python('w.py', ['{name}'], { env: { A: '1' } }),
        sh: command(['./tool', 'app.db']),
      },
      strategies: [{ name: 's', says: 'x', env: { B: '2' }, programs: { sh: node('tool.js') } }],
    });
    const beside = (file: string) => fileURLToPath(new URL(`../search/${file}`, import.meta.url));
    expect(programs).toMatchObject({
      py: { command: ['python3', beside('w.py'), '{name}'], host: 'python', env: { A: '1' } },
      'py.s': { command: ['python3', beside('w.py'), '{name}'], host: 'python', env: { A: '1', B: '2' } },
      sh: { command: [beside('tool'), 'app.db'], host: 'preload' },
      'sh.s': { command: ['node', beside('tool.js')], host: 'node', env: { B: '2' } },
    });
    expect(Object.keys(programs).filter((name) => name.startsWith('writer'))).toEqual(['writer']);
  });

  test('may have another setup', () => {
    const scenario = defineScenario({
      ...adders,
      setup: { program: 'init', args: 1 },
      programs: { ...adders.programs, init: world('counter-programs.test-support.ts', 'setup') },
      strategies: [{ name: 's', says: 'x', programs: { init: world('counter-programs.test-support.ts', 'reader') } }],
    });
    const plan = draw(scenario, 's');
    expect(scenario.setup(plan)).toEqual({ name: 'setup', program: 'init.s', args: 1 });
  });
});

test('a strategy with another program for one that there is not is a mistake, and no fix without effect', () => {
  const strategies = [
    { name: 's', says: 'x', programs: { writr: world('counter-programs.test-support.ts', 'reader') } },
  ];
  expect(() => defineScenario({ ...adders, strategies })).toThrow(
    /strategy "s" has another program for "writr", which there is not\. Did you mean "writer"\?/,
  );
});

test('a fault that is none is refused in a sentence', () => {
  expect(() => fault('pause', { at: { step: 1 }, ms: 0 })).toThrow(
    /The fault "pause" is not valid:\n.*virtual milliseconds/,
  );
});

describe('in a run', () => {
  let coordinator: Coordinator;
  beforeAll(async () => {
    coordinator = await coordinatorOf();
  });
  afterAll(() => coordinator.close());

  test('the database is there, and marks of observations and of steps are counted', async () => {
    const { marks, endings, autopsy, laneEnds, written } = await coordinator.run(addersScenario, draw());
    expect(endings.map(({ ending }) => ending.how)).toEqual(['returned', 'returned']);
    expect(autopsy.queries).toEqual({ counter: [[4]] });
    expect(marks).toMatchObject({ rested: 2, 'rested-long': 0, 'busy-wal': 0, 'lanes-met': 0 });
    expect(marks['wal-begun']).toBeGreaterThan(0);
    expect(laneEnds.map(({ lane }) => lane).toSorted()).toEqual(['writer-1', 'writer-2']);
    expect(written.map(({ file }) => file)).toContain('counter.db-wal');
    expect(written.find(({ file }) => file === 'counter.db-wal')?.bytes).toBeGreaterThan(32);
  });

  test('a mark that throws is an error of the scenario', async () => {
    const [, , mark] = adders.marks ?? [];
    const reached = () => {
      throw new Error('oh');
    };
    const scenario = defineScenario({ ...adders, marks: [{ ...mark, name: 'm', says: 'm', at: ['write'], reached }] });
    await expect(coordinator.run(scenario, draw())).rejects.toMatchObject({
      code: 'SCENARIO_INVALID',
      message: expect.stringContaining('its mark "m" threw Error: oh') as string,
    });
  });
});
