// What only programs of other languages do, by one in C: threads that use each other's connections, threads that are no lanes, and
// SQLite's own mutexes, which wait through the coordinator.
import { expect, test } from 'vitest';
import { engineStatus } from '../engines/ensure.ts';
import { eventsOf } from '../explain/events.ts';
import type { Operation } from '../model/operations.ts';
import type { TraceStep } from '../observe/trace.ts';
import { turnsChooser } from '../run/choosers/preemptions.ts';
import { stream } from '../model/random.ts';
import { runInC } from './c-lane.test-support.ts';

const setUp = 'open a a.db|sql a pragma journal_mode=wal|sql a create table t(k integer primary key, v)';

function of(steps: readonly TraceStep[], lane: string, op: Operation): readonly TraceStep[] {
  return steps.filter((step) => step.lane === lane && step.op === op);
}

test("a lane's calls on a connection that another has opened are steps of its own, on that connection's files", async () => {
  const { steps, said, tables } = await runInC({
    p: `${setUp}|thread t sql a insert into t values (1, 1)+sql a insert into t values (2, 2)|ask wait p/t `,
  });
  expect(said).toContain('p/t: insert into t values (1, 1) → ok');
  const writes = of(steps, 'p/t', 'write');
  expect(writes.length).toBeGreaterThan(2);
  for (const step of writes) {
    expect(step.file).toBe('a.db-wal');
    expect(step.opener).toBe('p');
  }
  expect(of(steps, 'p/t', 'shmLock').every(({ opener }) => opener === 'p')).toBe(true);
  expect(of(steps, 'p', 'write').every(({ opener }) => opener === undefined)).toBe(true);
  expect(tables.files.open()).toEqual([]); // the process has ended
});

test('a lane may close what another has opened, and the locks that it believed to hold are gone', async () => {
  const { steps, said } = await runInC({
    p: `${setUp}|thread t close a|ask wait p/t |thread u open a a.db+sql a select count(*) from t+close a|ask wait p/u `,
  });
  expect(said.filter((one) => one.includes('close'))).toEqual(['p/t: close → 0', 'p/u: close → 0']);
  const closes = steps.filter(({ op }) => op === 'close').map(({ lane, opener, file }) => [lane, opener, file]);
  expect(closes).toContainEqual(['p/t', 'p', 'a.db']);
  expect(closes).toContainEqual(['p/u', undefined, 'a.db']);
  // The last connection was closed, with a checkpoint: by the lane that closed it.
  expect(of(steps, 'p/t', 'delete').map(({ file }) => file)).toEqual(['a.db-wal']);
});

test('handles of two lanes are not mistaken for each other', async () => {
  const { steps } = await runInC({
    p: `open a a.db|sql a create table t(x)|thread t open b b.db+sql b create table t(x)+sql a insert into t values (1)|ask wait p/t `,
  });
  const [a, b] = ['a.db', 'b.db'].map((file) => steps.filter((step) => step.op === 'open' && step.file === file));
  expect(a?.map(({ lane, handle }) => [lane, handle])).toEqual([['p', 1]]);
  expect(b?.map(({ lane, handle }) => [lane, handle])).toEqual([['p/t', 1]]);
  const byOpener = new Set(
    of(steps, 'p/t', 'lock').map(({ file, handle, opener }) => `${file} ${handle} ${opener ?? 'own'}`),
  );
  expect(byOpener).toEqual(new Set(['b.db 1 own', 'a.db 1 p']));
});

const contended = {
  p: `${setUp}|thread t ${'sql a insert into t(v) values (1)+'.repeat(4)}now|thread u ${'sql a insert into t(v) values (2)+'.repeat(4)}now|${'sql a insert into t(v) values (3)|'.repeat(4)}ask wait p/t |ask wait p/u |sql a select count(*) from t`,
};

