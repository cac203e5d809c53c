// Lanes on a PostgreSQL server under lock step: one plan one hash, waits for locks, deadlocks, killed clients, and updates that are lost where
// a program does not lock.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Plan } from '../model/plan.ts';
import type { StartProcess } from '../model/process.ts';
import type { Scenario } from '../model/scenario.ts';
import { hasServer } from '../postgres/server.test-support.ts';
import { coordinatorOf, planOf, process as start, scenarioOf, StepKeeper } from '../testing/lab.test-support.ts';
import type { Coordinator } from './coordinator.ts';
import { replayChooser } from './choosers/replay.ts';

const module = new URL('./server-programs.test-support.ts', import.meta.url).href;
const programs = [
  'makesCounter',
  'counts',
  'countsSerializably',
  'takesTwo',
  'holds',
  'wants',
  'connectsOften',
  'kills',
  'fills',
  'listens',
  'notifies',
  'hears',
  'looksOften',
];

const queries = { done: "SELECT by || ':' || n FROM done", counter: 'SELECT n FROM counter ORDER BY id' };

function lab(all: readonly StartProcess[]): Scenario {
  return {
    ...scenarioOf(all),
    programs: Object.fromEntries(programs.map((name) => [name, { module, export: name }])),
    setup: () => start('setup', 'makesCounter'),
    server: { needed: () => true, queries },
    queries,
    start: () => all,
  };
}

