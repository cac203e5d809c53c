// The ledger: what the gate says of committed rows where a scenario asks for it, and nobody else says a word.
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyFolder } from '../gate/hand-setting.test-support.ts';
import { violationsOf } from '../judge/judge-history.ts';
import type { Plan } from '../model/plan.ts';
import type { StartProcess } from '../model/process.ts';
import type { Scenario } from '../model/scenario.ts';
import { coordinatorOf, planOf, process as start, scenarioOf, StepKeeper } from '../testing/lab.test-support.ts';
import { replayChooser } from './choosers/replay.ts';
import type { Coordinator } from './coordinator.ts';
import { type Host, hosts } from './hosts.ts';

const module = new URL('./ledger-programs.test-support.ts', import.meta.url).href;
const programs = ['makesJobs', 'says', 'commits', 'cancels', 'visits'] as const;

function lab(all: readonly StartProcess[], more: Partial<Scenario> = {}): Scenario {
  return {
    ...scenarioOf(all),
    database: 'jobs.sqlite',
    engine: '3.50.4',
    programs: Object.fromEntries(programs.map((name) => [name, { module, export: name }])),
    setup: () => start('setup', 'makesJobs'),
    queries: { jobs: 'SELECT id FROM jobs NOT INDEXED', plain: 'SELECT id FROM plain' },
    ledger: ['jobs.id'],
    ...more,
  };
}

const coordinators = new Map<Host, Coordinator>();
beforeAll(async () => {
  for (const host of hosts) coordinators.set(host, await coordinatorOf({ host, engine: '3.50.4' }));
});
afterAll(() => {
  for (const coordinator of coordinators.values()) coordinator.close();
});

async function run(all: readonly StartProcess[], more: Partial<Plan> = {}, host: Host = 'native', scenario = lab(all)) {
  const book = new StepKeeper();
  const plan = planOf({ engine: '3.50.4', ...more });
  const history = await coordinators.get(host)!.run(scenario, plan, replayChooser(plan.preemptions), [book]);
  return { history, steps: book.steps };
}

/** What is said between two statements: `committed 1,2`, `gone 3`. */
async function saidOf(...sql: readonly string[]): Promise<readonly string[]> {
  const { history } = await run([start('p', 'says', { sql })]);
  return history.observations.map(({ kind, data }) => {
    const { keys, gone } = data as { readonly keys: readonly number[]; readonly gone?: readonly number[] | 'any' };
    return kind === 'committed' ? `committed ${keys.join()}` : `gone ${String(gone)}`;
  });
}

describe('a row counts as committed', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['when its statement has, by itself', ['INSERT INTO jobs(id) VALUES (1)'], ['committed 1']],
    ['of several at once', ['INSERT INTO jobs(id) VALUES (3), (1), (2)'], ['committed 3,2,1']],
    [
      'at the COMMIT',
      ['BEGIN; INSERT INTO jobs(id) VALUES (1); INSERT INTO jobs(id) VALUES (2); COMMIT'],
      ['committed 2,1'],
    ],
    [
      'when it was changed',
      ['INSERT INTO jobs(id) VALUES (1)', 'UPDATE jobs SET n = 2'],
      ['committed 1', 'committed 1'],
    ],
    ['by a trigger', ['INSERT INTO other VALUES (5)'], ['committed 1005']],
    ['with UPSERT', ['INSERT INTO jobs(id) VALUES (1) ON CONFLICT DO UPDATE SET n = 1'], ['committed 1']],
    [
      'out of a savepoint that was released',
      ['SAVEPOINT a; INSERT INTO jobs(id) VALUES (1); RELEASE a'],
      ['committed 1'],
    ],
    [
      'a transaction after another, each',
      ['BEGIN; INSERT INTO jobs(id) VALUES (1); COMMIT; BEGIN; INSERT INTO jobs(id) VALUES (2); COMMIT'],
      ['committed 1', 'committed 2'],
    ],
    ['of a table whose name is written otherwise', ['INSERT INTO "Jobs"(id) VALUES (1)'], ['committed 1']],
  ])('%s', async (_, sql, said) => {
    expect(await saidOf(...sql)).toEqual(said);
  });
});