test('two lanes in one connection wait for its mutex through the coordinator, by any schedule, and replay to one hash', async () => {
  let waited = 0;
  for (let seed = 0; seed < 12; seed++) {
    const chooser = turnsChooser(stream('chooser', 1, seed));
    const run = await runInC(contended, { chooser });
    expect(run.said.at(-1)).toBe('p: select count(*) from t → 12');
    expect(run.outcome.end).toBe('done');
    if (run.steps.some(({ op, text }) => op === 'ask' && text?.startsWith('acquire sqlite.') === true)) waited++;
    const again = await runInC(contended, { plan: { preemptions: run.outcome.preemptions } });
    expect(again.outcome.hash).toBe(run.outcome.hash);
  }
  expect(waited).toBeGreaterThan(0);
}, 120_000);

test.runIf(engineStatus('3.50.4') === 'ready')(
  'what goes astray by a connection that several lanes use is told of its process, with who opened it and who did what',
  async () => {
    const { steps, marks, strays } = await runInC(
      {
        p: `${setUp}|sql a insert into t values (1, 1)|thread t sleep 1000+sql a insert into t values (2, 2)|rawopen r a.db|rawclose r|ask wait p/t |sleep 5000`,
        v: 'sleep 500|open a a.db|sql a insert into t values (10, 1)|close a',
      },
      { engine: '3.50.4' },
    );
    expect(marks).toMatchObject({ 'locks-cancelled': 1, 'unlinked-under-holder': 1 });
    expect(strays).toMatchObject([{ process: 'p', file: 'a.db-wal', lost: { by: 'v', how: 'unlinked' } }]);
    const { events } = eventsOf(steps);
    const lost = events.find((event) => event.kind === 'lock-lost');
    expect(lost?.kind === 'lock-lost' && lost.held.map(({ holder }) => holder.lane)).toEqual(['p']);
    const unlinked = events.find((event) => event.kind === 'file-lost' && event.name === 'a.db-wal');
    expect(unlinked).toMatchObject({ lane: 'v', how: 'unlinked', holders: [{ process: 'p', lane: 'p' }] });
    // The lane that wrote is the one that the trace says, not the one that opened.
    expect(steps[strays[0]?.firstStep ?? 0]).toMatchObject({ lane: 'p/t', op: 'write' });
  },
);

test('by the default schedule nobody waits, and the trace is what it is without', async () => {
  const [shared, plain] = await Promise.all([runInC(contended), runInC(contended, { shared: false })]);
  expect(shared.outcome.hash).toBe(plain.outcome.hash);
});

test.runIf(engineStatus('3.50.4') === 'ready')('an older SQLite takes these mutexes too', async () => {
  const chooser = turnsChooser(stream('chooser', 1, 1));
  const { said } = await runInC(contended, { chooser, engine: '3.50.4' });
  expect(said.at(-1)).toBe('p: select count(*) from t → 12');
});

test('where SQLite has its own mutexes, two lanes in one connection are named', async () => {
  const chooser = turnsChooser(stream('chooser', 1, 1));
  const hangs = runInC(contended, { chooser, shared: false, limitMs: 1500 });
  await expect(hangs).rejects.toMatchObject({
    code: 'LANE_LOST',
    message: expect.stringMatching(/The lane p\S* did not come back.*the lane p\S* stands inside a call of SQLite/s),
  });
}, 60_000);

test('a thread that is no lane and uses a connection of the run ends the run, in a sentence', async () => {
  const stray = runInC({ p: `${setUp}|stranger a insert into t values (1, 1)` });
  await expect(stray).rejects.toMatchObject({
    code: 'NOT_FOLLOWED',
    message: expect.stringContaining('in a thread that is no lane'),
  });
});

test('so does one that opens a file of the world itself; what lies elsewhere is its own affair', async () => {
  const inside = runInC({ p: `${setUp}|stranger /lockstep/a.db x` });
  await expect(inside).rejects.toMatchObject({ code: 'NOT_FOLLOWED' });
  const { outcome } = await runInC({ p: `${setUp}|stranger :memory: x` });
  expect(outcome.end).toBe('done');
});
