// A database may have any name: what a scenario declares as one is one from the start, and what SQLite opens as one from then on,
// to whoever works on it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explain } from '../explain/explain.test-support.ts';
import type { Plan } from '../model/plan.ts';
import type { StartProcess } from '../model/process.ts';
import type { Scenario } from '../model/scenario.ts';
import { coordinatorOf, planOf, process as start, scenarioOf, StepKeeper } from '../testing/lab.test-support.ts';
import type { Coordinator } from './coordinator.ts';
import { replayChooser } from './choosers/replay.ts';
import { type Host, hosts } from './hosts.ts';

const module = new URL('./any-name-programs.test-support.ts', import.meta.url).href;
const programs = ['makes', 'readsBeside', 'comesAndGoes', 'opensOther'] as const;

function lab(database: string, all: readonly StartProcess[]): Scenario {
  return {
    ...scenarioOf(all),
    engine: '3.50.4',
    database,
    programs: Object.fromEntries(programs.map((name) => [name, { module, export: name }])),
    setup: () => start('setup', 'makes', { file: database }),
  };
}

const coordinators = new Map<Host, Coordinator>();
beforeAll(async () => {
  for (const host of hosts) coordinators.set(host, await coordinatorOf({ host, engine: '3.50.4' }));
});
afterAll(() => {
  for (const coordinator of coordinators.values()) coordinator.close();
});

async function run(database: string, all: readonly StartProcess[], more: Partial<Plan> = {}, host: Host = 'native') {
  const book = new StepKeeper();
  const plan = planOf({ engine: '3.50.4', ...more });
  const coordinator = coordinators.get(host)!;
  const history = await coordinator.run(lab(database, all), plan, replayChooser(plan.preemptions), [book]);
  return { history, steps: book.steps };
}

/** Roles under which a file was met. */
function rolesOf(steps: StepKeeper['steps'], name: string): readonly string[] {
  return [...new Set(steps.filter(({ file }) => file === name).map(({ role }) => role ?? ''))].toSorted();
}

describe.each(['jobs.db3', 'app.sqlite', 'x.sqlite3', 'data', 'deep/folder/name', 'board.db-wal', 'ü ä'])(
  '%s',
  (file) => {
    const both = [start('p', 'readsBeside', { file }), start('v', 'comesAndGoes', { file })];

    test('has one role, and so have its -wal and -shm', async () => {
      const { steps } = await run(file, both);
      expect(rolesOf(steps, file)).toEqual(['db']);
      expect(rolesOf(steps, `${file}-wal`)).toEqual(['wal']);
      expect(rolesOf(steps, `${file}-shm`)).toEqual(['shm']);
      expect(steps.find(({ op }) => op === 'fileRead')).toMatchObject({ file, role: 'db' });
    });

    test('loses its locks and rows as any database, and the explanation says how', async () => {
      const { history } = await run(file, both);
      expect(history.marks).toMatchObject({ 'locks-cancelled': 1, 'unlinked-under-holder': 1 });
      expect(history.strayWrites).toMatchObject([{ process: 'p', file: `${file}-wal` }]);
      const facts = await explain(coordinators.get('native')!, lab(file, both), planOf({ engine: '3.50.4' }));
      const told = facts.map(({ sentence }) => sentence).join('\n');
      expect(told).toContain(`p opened and closed ${file} as a plain file`);
      expect(told).toContain(`checkpointed and unlinked ${file}-shm and ${file}-wal`);
    });

    test('leaves the same trace in both hosts', async () => {
      const [native, node] = [await run(file, both), await run(file, both, {}, 'node')];
      expect(node.history.hash).toBe(native.history.hash);
    });

    test('is found by an address by its role, raw work too', async () => {
      const at = { lane: 'p', op: 'fileRead', role: 'db', nth: 1 } as const;
      const { history } = await run(file, [start('p', 'readsBeside', { file })], { faults: [{ kind: 'kill', at }] });
      expect(history.deaths).toMatchObject([{ process: 'p' }]);
    });
  },
);

test('a database of which nobody has said anything is one as soon as SQLite has opened it, in every process', async () => {
  const all = [
    start('p', 'opensOther', { own: 'one', other: 'two' }),
    start('q', 'opensOther', { own: 'two', other: 'one' }),
  ];
  const { steps } = await run('app.sqlite', all);
  for (const file of ['one', 'two']) {
    const reads = steps.filter((step) => step.op === 'fileRead' && step.file === file);
    expect(reads.map(({ lane, role }) => `${lane} ${role}`).toSorted()).toEqual(['p db', 'q db']);
  }
  // p asked for two before anybody had opened it; q for one after p had.
  const asked = steps.filter(({ op }) => op === 'exists');
  expect(asked.map(({ lane, role }) => `${lane} ${role}`)).toEqual(['p other', 'q db']);
  // A copy that is called after it becomes one when it takes its name.
  const copies = steps.filter((step) => step.op === 'fileRead' && step.file?.endsWith('.copy') === true);
  expect(copies.map(({ role }) => role)).toEqual(['other', 'other']);
});
