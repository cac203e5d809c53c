// What only a plan, the database or a run shows of a scenario that is not what it must be: an error of the scenario, and
// neither a finding nor a pass.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { generalInvariants } from '../judge/invariants/catalogue.ts';
import { type Invariant, invariant } from '../model/invariant.ts';
import { gatewaysMax } from '../model/gateways.ts';
import type { Json } from '../model/values.ts';
import type { StartProcess } from '../model/process.ts';
import { coordinatorOf, machineOf, planOf, process as start, scenarioOf } from '../testing/lab.test-support.ts';
import { seenBy, violationsOf } from '../judge/judge-history.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { checkPlans } from './property.ts';
import { planOfRun } from './runner.ts';
import type { Scenario } from '../model/scenario.ts';
import { search } from './search.ts';
import { Stress } from './stress/stress.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

const mistaken = new URL('./mistaken-programs.test-support.ts', import.meta.url).href;
const unloadable = new URL('./unloadable.test-support.ts', import.meta.url).href;
const tableMade = 'CREATE TABLE t(k INTEGER PRIMARY KEY)';
let scenarios = 0;

/** Each has a name of its own: what is known of one is not known of another. */
function scenarioOn(
  processes: readonly StartProcess[],
  more: Partial<Scenario> & { readonly sql?: string | null } = {},
): Scenario {
  const { sql = tableMade, ...rest } = more;
  const ours = ['setup', 'saying', 'making', 'spawning', 'threading'].map((name) => [
    name,
    { module: mistaken, export: name },
  ]);
  return {
    ...scenarioOf(processes),
    name: `mistaken-${scenarios++}`,
    programs: { ...Object.fromEntries(ours), lost: { module: unloadable, export: 'lost' } } as Scenario['programs'],
    setup: () => ({ name: 'setup', program: 'setup', args: sql }),
    ...rest,
  };
}

function saying(kind: string, data: Json): StartProcess {
  return start('p', 'saying', { kind, data });
}

const invalid = (says: RegExp) => ({ kind: 'usage', code: 'SCENARIO_INVALID', message: expect.stringMatching(says) });

async function expectRefused(scenario: Scenario, says: RegExp): Promise<void> {
  const judged = coordinator
    .run(scenario, planOf({ scenario: scenario.name }))
    .then((history) => violationsOf(scenario, history));
  await expect(judged).rejects.toMatchObject(invalid(says));
  await expect(judged).rejects.toThrow(new RegExp(`^The scenario ${scenario.name}: `));
}

