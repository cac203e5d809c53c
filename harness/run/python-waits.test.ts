// Programs of Python with timers, waits for signals, locks that are waited for, what processes share, and work on open descriptors: steps in
// virtual time.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { History } from '../model/history.ts';
import { stream } from '../model/random.ts';
import { coordinatorOf, planOf, StepKeeper } from '../testing/lab.test-support.ts';
import { longButFirst } from '../testing/long.test-support.ts';
import { debianPython, PythonLab, pythons } from '../testing/python-lab.test-support.ts';
import { turnsChooser } from './choosers/preemptions.ts';
import type { Coordinator } from './coordinator.ts';

const programs = fileURLToPath(new URL('../lane/python/programs', import.meta.url));

/** Debian's, and the newest. */
const tried = [...new Set([pythons[0] ?? debianPython, pythons.at(-1) ?? debianPython])];

const lab = new PythonLab();
const coordinators: Coordinator[] = [];
beforeAll(async () => {
  for (const fresh of [false, true]) coordinators.push(await coordinatorOf({ fresh }));
}, 300_000);
afterAll(() => {
  for (const coordinator of coordinators) coordinator.close();
  lab.close();
});

function shipped(name: string, python = debianPython) {
  return lab.scenario({ p: lab.program(name, readFileSync(`${programs}/${name}.py`, 'utf8'), { python }) });
}

/** Runs it with drawn turns, and again by what came of them, in both ways of starting. */
async function replayed(scenario: ReturnType<typeof shipped>, seed: number): Promise<History> {
  const [reused] = coordinators;
  if (reused === undefined) throw new Error('no coordinator');
  const found = await reused.run(scenario, planOf(), turnsChooser(stream('chooser', seed, 0)));
  for (const coordinator of coordinators)
    expect((await coordinator.run(scenario, planOf({ preemptions: found.preemptions }))).hash).toBe(found.hash);
  return found;
}

test.each(tried)('timers, waits for signals and for locks: %s', longButFirst, async (python) => {
  const found = await replayed(shipped('signals', python), 1);
  expect(found.words).toBeUndefined();
  expect(found.endings[0]?.ending).toEqual({ how: 'returned' });
  expect(found.steps).toBeLessThan(600); // who waits for a minute does not look again and again
});

test.each(tried.flatMap((python) => ['fork', 'spawn'].map((how) => [how, python] as const)))(
  'memory and managers that processes share, by %s: %s',
  longButFirst,
  async (how, python) => {
    const text = readFileSync(`${programs}/memory.py`, 'utf8');
    const found = await replayed(lab.scenario({ p: lab.program('memory', text, { python, words: [how] }) }), 1);
    expect(found.words).toBeUndefined();
    expect(found.endings[0]?.ending).toEqual({ how: 'returned' });
  },
);

test.each(tried)(
  'pools whose threads fork, forks that share pipes, and what a fork finds of locks and chance: %s',
  longButFirst,
  async (python) => {
    const text = readFileSync(`${programs}/prefork.py`, 'utf8');
    for (const what of ['pool', 'servers', 'held', 'futures']) {
      for (const seed of [1, 2]) {
        const found = await replayed(
          lab.scenario({ p: lab.program('prefork', text, { python, words: [what] }) }),
          seed,
        );
        expect(found.words).toBeUndefined();
        expect(found.endings[0]?.ending).toEqual({ how: 'returned' });
      }
    }
  },
);

test('what nobody handles ends the program when its time has come', async () => {
  const scenario = lab.scenario({
    p: lab.program(
      'alarmed',
      'import signal, sqlite3, time; sqlite3.connect("lab.db").execute("SELECT * FROM t"); signal.alarm(3); time.sleep(60)',
    ),
  });
  const found = await replayed(scenario, 1);
  expect(found.endings[0]?.ending).toEqual({ how: 'killed', signal: 'SIGALRM' });
  expect(found.virtualMs).toBe(3000);
});

test('what is done by descriptors is a step each', async () => {
  const keeper = new StepKeeper();
  const history = await coordinators[0]?.run(shipped('descriptors'), planOf(), undefined, [keeper]);
  expect(history?.words).toBeUndefined();
  const ops = keeper.steps.filter(({ file }) => file === 'x' || file === 'y' || file === 'link' || file === 'd');
  expect(ops.map(({ op, text, file }) => (op === 'step' ? `${text} ${file}` : op)).join(' ')).toMatchInlineSnapshot(
    `"fdOpen fdWrite fdChmod fdChmod fdStat fdSync fdSync utime stat chown x allocate x fdStat fdTruncate fdOpen fdOpen fdRead fdWrite fdRead fdWrite symlink lstat stat mkdir chmod chown x lchown link utime fdClose"`,
  );
});