describe('nothing is said of a row', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['that was rolled back', ['BEGIN; INSERT INTO jobs(id) VALUES (1); ROLLBACK'], []],
    [
      'rolled back to a savepoint',
      [
        'BEGIN; INSERT INTO jobs(id) VALUES (1); SAVEPOINT "a b"; INSERT INTO jobs(id) VALUES (2); ROLLBACK TO "a b"; INSERT INTO jobs(id) VALUES (3); COMMIT',
      ],
      ['committed 3,1'],
    ],
    [
      'of a statement that failed, and is taken out again',
      ['BEGIN; INSERT INTO jobs(id) VALUES (1)', "INSERT INTO jobs(id, state) VALUES (2, 'x'), (3, 'x')", 'COMMIT'],
      ['committed 1'],
    ],
    [
      'with triggers in it',
      [
        'INSERT INTO jobs(id) VALUES (1002)',
        'BEGIN; INSERT INTO other VALUES (1), (2), (3)',
        'INSERT INTO jobs(id) VALUES (7); COMMIT',
      ],
      ['committed 1002', 'committed 7'],
    ],
    [
      'that went again before the COMMIT',
      ['BEGIN; INSERT INTO jobs(id) VALUES (1), (2); DELETE FROM jobs WHERE id = 1; COMMIT'],
      ['gone 1', 'committed 2'],
    ],
    ['of another table', ['INSERT INTO plain VALUES (1)'], []],
    ['whose transaction is never committed', ['BEGIN; INSERT INTO jobs(id) VALUES (1)'], []],
  ])('%s', async (_, sql, said) => {
    expect(await saidOf(...sql)).toEqual(said);
  });
});

describe('rows that go are told before the commit', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    [
      'one by one',
      ['INSERT INTO jobs(id) VALUES (1), (2)', 'DELETE FROM jobs WHERE id = 2'],
      ['committed 2,1', 'gone 2'],
    ],
    [
      'all at once, by a truncate that tells no rows',
      ['INSERT INTO jobs(id) VALUES (1), (2)', 'DELETE FROM jobs'],
      ['committed 2,1', 'gone any'],
    ],
    [
      'not by what is only called as that',
      ['INSERT INTO jobs(id) VALUES (1)', "UPDATE jobs SET state = replace('delete', 'e', '') WHERE id = 1"],
      ['committed 1', 'committed 1'],
    ],
    [
      'by a new key, of which no hook says what it was',
      ['INSERT INTO jobs(id) VALUES (1)', 'UPDATE jobs SET n = 1 WHERE id = 1', 'UPDATE jobs SET id = 5 WHERE id = 1'],
      ['committed 1', 'committed 1', 'gone any', 'committed 5'],
    ],
    [
      'by REPLACE, of which no hook says which',
      ["INSERT INTO jobs VALUES (1, 'x', 0)", "REPLACE INTO jobs VALUES (2, 'x', 0)"],
      ['committed 1', 'gone any', 'committed 2'],
    ],
  ])('%s', async (_, sql, said) => {
    expect(await saidOf(...sql)).toEqual(said);
  });
});

test('a row is said to be committed before the next step of its lane, in both hosts', async () => {
  const all = [start('p', 'says', { sql: ['INSERT INTO jobs(id) VALUES (1)'] })];
  const { history, steps } = await run(all);
  const at = steps.findIndex(({ op }) => op === 'observe');
  expect(steps[at + 1]).toMatchObject({ op: 'step', text: 'INSERT INTO jobs(id) VALUES (1)' });
  expect((await run(all, {}, 'node')).history.hash).toBe(history.hash);
});

test('what a killed process had been told of is not lost on an engine that is sound, wherever it dies', async () => {
  const all = [start('p', 'commits', { from: 1, count: 6 }), start('q', 'commits', { from: 100, count: 6 })];
  const { steps } = await run(all);
  let told = 0;
  for (let step = 20; step < steps.length; step += 17) {
    const faults = [{ kind: 'kill', at: { step }, process: 'p' }] as const;
    const { history } = await run(all, { faults });
    told += history.observations.filter(({ lane }) => lane === 'p').length;
    expect(violationsOf(lab(all), history)).toEqual([]);
  }
  expect(told).toBeGreaterThan(20);
}, 60_000);

