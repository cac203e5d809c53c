// Plans by chance: a pure function of seed and run, valid, and each without some of what runs may do. That the settings of
// SQLite reach SQLite: harness/lane/connection.test.ts; that of the scenarios: scenarios/draw-plan.test.ts.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { counter, counterWorkload } from './counter-lab.test-support.ts';
import type { Round } from './counter-programs.test-support.ts';
import { drawPlan, type DrawOptions, type Streams } from './draw-plan.ts';
import { varySqlite } from './vary-sqlite.ts';
import { type Plan, planSchema } from '../model/plan.ts';
import { stream } from '../model/random.ts';
import type { Scenario } from '../model/scenario.ts';
import { operationsOf, sizeOf } from './size.ts';
import { swarm } from './swarm.ts';

const { engine, parameters } = counter;
const options: DrawOptions = { strategy: 'bare', engine, parameters };
const streamsOf =
  (seed: number, run: number): Streams =>
  (name) =>
    stream(name, seed, run);

function draw(run: number, more: Partial<DrawOptions> = {}, scenario: Scenario = counter): Plan {
  return drawPlan(scenario, { ...options, ...more }, streamsOf(3, run));
}

/** What a swarm takes nothing of the workload of. */
const whole: Partial<Scenario> = { features: [], workload: z.json() };

const many = Array.from({ length: 300 }, (_, run) => draw(run));

describe('every plan', () => {
  test('is one of the format and of the scenario', () => {
    for (const plan of many) {
      expect(planSchema.parse(plan)).toEqual(plan);
      expect(counterWorkload(plan.workload)).toEqual(plan.workload);
      expect(plan).toMatchObject({ scenario: 'counter', strategy: 'bare', engine, preemptions: [] });
    }
  });

  test('depends on seed and run alone, and other runs and seeds give others', () => {
    const texts = many.map((plan) => JSON.stringify(plan));
    expect(many.map((_, run) => JSON.stringify(draw(run)))).toEqual(texts);
    expect(new Set(texts).size).toBe(texts.length);
    expect(drawPlan(counter, options, streamsOf(4, 0))).not.toEqual(many[0]);
    expect(new Set(many.map(({ seed }) => seed)).size).toBe(many.length);
  });

  test('draws each part from a stream of its own: what one takes moves no other', () => {
    const busier: Scenario = {
      ...counter,
      vary: (random, given) => {
        for (let i = 0; i < 7; i++) random();
        return given;
      },
      faults: () => [],
    };
    for (let run = 0; run < 20; run++) {
      const [plain, other] = [counter, busier].map((one) => draw(run, {}, { ...one, ...whole }));
      expect(other?.workload).toEqual(plain?.workload);
      expect(other?.seed).toBe(plain?.seed);
    }
  });
});

test('as many gateways as the scenario varies them to, or as many as asked for', () => {
  const varying: Scenario = {
    ...counter,
    vary: (random, given) => ({ ...given, gateways: 1 + Math.floor(random() * 5) }),
  };
  const given = { ...parameters, gateways: 9 };
  const free = Array.from({ length: 50 }, (_, run) => draw(run, { parameters: given }, varying).parameters.gateways);
  expect(new Set(free)).toEqual(new Set([1, 2, 3, 4, 5]));
  const fixed = Array.from({ length: 50 }, (_, run) => draw(run, { parameters: given, gatewaysFixed: true }, varying));
  expect(new Set(fixed.map((plan) => plan.parameters.gateways))).toEqual(new Set([9]));
});

