// What a person need not say has a default that runs; what he does say reaches the run.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PREBUILT_ENGINE } from '../engines/catalogue.ts';
import { checkScenario } from '../run/check-scenario.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { drawPlan } from '../search/draw-plan.ts';
import { coordinatorOf } from '../testing/lab.test-support.ts';
import { stream } from '../model/random.ts';
import type { Json } from '../model/values.ts';
import { adders, addersScenario } from './adders.test-support.ts';
import { defineScenario, type ScenarioInput } from './define-scenario.ts';
import { fault } from './faults.ts';
import { command, node, python, world } from './programs.ts';

const { parameters } = addersScenario;

const draw = (scenario = addersScenario, strategy = 'as-is', run = 0) =>
  drawPlan(scenario, { strategy, engine: PREBUILT_ENGINE, parameters: scenario.parameters }, (name) =>
    stream(name, 1, run),
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

describe('kinds of operations that a schema tells apart', () => {
  const put = { op: 'put', key: 1 };
  const ops = [put, { op: 'drop', key: 1 }, put, { op: 'note', key: 2 }];
  const entry = z.object({ op: z.enum(['put', 'drop', 'note']), key: z.int() });
  const runs = 200;
  /** In which share of the runs each is drawn; the rest of every workload stays as it was. */
  const sharesOf = (workload: z.ZodType, more: Partial<ScenarioInput> = {}, given: Json = { ops }) => {
    const schema = workload as z.ZodType<Json>;
    const scenario = defineScenario({ ...adders, workload: schema, generate: () => given, ...more });
    checkScenario(scenario);
    const lists = Array.from({ length: runs }, (_, run) => {
      const { workload: drawn } = draw(scenario, 'as-is', run);
      return (drawn as { readonly ops: typeof ops }).ops;
    });
    for (const left of lists) expect(left).toEqual(ops.filter(({ op }) => left.some((one) => one.op === op)));
    const share = (op: string) => lists.filter((left) => left.some((one) => one.op === op)).length / runs;
    return { put: share('put'), drop: share('drop'), note: share('note') };
  };
  const some: unknown = expect.toSatisfy((share: number) => share > 0.55 && share < 0.9);

  test('are missing from a part of the runs, each for itself', () => {
    expect(sharesOf(z.object({ ops: z.array(entry) }))).toEqual({ put: some, drop: some, note: some });
  });

  test('are in all runs when they are essential', () => {
    const shares = sharesOf(z.object({ ops: z.array(entry) }), { essential: ['op=put'] });
    expect(shares).toEqual({ put: 1, drop: some, note: some });
  });

  test('that are essential and that there are not are an error with a name, since they would not stay', () => {
    for (const workload of [z.object({ ops: z.array(entry) }), z.json()])
      expect(() => sharesOf(workload, { essential: ['op=puts'] })).toThrow(
        /essential: "op=puts" is what no entry of a list in `workload` can have/,
      );
  });

  test('stay where the schema would not take what is left', () => {
    const least = z.object({ ops: z.array(entry).min(3) });
    expect(sharesOf(least)).toEqual({ put: 1, drop: some, note: some });
    const both = z.object({ ops: z.array(entry) }).refine((one) => one.ops.some(({ op }) => op === 'drop'));
    expect(sharesOf(both)).toEqual({ put: some, drop: 1, note: some });
  });

  test('are never all missing', () => {
    const scenario = defineScenario({
      ...adders,
      workload: z.array(z.enum(['a', 'b'])),
      generate: () => ['a', 'b'],
    });
    const lists = Array.from({ length: runs }, (_, run) => JSON.stringify(draw(scenario, 'as-is', run).workload));
    expect(new Set(lists)).toEqual(new Set(['["a","b"]', '["a"]', '["b"]']));
  });

  test('are none where it says nothing', () => {
    for (const silent of [z.json(), z.object({ ops: z.array(z.object({ op: z.string(), key: z.int() })) })])
      expect(sharesOf(silent)).toEqual({ put: 1, drop: 1, note: 1 });
  });
});

test('`generate` and `faults` may draw integers, whose ends come more often', () => {
  const scenario = defineScenario({
    ...adders,
    generate: ({ between }) => between(10, 19),
    faults: ({ between }) => [fault('kill', { at: { timeMs: between(1, 9) }, process: 'writer-1' })],
  });
  const workloads = Array.from({ length: 400 }, (_, run) =>
    scenario.generate(stream('workload', 1, run), parameters, ''),
  );
  expect(new Set(workloads)).toEqual(new Set(Array.from({ length: 10 }, (_, i) => 10 + i)));
  for (const end of [10, 19]) expect(workloads.filter((one) => one === end).length / 400).toBeGreaterThan(1 / 8);
  const times = Array.from(
    { length: 400 },
    (_, run) => scenario.faults?.(stream('faults', 1, run), parameters, '')[0]?.at,
  );
  for (const timeMs of [1, 9])
    expect(times.filter((at) => JSON.stringify(at) === JSON.stringify({ timeMs })).length / 400).toBeGreaterThan(1 / 8);
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