test('rows that a program never said a word of are missed when they are gone', async () => {
  const all = [start('p', 'cancels'), start('v', 'visits')];
  // It would copy its -wal, which has no name any more, into the database at its close.
  const faults = [{ kind: 'kill', at: { timeMs: 1500 }, process: 'p' }] as const;
  const { history } = await run(all, { faults });
  const found = violationsOf(lab(all), history).find(({ invariant }) => invariant === 'acknowledged-commits');
  expect(found?.message).toContain('1 of 3 acknowledged rows are gone; the first is jobs 2, acknowledged to p');
  // And without a ledger they are not.
  const scenario = lab(all, { ledger: [] });
  const silent = await run(all, { faults }, 'native', scenario);
  expect(violationsOf(scenario, silent.history).map(({ invariant }) => invariant)).not.toContain(
    'acknowledged-commits',
  );
});

test('rows that programs take away again are not missed', async () => {
  const sql = [
    'INSERT INTO jobs(id) VALUES (1), (2), (3)',
    'DELETE FROM jobs WHERE id = 2',
    'DELETE FROM jobs',
    'INSERT INTO jobs(id) VALUES (9)',
  ];
  const all = [start('p', 'says', { sql })];
  expect(violationsOf(lab(all), (await run(all)).history)).toEqual([]);
});

/** Runs a program in Python on the lab's database. */
async function python(lines: readonly string[], more: Partial<Scenario> = {}) {
  using folder = emptyFolder('programs-');
  writeFileSync(
    folder.file('program.py'),
    ['import sqlite3', "db = sqlite3.connect('jobs.sqlite')", ...lines].join('\n'),
  );
  const all = [start('p', 'py')];
  const py = { command: ['/usr/bin/python3', 'program.py'], host: 'python', files: folder.path } as const;
  const scenario = lab(all, { programs: { ...lab(all).programs, py }, ...more });
  const { history } = await run(all, {}, 'native', scenario);
  expect(history.endings).toMatchObject([{ ending: { how: 'returned' } }]);
  expect(violationsOf(scenario, history)).toEqual([]);
  return history.observations;
}

test('a program in another language is followed alike, by connections that it opens itself', async () => {
  const observations = await python([
    "db.execute('INSERT INTO jobs(id) VALUES (1)'); db.execute('INSERT INTO jobs(id) VALUES (2)'); db.commit()",
    "db.execute('INSERT INTO jobs(id) VALUES (3)'); db.rollback()",
    "db.execute('DELETE FROM jobs WHERE id = 1'); db.commit()",
  ]);
  expect(observations.map(({ kind, data }) => [kind, data])).toEqual([
    ['committed', { table: 'jobs', keys: [2, 1] }],
    ['committing', { table: 'jobs', keys: [], gone: [1] }],
  ]);
}, 300_000);

