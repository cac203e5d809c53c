// Explanations of real runs: each sentence stands at the step that the trace has, and a run that did no harm has none.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TraceStep } from '../observe/trace.ts';
import { coordinatorOf, planOf, process as start, scenarioOf, StepKeeper } from '../testing/lab.test-support.ts';
import type { StartProcess } from '../model/process.ts';
import type { Coordinator } from '../run/coordinator.ts';
import type { Plan } from '../model/plan.ts';
import { explain } from './explain.test-support.ts';
import type { ExplainedFact, FactKind } from './fact.ts';

let current: Coordinator;
let reported: Coordinator;
beforeAll(async () => {
  current = await coordinatorOf();
  reported = await coordinatorOf({ engine: '3.50.4' });
}, 900_000);
afterAll(() => {
  current.close();
  reported.close();
});

/** p commits a row a second, four times, on one connection. */
const writer = start('p', 'inserting', { from: 0, count: 4, sleepMs: 1000 });
const shell = (...acts: readonly (readonly string[])[]) => start('q', 'shelling', { afterMs: 1500, acts });

async function explained(
  coordinator: Coordinator,
  processes: readonly StartProcess[],
  more: Partial<Plan> = {},
  journal: 'wal' | 'delete' = 'wal',
) {
  const scenario = scenarioOf(processes, journal);
  const keeper = new StepKeeper();
  await coordinator.run(scenario, planOf(more), undefined, [keeper]);
  return { facts: await explain(coordinator, scenario, planOf(more)), steps: keeper.steps };
}

/** Kinds, without what is known of the run as a whole. */
function chainOf(facts: readonly ExplainedFact[]): readonly FactKind[] {
  return facts.flatMap(({ step, kind }) => (step === null ? [] : [kind]));
}

function factOf(facts: readonly ExplainedFact[], kind: FactKind): ExplainedFact {
  const fact = facts.find((one) => one.kind === kind);
  if (fact === undefined) throw new Error(`no ${kind} among ${JSON.stringify(facts)}`);
  return fact;
}

function firstOf(steps: readonly TraceStep[], like: Partial<TraceStep>): number {
  const found = steps.find((step) =>
    Object.entries(like).every(([key, value]) => step[key as keyof TraceStep] === value),
  );
  if (found === undefined) throw new Error(`no step like ${JSON.stringify(like)}`);
  return found.step;
}

test('a run that violates nothing has nothing to explain', async () => {
  const { facts } = await explained(current, [writer]);
  expect(facts).toEqual([
    { step: null, kind: 'end', sentence: 'No invariant was violated: there is nothing to explain.', lanes: [] },
  ]);
});