describe.skipIf(!hasServer)('lanes on a server', () => {
  let coordinator: Coordinator;
  beforeAll(async () => {
    coordinator = await coordinatorOf();
  });
  afterAll(() => coordinator.close());

  async function run(all: readonly StartProcess[], more: Partial<Plan> = {}) {
    const book = new StepKeeper();
    const plan = planOf(more);
    const history = await coordinator.run(lab(all), plan, replayChooser(plan.preemptions), [book]);
    const observed = (kind: string) => history.observations.filter((one) => one.kind === kind).map(({ data }) => data);
    const rows = (name: string) =>
      (history.autopsy.queries[name] as readonly (readonly unknown[])[]).map(([first]) => first);
    return { history, steps: book.steps, observed, rows };
  }

  const two = (program: string, args: object) => [
    start('a', program, args as never),
    start('b', program, args as never),
  ];

  test('one after the other they count right, and the next run begins anew', async () => {
    const all = two('counts', { times: 3, safe: false });
    const first = await run(all);
    expect(first.rows('counter')).toEqual([6, 0]);
    const again = await run(all);
    expect(again.history.hash).toBe(first.history.hash);
    expect(again.history.autopsy).toEqual(first.history.autopsy);
    expect(first.history.autopsy.integrity).toEqual(['ok']);
  });

  test('a preemption between read and write loses an update; where the read locks, the other waits', async () => {
    const afterRead = async (safe: boolean) => {
      const all = two('counts', { times: 1, safe });
      const { steps } = await run(all);
      const update = steps.find(
        ({ lane, op, text }) => lane === 'a' && op === 'ask' && text?.includes('UPDATE counter'),
      );
      return run(all, { preemptions: [{ at: update!.step, to: 'b' }] });
    };
    const lost = await afterRead(false);
    expect(lost.rows('counter')[0]).toBe(1);
    const held = await afterRead(true);
    expect(held.rows('counter')[0]).toBe(2);
    expect(held.steps.filter(({ op, text }) => op === 'statement' && text?.includes('"waitsFor":["a"]'))).toHaveLength(
      1,
    );
  });

  test('SERIALIZABLE refuses one of two, which tries again', async () => {
    const all = two('countsSerializably', { times: 1 });
    const { steps } = await run(all);
    const update = steps.find(({ lane, op, text }) => lane === 'a' && op === 'ask' && text?.includes('UPDATE'));
    const { observed, rows } = await run(all, { preemptions: [{ at: update!.step, to: 'b' }] });
    expect(observed('failed')).toEqual([{ code: 'SQLSTATE_40001' }]);
    expect(rows('counter')[0]).toBe(2);
  });

  test('of two that wait for each other one gives up: who began to wait within a second before', async () => {
    const { observed, history } = await run([
      start('a', 'takesTwo', { first: 1, second: 2, betweenMs: 1000 }),
      start('b', 'takesTwo', { first: 2, second: 1, betweenMs: 1500 }),
    ]);
    expect(observed('failed')).toEqual([{ code: 'SQLSTATE_40P01' }]);
    expect(history.observations.find(({ kind }) => kind === 'failed')?.lane).toBe('a');
  });

  test('who waits has it when the holder is killed, whose transaction is gone', async () => {
    const all = [
      start('h', 'holds', { forMs: 60_000 }),
      start('w', 'wants', {}),
      start('k', 'kills', { afterMs: 5000, name: 'h' }),
    ];
    const { observed, rows } = await run(all);
    expect(observed('got')).toEqual([{ isThrough: true, atMs: expect.any(Number) }]);
    expect(rows('counter')[0]).toBe(100);
  });

  test('statement_timeout is virtual time', async () => {
    const all = [start('h', 'holds', { forMs: 60_000 }), start('w', 'wants', { timeoutMs: 3000 })];
    const { observed, history } = await run(all);
    expect(observed('failed')).toEqual([{ code: 'SQLSTATE_57014' }]);
    const got = history.observations.find(({ kind }) => kind === 'got');
    expect(got?.nowMs).toBe(3100);
  });

  test('a client that is killed while its statement waits has it done all the same: the server does not notice', async () => {
    const all = [
      start('h', 'holds', { forMs: 10_000 }),
      start('w', 'wants', {}),
      start('k', 'kills', { afterMs: 5000, name: 'w' }),
    ];
    const { observed, rows } = await run(all);
    expect(observed('got')).toEqual([]);
    expect(rows('counter')[0]).toBe(100);
  });

  // Its steps `ask`: connect, BEGIN, SELECT, UPDATE, INSERT, COMMIT, disconnect.
  const atCommit = { lane: 'a', op: 'ask', nth: 6 } as const;

  test.each([
    ['before', 0],
    ['after', 1],
  ] as const)(
    'a connection cut %s COMMIT: the client knows of nothing, and the server has counted to %i',
    async (when, n) => {
      const all = [start('a', 'counts', { times: 1, safe: true })];
      const { rows, observed, history } = await run(all, { faults: [{ kind: 'connection-cut', at: atCommit, when }] });
      expect(rows('counter')[0]).toBe(n);
      expect(observed('committed')).toEqual([]);
      expect(history.endings[0]?.ending).toMatchObject({
        how: 'threw',
        error: expect.stringContaining('connection to the server is gone'),
      });
    },
  );

  test('a server that is killed at any step has all that was acknowledged, and half of nothing', {
    timeout: 300_000,
  }, async () => {
    const all = two('counts', { times: 2, safe: true });
    for (const nth of [2, 5, 6, 7, 11]) {
      const { rows, observed } = await run(all, { faults: [{ kind: 'server-kill', at: { ...atCommit, nth } }] });
      const said = observed('committed').flatMap((data) => (data as { readonly keys: readonly string[] }).keys);
      expect(rows('done')).toEqual(expect.arrayContaining(said));
      expect(rows('counter')[0]).toBe(rows('done').length);
    }
  });

  test('killed before each write and sync inside a COMMIT, it has what was acknowledged, and half of nothing', {
    timeout: 300_000,
  }, async () => {
    const seen = new Set<unknown>();
    for (let inside = 1; ; inside++) {
      const faults = [{ kind: 'server-kill', at: atCommit, inside } as const];
      const { rows, observed } = await run([start('a', 'counts', { times: 1, safe: true })], { faults });
      expect(rows('counter')[0]).toBe(rows('done').length);
      seen.add(rows('counter')[0]);
      if (observed('committed').length === 0) continue;
      expect(rows('done')).toEqual(['a:1']);
      expect(inside).toBeGreaterThan(2); // a COMMIT writes its WAL, and syncs it
      break;
    }
    expect(seen).toEqual(new Set([0, 1]));
  });

  test('a place inside a statement to which it does not come is told', async () => {
    const faults = [{ kind: 'server-kill', at: atCommit, inside: 10_000 } as const];
    const { history } = await run([start('a', 'counts', { times: 1, safe: true })], { faults });
    expect(history.strikes.map(({ note }) => note)).toEqual([
      'the statement was over before its write or sync number 10000, so that the server was not killed',
    ]);
  });

  // Of those who hold a lock, and of those who wait for it, whose processes stand still when the server dies.
  const six = [
    start('h', 'holds', { forMs: 60_000 }),
    ...['v', 'w', 'x', 'y', 'z'].map((name) => start(name, 'wants', {})),
  ];

  test.each([
    ['between statements', { kind: 'server-kill', at: { timeMs: 50 } }],
    ['while five wait', { kind: 'server-kill', at: { timeMs: 2000 } }],
    ['inside a statement while five wait', { kind: 'server-kill', at: { ...atCommit, lane: 'h', nth: 4 }, inside: 1 }],
  ] as const)(
    'a server that is killed %s: six lanes hear the same at each replay',
    async (_when, fault) => {
      const faults = [fault];
      const first = await run(six, { faults });
      expect(first.history.strikes).toHaveLength(1);
      for (let again = 0; again < 4; again++)
        expect((await run(six, { faults })).history.hash).toBe(first.history.hash);
    },
    300_000,
  );

  test('on a full disk what needs room fails, until there is some; what was acknowledged stays, and each replay is the same', async () => {
    const faults = [{ kind: 'disk-full', at: { timeMs: 2500 }, until: { timeMs: 8500 } } as const];
    const first = await run([start('f', 'fills', { times: 12 })], { faults });
    const through = first.observed('through').map((data) => (data as { readonly n: number }).n);
    const codes = first.observed('failed').map((data) => (data as { readonly code: string }).code);
    expect(new Set(codes)).toEqual(new Set(['SQLSTATE_53100']));
    expect(through.length + codes.length).toBe(12);
    expect(through).toEqual([1, 2, 3, 4, 5, 10, 11, 12]); // five rows fill the first page
    expect(first.rows('done')).toHaveLength(through.length);
    for (let again = 0; again < 4; again++)
      expect((await run([start('f', 'fills', { times: 12 })], { faults })).history.hash).toBe(first.history.hash);
    expect((await run([start('f', 'fills', { times: 12 })])).observed('failed')).toEqual([]);
  });

  test('a notification wakes who waits for it when its transaction is committed, once, and at each replay the same', async () => {
    const all = [start('l', 'listens', { forMs: 60_000 }), start('a', 'notifies', { times: 4 })];
    const first = await run(all);
    expect(first.observed('heard')).toMatchObject([
      { all: ['news:a-1'] },
      { all: ['news:a-2'] },
      { all: ['news:a-4'] },
      { all: [] },
    ]);
    const [atFirst, atSecond, atFourth, atEnd] = first
      .observed('heard')
      .map((data) => (data as { readonly atMs: number }).atMs);
    expect([atSecond! - atFirst!, atFourth! - atSecond!, atEnd! - atFourth!]).toEqual([1000, 2000, 60_000]);
    for (let again = 0; again < 4; again++) expect((await run(all)).history.hash).toBe(first.history.hash);
  });

  test('several that wait hear all, in the order of the commits; inside a transaction nobody hears', async () => {
    const all = [
      start('l', 'listens', { forMs: 60_000 }),
      start('m', 'listens', { forMs: 60_000, insideMs: 5000 }),
      start('a', 'notifies', { times: 2 }),
      start('b', 'notifies', { times: 2 }),
    ];
    const { history } = await run(all);
    const heardBy = (lane: string) =>
      history.observations
        .filter((one) => one.kind === 'heard' && one.lane === lane)
        .map(({ data }) => data as { readonly all: readonly string[]; readonly inside?: boolean });
    expect(heardBy('m')[0]).toMatchObject({ inside: true, all: [] });
    const everything = (lane: string) => heardBy(lane).flatMap((heard) => heard.all);
    expect(everything('l').toSorted()).toEqual(['news:a-1', 'news:a-2', 'news:b-1', 'news:b-2']);
    expect(everything('m')).toEqual(everything('l'));
  });

  test.each([
    ['the server is killed', { kind: 'server-kill', at: { timeMs: 500 }, offMs: 5000 }],
    ['its connection is cut', { kind: 'connection-cut', at: { timeMs: 500 }, lane: 'l', when: 'before' }],
  ] as const)('who waits for a notification hears at once that %s', async (_what, fault) => {
    const { observed, history } = await run([start('l', 'listens', { forMs: 60_000 })], { faults: [fault] });
    expect(observed('failed')).toEqual([{ code: 'SQLSTATE_08006' }]);
    expect(history.observations.find(({ kind }) => kind === 'failed')?.nowMs).toBe(500);
  });

  test('a LISTEN ends with its connection: who has it next hears of nothing', async () => {
    const all = [
      start('l', 'listens', { forMs: 10 }),
      start('a', 'notifies', { times: 1 }),
      start('h', 'hears', { afterMs: 500, forMs: 10_000 }),
    ];
    expect((await run(all)).observed('heard').at(-1)).toMatchObject({ all: [] });
  });

  test('who looks again and again, by a connection for each look, is skipped, and misses nothing', {
    timeout: 300_000,
  }, async () => {
    const forMs = 600_000;
    const all = [start('l', 'looksOften', { everyMs: 5000, forMs }), start('h', 'holds', { forMs: 234_567 })];
    const seen = async (quiet: 'skip' | 'step') => {
      const { observed } = await run(all, {
        parameters: { gateways: 1, horizonMs: 2 * forMs, stepsMax: 200_000, quiet },
      });
      return { looks: (observed('looks')[0] as { readonly looks: number }).looks, changed: observed('changed') };
    };
    const [stepped, skipped] = [await seen('step'), await seen('skip')];
    expect(stepped.looks).toBe(120);
    expect(skipped.looks).toBeLessThan(10);
    expect(stepped.changed).toHaveLength(2);
    expect(skipped.changed).toEqual(stepped.changed);
  });

  test('while the server is off nobody is let in', async () => {
    const all = [start('h', 'holds', { forMs: 2000 }), start('w', 'wants', {})];
    const faults = [{ kind: 'server-kill', at: { timeMs: 1000 }, offMs: 5000 } as const];
    const { observed, rows } = await run(all, { faults });
    expect(observed('failed')).toEqual([{ code: 'SQLSTATE_08006' }, { code: 'SQLSTATE_08006' }]);
    expect(rows('counter')[0]).toBe(0);
  });

  test('more connections than there are: the next is refused', { tags: ['long'], timeout: 300_000 }, async () => {
    const { observed } = await run([start('a', 'connectsOften', { times: 200 })]);
    expect(observed('failed')).toEqual([{ code: 'SQLSTATE_53300' }]);
    expect(observed('connected')).toEqual([{ times: 100 }]);
  });
});