describe('where SQLite tells rows before they change', () => {
  const said = async (column: string, ...sql: readonly string[]) => {
    const lines = sql.map((one) => `db.executescript(${JSON.stringify(one)})`);
    const queries = { ...lab([]).queries, jobs: 'SELECT state FROM jobs', named: 'SELECT id FROM jobs' };
    return (await python(lines, { ledger: [column], queries })).map(({ kind, data }) => {
      const { keys, gone } = data as { readonly keys: readonly unknown[]; readonly gone?: unknown };
      return `${kind} ${JSON.stringify(kind === 'committed' ? keys : gone)}`;
    });
  };

  test.each<[string, string, readonly string[], readonly string[]]>([
    [
      'of a table WITHOUT ROWID',
      'plain.id',
      [`INSERT INTO plain VALUES ('a'), ('b "c"')`, `DELETE FROM plain WHERE id = 'a'`],
      [String.raw`committed ["b \"c\"","a"]`, 'committing ["a"]'],
    ],
    [
      'of a text beside a rowid, and what it was before',
      'jobs.state',
      [
        `INSERT INTO jobs VALUES (1, 'x', 0), (2, 'y', 0)`,
        `UPDATE jobs SET state = 'z' WHERE id = 1`,
        'UPDATE jobs SET n = 1',
      ],
      ['committed ["y","x"]', 'committing ["x"]', 'committed ["z"]', 'committed ["z","y"]'],
    ],
    [
      'one by one, of all that go at once',
      'jobs.state',
      [`INSERT INTO jobs VALUES (1, 'x', 0), (2, 'y', 0)`, 'DELETE FROM jobs'],
      ['committed ["y","x"]', 'committing ["y","x"]'],
    ],
    [
      'that REPLACE takes away',
      'jobs.state',
      [`INSERT INTO jobs VALUES (1, 'x', 0)`, `REPLACE INTO jobs VALUES (1, 'y', 0)`],
      ['committed ["x"]', 'committing ["x"]', 'committed ["y"]'],
    ],
    [
      'that failed, or was rolled back, of which nothing is said',
      'plain.id',
      [
        `INSERT INTO plain VALUES ('a')`,
        `BEGIN; INSERT INTO plain VALUES ('b'); SAVEPOINT s; INSERT INTO plain VALUES ('c'); ROLLBACK TO s; COMMIT`,
        `INSERT OR IGNORE INTO plain VALUES ('a')`,
      ],
      ['committed ["a"]', 'committed ["b"]'],
    ],
  ])('a key %s', async (_, column, sql, expected) => {
    expect(await said(column, ...sql)).toEqual(expected);
  });

  test('rows go unnamed by a DELETE that was prepared before the gate knew which key is asked for', async () => {
    const lines = [
      "db.execute('DELETE FROM plain')", // kept by Python for the next time
      "db.execute('INSERT INTO plain VALUES (?)', 'a'); db.commit()",
      "db.execute('DELETE FROM plain'); db.commit()",
    ];
    const observations = await python(lines, { ledger: ['plain.id'] });
    expect(observations.map(({ data }) => data)).toEqual([
      { table: 'plain', keys: ['a'] },
      { table: 'plain', keys: [], gone: 'any' },
    ]);
  });
});

test('a program that has itself told what SQLite runs is followed, and told', async () => {
  const observations = await python([
    'seen = []',
    'db.set_trace_callback(seen.append)',
    "db.execute('INSERT INTO jobs(id) VALUES (1)'); db.commit()",
    'db.set_trace_callback(None)',
    "db.execute('INSERT INTO jobs(id) VALUES (2)'); db.commit()",
    "assert [one.split()[0] for one in seen] == ['BEGIN', 'INSERT', 'COMMIT'], seen",
  ]);
  expect(observations.map(({ data }) => data)).toEqual([
    { table: 'jobs', keys: [1] },
    { table: 'jobs', keys: [2] },
  ]);
});

describe('what cannot be followed', () => {
  test.each<[string, string, string, string]>([
    ['a table WITHOUT ROWID', 'plain.id', "INSERT INTO plain VALUES ('a')", 'without SQLITE_ENABLE_PREUPDATE_HOOK'],
    ['a column that is not the rowid', 'jobs.state', 'INSERT INTO jobs(id) VALUES (1)', 'only an INTEGER PRIMARY KEY'],
  ])('%s is told, where SQLite does not tell rows before they change', async (_, column, sql, why) => {
    const scenario = lab([start('p', 'says', { sql: [sql] })], { ledger: [column] });
    await expect(run([], {}, 'native', scenario)).rejects.toMatchObject({
      code: 'NOT_FOLLOWED',
      message: expect.stringContaining(why),
    });
  });

  test.each(['jobs', 'jobs.', 'a.b.c', 'none.id'])('%j is no column of a query', async (column) => {
    const scenario = lab([], { ledger: [column] });
    await expect(run([], {}, 'native', scenario)).rejects.toThrow(/ledger\[0\]: /);
  });
});