describe('swarm', () => {
  const share = (what: (plan: Plan) => boolean) => many.filter(what).length / many.length;

  test('each kind of fault is off in some runs and on in others, all of them together too', () => {
    const has = (kind: string) => (plan: Plan) => plan.faults.some((fault) => fault.kind === kind);
    for (const kind of ['pause', 'kill']) {
      expect(share(has(kind))).toBeGreaterThan(0.5);
      expect(share(has(kind))).toBeLessThan(0.9);
    }
    expect(share(({ faults }) => faults.length === 2)).toBeGreaterThan(0.4);
    expect(share(({ faults }) => faults.length === 0)).toBeGreaterThan(0.03);
  });

  test("so are SQLite's settings, and the scenario's own features", () => {
    expect(share((plan) => plan.parameters.sqlite === undefined)).toBeGreaterThan(0.1);
    expect(share((plan) => plan.parameters.sqlite === undefined)).toBeLessThan(0.5);
    const bare: Scenario = { ...counter, ...whole };
    let off = 0;
    let readers = 0;
    for (const [run, plan] of many.entries()) {
      if (counterWorkload(draw(run, {}, bare).workload).readers.length === 0) continue;
      readers++;
      if (counterWorkload(plan.workload).readers.length === 0) off++;
    }
    expect(off / readers).toBeGreaterThan(0.1);
    expect(off / readers).toBeLessThan(0.5);
  });

  test('so are kinds of operations, but where the schema wants one to stay', () => {
    const bare: Scenario = { ...counter, ...whole };
    const roundsOf = ({ workload }: Plan) => counterWorkload(workload).writers.map(({ rounds }) => rounds);
    for (const act of ['add', 'note', 'rest']) {
      const is = (round: Round) => round.act === act;
      let [off, on] = [0, 0];
      for (const [run, plan] of many.entries()) {
        const all = roundsOf(draw(run, {}, bare));
        if (!all.some((rounds) => rounds.some(is))) continue;
        const left = roundsOf(plan);
        const gone = !left.some((rounds) => rounds.some(is));
        // A writer who does nothing else has at least one round, by the schema.
        if (all.some((rounds) => rounds.every(is))) expect(gone, `${run}: ${act}`).toBe(false);
        if (gone) off++;
        else on++;
      }
      expect(off / (off + on), act).toBeGreaterThan(0.1);
      expect(off / (off + on), act).toBeLessThan(0.5);
    }
  });

  test('takes away, and changes nothing else', () => {
    const plan = draw(1, {}, { ...counter, ...whole });
    for (let run = 0; run < 50; run++) {
      const less = swarm(counter, plan, stream('swarm', 8, run));
      expect({ ...less, faults: [], parameters, workload: null }).toEqual({
        ...plan,
        faults: [],
        parameters,
        workload: null,
      });
      for (const fault of less.faults) expect(plan.faults).toContain(fault);
      const writersOf = ({ workload }: Plan) => counterWorkload(workload).writers;
      const left = new Set(writersOf(less).flatMap(({ rounds }) => rounds.map(({ act }) => act)));
      const kept = writersOf(plan).map(({ rounds }) => ({ rounds: rounds.filter(({ act }) => left.has(act)) }));
      expect(writersOf(less)).toEqual(kept);
      const { sqlite: _, ...plain } = plan.parameters;
      expect([plan.parameters, plain]).toContainEqual(less.parameters);
    }
  });
});

describe('I/O', () => {
  test('takes time in a part of the runs, and in a part reads and writes are switch points', () => {
    const share = (what: (plan: Plan) => boolean) => many.filter(what).length / many.length;
    expect(share(({ parameters: { ioCost } }) => ioCost !== undefined)).toBeCloseTo(0.25, 1);
    expect(share(({ parameters: { switchPoints } }) => switchPoints !== undefined)).toBeCloseTo(0.5, 1);
    const grains = many.flatMap(({ parameters: { ioCost } }) => (ioCost === undefined ? [] : [ioCost]));
    for (const { every, ms } of grains) expect(ms).toBe(every / 2);
    expect(new Set(grains.map(({ every }) => every)).size).toBe(3);
    expect(new Set(grains.map(({ seed }) => seed)).size).toBe(grains.length);
  });

  test('takes none where quiet hours are skipped: none would be quiet', () => {
    const quiet = { ...parameters, quiet: 'skip' } as const;
    const drawn = Array.from({ length: 40 }, (_, run) => draw(run, { parameters: quiet }).parameters.ioCost);
    expect(new Set(drawn)).toEqual(new Set([undefined]));
  });
});

test("SQLite's settings take every value that they may", () => {
  const drawn = Array.from(
    { length: 400 },
    (_, run) => varySqlite(stream('parameters', 5, run), parameters).sqlite ?? {},
  );
  const values = (name: 'pageBytes' | 'cachePages' | 'autocheckpointPages') =>
    new Set(drawn.map((sqlite) => sqlite[name] ?? null));
  expect(values('pageBytes')).toEqual(new Set([512, 1024, 2048, 4096, 8192, 65_536]));
  expect(values('cachePages')).toEqual(new Set([1, 2, 8, 64, null]));
  expect(values('autocheckpointPages')).toEqual(new Set([0, 1, 4, 16, 64, 256, null]));
});

describe('the size of a plan', () => {
  test('counts the entries of all lists, where a scenario counts nothing of its own', () => {
    const workload = {
      writers: [{ rounds: [1, 2, 3] }, { rounds: [] }],
      other: { deep: [[7]] },
      text: 'x',
      none: null,
    };
    expect(operationsOf(counter, workload)).toBe(2 + 3 + 1 + 1);
    expect(operationsOf({ ...counter, operations: () => 42 }, workload)).toBe(42);
    for (const leaf of [null, 3, 'x', true]) expect(operationsOf(counter, leaf)).toBe(0);
  });

  test('and preemptions, faults and bytes', () => {
    const [plan] = many;
    if (plan === undefined) throw new Error('nothing was drawn');
    expect(sizeOf(counter, { ...plan, preemptions: [{ at: 1, to: 'x' }] })).toEqual({
      preemptions: 1,
      faults: plan.faults.length,
      operations: operationsOf(counter, plan.workload),
      bytes: JSON.stringify(plan.workload).length,
    });
  });
});