describe('cancelled locks, and the close of another process, on SQLite 3.50.4', () => {
  const visitor = start('q', 'inserting', { from: 100, count: 1, sleepMs: 1500 });
  const cancel = { kind: 'lock-cancel', at: { timeMs: 500 }, process: 'p', files: 'db' } as const;
  const kill = { kind: 'kill', at: { timeMs: 2500 }, process: 'p' } as const;
  const plan = { engine: '3.50.4', faults: [cancel, kill] };

  test('make a chain from the lost lock to the lost rows', async () => {
    const { facts, steps } = await explained(reported, [writer, visitor], plan);
    expect(chainOf(facts).filter((kind) => kind !== 'fault')).toEqual([
      'lock-lost',
      'granted-against',
      'file-lost',
      'wrote-astray',
      'rows-lost',
    ]);
    const lost = factOf(facts, 'lock-lost');
    expect(lost.step).toBe(firstOf(steps, { op: 'raw' }));
    expect(lost.sentence).toContain('SHARED on bytes 1073741826 to 1073742335');
    const taken = steps.findLast(({ op, lane, file }) => op === 'lock' && lane === 'p' && file === 'lab.db');
    expect(lost.sentence).toContain(`p had SHARED on bytes 1073741826 to 1073742335 since step ${taken?.step}`);
    const granted = steps.find(
      ({ op, lane, args, rc }) =>
        op === 'lock' && lane === 'q' && args?.['level'] === 'EXCLUSIVE' && rc === 'SQLITE_OK',
    );
    expect(factOf(facts, 'granted-against')).toMatchObject({ step: granted?.step, lanes: ['q', 'p'] });
    const unlinked = firstOf(steps, { op: 'delete', lane: 'q', file: 'lab.db-wal' });
    expect(factOf(facts, 'file-lost').sentence).toContain(`lab.db-wal (step ${unlinked})`);
    const astray = steps.find((step) => step.step > unlinked && step.op === 'write' && step.lane === 'p');
    expect(factOf(facts, 'wrote-astray').step).toBe(astray?.step);
    expect(factOf(facts, 'rows-lost').sentence).toContain(`the lab.db-wal that q unlinked at step ${unlinked}`);
  });

  test('are told the same by two replays, and by reused and fresh processes', async () => {
    const fresh = await coordinatorOf({ engine: '3.50.4', fresh: true });
    try {
      const told = (await explained(reported, [writer, visitor], plan)).facts;
      expect((await explained(reported, [writer, visitor], plan)).facts).toEqual(told);
      expect((await explained(fresh, [writer, visitor], plan)).facts).toEqual(told);
    } finally {
      fresh.close();
    }
  });

  test('are no more than a hazard while nobody writes', async () => {
    const holder = start('holder', 'holding', { begin: 'BEGIN', ms: 1000 });
    const at = { lane: 'holder', op: 'sleep', nth: 1 } as const;
    const { facts } = await explained(reported, [holder, start('visitor', 'reading', 1)], {
      engine: '3.50.4',
      faults: [{ kind: 'lock-cancel', at, files: 'db' }],
    });
    expect(chainOf(facts)).toEqual(expect.arrayContaining(['lock-lost', 'granted-against', 'file-lost']));
    expect(facts.map(({ kind }) => kind)).not.toContain('rows-lost');
  });
});

describe('files taken away by their names', () => {
  test('unlinked: by whom, under whom, and with which rows', async () => {
    const { facts, steps } = await explained(current, [writer, shell(['unlink', 'lab.db'], ['unlink', 'lab.db-wal'])]);
    const [db, wal] = ['lab.db', 'lab.db-wal'].map((file) => firstOf(steps, { op: 'unlink', file }));
    expect(factOf(facts, 'file-lost')).toMatchObject({
      step: db,
      sentence: `q unlinked lab.db and lab.db-wal (step ${wal}), while p had them open.`,
    });
    // p's own checkpoint had copied its rows from the one into the other.
    expect(factOf(facts, 'rows-lost').sentence).toContain(
      `4 rows of which are missing at the end: they went to the lab.db that q unlinked at step ${db}`,
    );
    expect(factOf(facts, 'wrote-astray').sentence).toContain(
      `p wrote on to the lab.db-wal that q had unlinked at step ${wal}`,
    );
  });

  test('replaced by a copy: what was renamed over it', async () => {
    const { facts, steps } = await explained(current, [
      writer,
      shell(['copy', 'lab.db', 'copy'], ['rename', 'copy', 'lab.db']),
    ]);
    expect(factOf(facts, 'file-lost')).toMatchObject({
      step: firstOf(steps, { op: 'rename' }),
      sentence: 'q renamed copy to lab.db, over the file that was there, while p had it open.',
    });
  });
});