describe('observations of rows', () => {
  test.each<[string, string, Json, RegExp]>([
    [
      'a query that there is not',
      'committed',
      { table: 'tt', keys: [1] },
      /p observed "committed" at step 1, and there is no query "tt" .*Queries: t/,
    ],
    ['the same, before the commit', 'committing', { table: 'tt', keys: [1] }, /observed "committing" .* no query "tt"/],
    ['no keys', 'committed', { table: 't' }, /its data are .*"t".*, not \{table, keys/],
    ['keys that are no list', 'committed', { table: 't', keys: 1 }, /not \{table, keys/],
    ['no data', 'committed', null, /its data are "null"/],
    [
      'a kind that nobody reads',
      'comitted',
      { table: 't', keys: [1] },
      /observed "comitted" .* what is read is committed and committing/,
    ],
    ['a name of every object', 'committed', { table: 'toString', keys: [] }, /no query "toString"/],
  ])('%s', (_what, kind, data, says) => expectRefused(scenarioOn([saying(kind, data)]), says));

  test('are nobody’s affair where no invariant reads them', async () => {
    const scenario = scenarioOn([saying('committed', 'anything')], { invariants: [] });
    expect((await coordinator.run(scenario, planOf())).end).toBe('done');
    const others = scenarioOn([saying('commit-begins', null), start('q', 'saying', { kind: 'omitted', data: null })]);
    expect((await coordinator.run(others, planOf())).end).toBe('done');
  });
});

describe('queries, on the database that setup has made', () => {
  test.each([
    [
      'syntax',
      'SELEC k FROM t',
      /its query "t" \(SELEC k FROM t\) fails .* setup has made: near "SELEC": syntax error/,
    ],
    ['a function', 'SELECT f(k) FROM t', /no such function: f/],
    ['two statements', 'SELECT 1; SELECT 2', /more than one statement/],
    ['one that writes', 'DELETE FROM t RETURNING k', /it would change the database/],
    ['a table', 'SELECT k FROM tt', /setup has made, and at the end of a run without faults: no such table: tt/],
    ['a column', 'SELECT kk FROM t', /no such column: kk/],
  ])('%s', (_what, sql, says) => expectRefused(scenarioOn([saying('hello', null)], { queries: { t: sql } }), says));

  test('is said again in the next run, and before a run with faults', async () => {
    const scenario = scenarioOn([saying('hello', null)], { queries: { t: 'SELECT kk FROM t' } });
    await expectRefused(scenario, /no such column/);
    await expectRefused(scenario, /no such column/);
  });

  test('a table that programs make is looked for when they have', async () => {
    const later = start('p', 'making', { table: 't' });
    const empty = scenarioOn([later], { sql: 'PRAGMA user_version=1' });
    expect(violationsOf(empty, await coordinator.run(empty, planOf()))).toEqual([]);
    const beside = scenarioOn([later], { sql: 'CREATE TABLE other(x)' });
    expect(violationsOf(beside, await coordinator.run(beside, planOf()))).toEqual([]);
    await expectRefused(
      scenarioOn([start('p', 'making', { table: 'tt' })], { sql: 'PRAGMA user_version=1' }),
      /no such table: t\./,
    );
  });

  test('one that nobody has come to make is no mistake', async () => {
    const scenario = scenarioOn([saying('hello', null)], { sql: 'PRAGMA user_version=1' });
    expect(violationsOf(scenario, await coordinator.run(scenario, planOf()))).toEqual([]);
  });

  test('a table that a run drops is a finding', async () => {
    const scenario = scenarioOn([start('p', 'making', { table: 't', drops: true })]);
    const found = violationsOf(scenario, await coordinator.run(scenario, planOf()));
    expect(found).toMatchObject([{ invariant: 'acknowledged-commits' }]);
  });

  test('a database that nobody makes, by this name', async () => {
    const said =
      /there is no file "lib\.db" after setup, and none at the end of a run without faults\. Files there: lab\.db/;
    await expectRefused(scenarioOn([saying('hello', null)], { database: 'lib.db' }), said);
    const made = scenarioOn([start('p', 'making', { table: 't' })], { sql: null });
    expect(violationsOf(made, await coordinator.run(made, planOf()))).toEqual([]);
  });
});

describe('processes', () => {
  const of = (more: Partial<Scenario>) => scenarioOn([], more);
  test.each<[string, Partial<Scenario>, RegExp]>([
    [
      'start: a program',
      { start: () => [start('p', 'sayign')] },
      /`start` has a process "p" on the program "sayign", which there is not\. Its programs: setup, saying/,
    ],
    ['setup: a program', { setup: () => start('s', 'stup') }, /`setup` has a process "s" on the program "stup"/],
    [
      'two of one name',
      { start: () => [saying('a', null), saying('b', null)] },
      /`start` has two processes called "p"/,
    ],
    ['a name', { start: () => [start('p q', 'saying')] }, /`start` has a process called "p q"/],
    ['no list', { start: () => null as unknown as readonly StartProcess[] }, /`start` is no list/],
    [
      'no args',
      { start: () => [{ name: 'p', program: 'saying' } as StartProcess] },
      /`start` gives "p" args that are no JSON/,
    ],
    [
      'args that are no JSON',
      { start: () => [start('p', 'saying', 1n as unknown as Json)] },
      /the args of "p".* threw TypeError/,
    ],
    [
      'start throws',
      {
        start: () => {
          throw new RangeError('on purpose');
        },
      },
      /`start` threw RangeError: on purpose \(.*check-run\.test\.ts:\d+:\d+\)/,
    ],
  ])('%s', (_what, more, says) => expectRefused(of(more), says));

  test.each(['spawning', 'threading'])('%s a program that there is not', (program) =>
    expectRefused(
      scenarioOn([start('p', program, 'nobody')]),
      /there is no program "nobody", and p starts (p\/)?child on it/,
    ),
  );

  test('an export that there is not, where programs are made up by name', () =>
    expectRefused(
      { ...scenarioOf([start('p', 'insertign')]), name: 'proxied' },
      /no function "insertign", only .*inserting/,
    ));

  test('a program that loads here only', () =>
    expectRefused(
      scenarioOn([start('p', 'lost')]),
      /the program of p does not load in a simulated process: there is no PATH/,
    ));
});

describe('draws', () => {
  const draw = (more: Partial<Scenario>) => {
    const scenario = scenarioOn([], more);
    const { engine, parameters } = scenario;
    return () => planOfRun(scenario, { strategy: 'plain', engine, parameters, seed: 1, chooser: 'replay' }, 0);
  };
  const workload = z.strictObject({ n: z.int().max(3) });

  test.each<[string, Partial<Scenario>, RegExp]>([
    [
      'a workload',
      { workload, generate: () => ({ n: 4 }) },
      /what `generate` gives does not fit its own `workload`:\n.*<=3.*at n/s,
    ],
    [
      'a fault',
      { faults: () => [{ kind: 'kill', at: { step: -1 } }] },
      /what `faults` gives does not fit what plans may hold:\n.*faults\[0\]/s,
    ],
    [
      'parameters',
      { vary: (_random, given) => ({ ...given, gateways: gatewaysMax + 1 }) },
      new RegExp(`what \`vary\` gives does not fit .*<=${gatewaysMax}.*parameters\\.gateways`, 's'),
    ],
    [
      'generate throws',
      {
        generate: () => {
          throw new Error('on purpose');
        },
      },
      /`generate` threw Error: on purpose/,
    ],
  ])('%s', (_what, more, says) => expect(draw(more)).toThrow(expect.objectContaining(invalid(says))));
});

describe('what judges', () => {
  const judge = (find: Parameters<typeof invariant>[3], more: Partial<Scenario> = {}) =>
    scenarioOn([saying('hello', null)], { invariants: [invariant('mine', 'harm', 'says', find)], ...more });

  test('an invariant that throws is named, with the place', () =>
    expectRefused(
      judge(() => {
        throw new TypeError('on purpose');
      }),
      /its invariant "mine" threw TypeError: on purpose \(harness\/search\/check-run\.test\.ts:\d+:\d+\)/,
    ));

  test('an invariant that reads a query or a mark that there is not', async () => {
    const rows = judge(({ autopsy }) => (autopsy.queries['tt'] === undefined ? [] : [{ message: 'm' }]));
    await expectRefused(rows, /reads the query "tt", which there is not\. Known are t/);
    const marks = judge((history) => (history.marks['overlapp'] === undefined ? [] : [{ message: 'm' }]));
    await expectRefused(marks, /reads the mark "overlapp", which there is not\. Known are .*close-beside-holder/);
  });

  test('reads what there is, and lists it', async () => {
    const fine = judge(({ autopsy, marks }) => {
      expect(Object.keys(autopsy.queries)).toEqual(['t']);
      expect(JSON.stringify(autopsy.queries)).toBe('{"t":[]}');
      return autopsy.queries['t'] === undefined || marks['close-beside-holder'] === undefined ? [{ message: 'm' }] : [];
    });
    expect(violationsOf(fine, await coordinator.run(fine, planOf()))).toEqual([]);
  });

  test('an invariant whose findings nobody can count', async () => {
    const answering = (answer: unknown) =>
      scenarioOn([], { invariants: [{ name: 'mine', about: 'harm', says: 's', check: () => answer } as Invariant] });
    await expectRefused(answering(undefined), /its invariant "mine" answers "nothing"/);
    await expectRefused(
      answering([{ invariant: 'yours', message: 'm', step: null }]),
      /its invariant "mine" answers .*yours/,
    );
  });

  test('a mark that throws, or counts nothing', async () => {
    const marking = (count: () => number) => scenarioOn([], { marks: [{ name: 'mine', says: 's', count }] });
    await expectRefused(
      marking(() => {
        throw new Error('on purpose');
      }),
      /its mark "mine" threw Error: on purpose/,
    );
    await expectRefused(
      marking(() => NaN),
      /its mark "mine" counts NaN/,
    );
  });

  test('a symptom that throws, or is no sentence', async () => {
    const scenario = scenarioOn([]);
    const history = await coordinator.run(scenario, planOf());
    const see = (answer: () => string | undefined) => () => seenBy(scenario, { reported: 'r', see: answer }, history);
    expect(
      see(() => {
        throw new Error('on purpose');
      }),
    ).toThrow(/its symptom "r" threw Error: on purpose/);
    expect(see(() => true as unknown as string)).toThrow(/its symptom "r" answers "true"/);
  });
});

describe('wherever runs are made', () => {
  const throwing = () =>
    scenarioOn([saying('hello', null)], {
      invariants: [
        ...generalInvariants,
        invariant('mine', 'harm', 's', () => {
          throw new Error('on purpose');
        }),
      ],
    });

  test('a search says it before any process is started', async () => {
    const scenario = scenarioOn([], { window: 'nowhere' });
    const { engine, parameters } = scenario;
    const nowhere = { binding: '/nowhere', gate: '/nowhere', engine };
    const told = { scenario, scenarioModule: '', machine: nowhere, strategy: 'plain', engine, parameters, jobs: 2 };
    await expect(search({ ...told, seed: 1, chooser: 'replay' })).rejects.toMatchObject(invalid(/no mark "nowhere"/));
  });

  test('a property is neither violated nor held by it', async () => {
    const scenario = throwing();
    const { engine } = scenario;
    const shape = { lanes: [], steps: 10 };
    const checked = checkPlans({
      coordinator,
      scenario,
      strategy: 'plain',
      engine,
      runs: 3,
      shape,
      folder: '/nowhere',
    });
    await expect(checked).rejects.toMatchObject(invalid(/its invariant "mine" threw/));
  });

  test('stress', async () => {
    const { binding } = await machineOf();
    const stressed = async (scenario: Scenario) => {
      const { engine, parameters } = scenario;
      const stress = new Stress({ scenario, binding, strategy: 'plain', engine, parameters, seed: 1, crews: 1 });
      try {
        await stress.warm();
        await stress.run(50);
      } finally {
        stress.close();
      }
    };
    await expect(stressed(scenarioOn([], { window: 'nowhere' }))).rejects.toMatchObject(invalid(/no mark "nowhere"/));
    const broken = scenarioOn([saying('hello', null)], { queries: { t: 'SELEC 1' } });
    await expect(stressed(broken)).rejects.toMatchObject(invalid(/syntax error/));
    const lost = scenarioOn([saying('committed', { table: 'tt', keys: [1] })]);
    await expect(stressed(lost)).rejects.toMatchObject(invalid(/no query "tt"/));
  });
});