describe('transactions of a lane that does not return', () => {
  const insert = (k: number) => `INSERT INTO t VALUES(${k}, 'x')`;

  test('a write on a snapshot that is not the newest any more', async () => {
    const upgrading = start('u', 'carryingOn', ['BEGIN', 'SELECT count(*) FROM t', insert(50)]);
    const { facts } = await explained(current, [writer, upgrading]);
    expect(factOf(facts, 'transaction').sentence).toMatch(
      /^u had read lab\.db .* when p committed at step \d+; .*SQLITE_BUSY_SNAPSHOT/,
    );
  });

  test('an error that rolled everything back, and what was then written outside of any transaction', async () => {
    const full = {
      kind: 'io-error',
      at: { lane: 'u', op: 'write', role: 'journal', nth: 1 },
      op: 'write',
      code: 'SQLITE_FULL',
    } as const;
    const blind = start('u', 'carryingOn', ['BEGIN IMMEDIATE', insert(50), insert(51), 'COMMIT']);
    const { facts, steps } = await explained(current, [blind], { faults: [full] }, 'delete');
    const { sentence, step } = factOf(facts, 'transaction');
    expect(steps[step ?? -1]).toMatchObject({ op: 'write', role: 'journal', rc: 'SQLITE_FULL' });
    expect(sentence).toMatch(
      /^The transaction of u on lab\.db, begun at step \d+, ended by an error: its xWrite to lab\.db-journal/,
    );
    expect(sentence).toMatch(/What it wrote from step \d+ on stands in other transactions/);
  });
});

test('a message that is long ends at a word, and every preemption of a plan as small as shrunk ones is told', async () => {
  const preemptions = Array.from({ length: 12 }, (_, i) => ({ at: 12 + 3 * i, to: `w${100 * ((i + 1) % 2)}` }));
  const two = [0, 100].map((from) => start(`w${from}`, 'inserting', { from, count: 20 }));
  const { facts } = await explained(current, [...two, start('loud', 'throwing', 'word '.repeat(99))], {
    preemptions,
  });
  const told = facts.filter(({ kind }) => kind === 'preempted').map((fact) => fact.sentence);
  expect(told.length).toBeGreaterThan(4);
  expect(told.filter((one) => one.includes('not told here'))).toEqual([]);
  const { sentence } = factOf(facts, 'violation');
  expect(sentence).toMatch(/^Violated, lanes-end: .* …$/);
  expect(sentence).not.toMatch(/\S…/);
});

test('faults and preemptions are told with the operation that a lane stood before', async () => {
  const two = [0, 100].map((from) => start(`w${from}`, 'inserting', { from, count: 2 }));
  const away = { afterMs: 5000, acts: [['unlink', 'lab.db']] };
  const pause = { kind: 'pause', at: { lane: 'w0', op: 'write', role: 'wal', nth: 2 }, ms: 50 } as const;
  const kill = { kind: 'kill', at: { lane: 'w100', op: 'sync', nth: 1 } } as const;
  const late = start('late', 'inserting', { from: 200, count: 3, sleepMs: 3000 });
  const { facts, steps } = await explained(current, [...two, late, start('q', 'shelling', away)], {
    faults: [pause, kill],
    preemptions: [{ at: 12, to: 'w100' }],
  });
  const sentences = facts.map(({ sentence }) => sentence);
  const write = steps.filter(({ lane, op, role }) => lane === 'w0' && op === 'write' && role === 'wal')[1];
  expect(sentences).toContainEqual(
    expect.stringMatching(
      new RegExp(`^The plan stopped w0 for 50 virtual ms before its xWrite to lab.db-wal .*at step ${write?.step}\\.$`),
    ),
  );
  expect(sentences).toContain('The plan killed w100 (SIGKILL) as w100 stood before its sync number 1.');
  const preempted = factOf(facts, 'preempted');
  const at = preempted.step ?? 0;
  expect(steps.slice(at - 1, at + 1).map(({ lane }) => lane)).toEqual(['w0', 'w100']);
  const left = steps.find(({ step, lane }) => step > at && lane === 'w0');
  expect(preempted.sentence).toBe(
    `The schedule left w0 before its xOpen of ${left?.file}, which came at step ${left?.step}, and let w100 go on.`,
  );
});
