// Programs in C and scripts of the shell as processes of a run: what they ask of the C library, and how they end.
import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import { sqliteObject } from '../../engines/ensure.ts';
import type { History } from '../../model/history.ts';
import type { CommandProgram } from '../../model/process.ts';
import { stream } from '../../model/random.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Json } from '../../model/values.ts';
import { turnsChooser } from '../../run/choosers/preemptions.ts';
import type { Coordinator } from '../../run/coordinator.ts';
import { coordinatorOf, planOf, process, scenarioOf, StepKeeper } from '../../testing/lab.test-support.ts';
import { cProgram } from './c-program.test-support.ts';

let coordinator: Coordinator;
let tour: string;
beforeAll(async () => {
  coordinator = await coordinatorOf();
  tour = await cProgram('tour.test-support.c');
}, 300_000);
afterAll(() => coordinator.close());

/** The lab with commands under the preload host, by the names of their processes, and what else is started. */
function labOf(
  commands: { readonly [name: string]: CommandProgram['command'] },
  more: readonly ReturnType<typeof process>[] = [],
): Scenario {
  const lab = scenarioOf([...Object.keys(commands).map((name) => process(name, name)), ...more]);
  const host = 'preload';
  const programs = Object.fromEntries(Object.entries(commands).map(([name, command]) => [name, { command, host }]));
  const others = ['setup', ...more.map(({ program }) => program)].map((name) => [name, lab.programs[name]]);
  return { ...lab, programs: { ...Object.fromEntries(others), ...programs } };
}

const shell = (script: string): CommandProgram['command'] => ['/bin/sh', '-c', script];

/** What a process has printed on its standard error, line by line. */
function said(history: History, name = 'one'): readonly string[] {
  const text = history.words?.find(({ process: who }) => who === name)?.text ?? '';
  return text.split('\n').slice(0, -1);
}

const endingOf = ({ endings }: History, lane = 'one') => endings.find((one) => one.lane === lane)?.ending;

/** Runs it in turns, and thrice more by what that came to: every one has the same hash. */
async function runAlike(scenario: Scenario, seed = 7): Promise<History> {
  const found = await coordinator.run(scenario, planOf(), turnsChooser(stream('chooser', seed, 0)));
  for (let i = 0; i < 3; i++) {
    const again = await coordinator.run(scenario, planOf({ preemptions: found.preemptions }));
    expect(again.hash).toBe(found.hash);
  }
  return found;
}

describe('what a program asks of the C library', () => {
  test.each([
    ['times', ['usleep 2', 'sleep 2002 2002 2000', 'until 2502', 'busy 2510', 'bye']],
    [
      'files',
      [
        'Jello, /lockstep, /lockstep/folder/b.txt',
        'link: inode 1 size 5 mtime 1779494400',
        'same gone',
        '. .. folder lab.db link ',
        '1 in',
        'bye',
      ],
    ],
    ['locks', ['waited 1', 'bye']],
    ['processes', ['system 7', 'popen from a child 0', 'handled 1 -1', 'killed 9', 'bye']],
    ['futexes', ['-1 timed out 1050', 'bye']],
    ['connection', ['closed 0', 'bye']],
  ])('%s', async (what, lines) => {
    const history = await runAlike(labOf({ one: [tour, what] }));
    expect(said(history)).toEqual(lines);
    expect(endingOf(history)).toEqual({ how: 'returned' });
  });

  test('hooks of its own are called beside those of a ledger', async () => {
    const history = await runAlike({ ...labOf({ one: [tour, 'hooks'] }), ledger: ['t.k'] });
    expect(said(history)).toEqual(['5 3 1 7 constraint failed 1', 'bye']);
    const committed = history.observations.filter(({ kind }) => kind === 'committed');
    expect(committed.map(({ data }) => (data as { keys: Json }).keys)).toEqual([[1], [3, 2], [5]]);
  });

  test('chance is that of the seed, and process ids are of the run', async () => {
    const lab = labOf({ one: [tour, 'chance'], two: [tour, 'chance'] });
    const history = await runAlike(lab);
    const [one, two] = [said(history), said(history, 'two')].map(([line = '']) => line.split(' '));
    expect([one?.[2], two?.[2]]).toEqual(['100', '101']);
    expect(one?.[0]).not.toBe(two?.[0]);
    const other = await coordinator.run(lab, planOf({ seed: 8 }));
    expect(said(other)[0]?.split(' ')[0]).not.toBe(one?.[0]);
  });

  test('a program in C++ as its standard library has it', async () => {
    const program = await cProgram('streams.test-support.cc', []);
    const history = await runAlike(labOf({ one: [program] }));
    expect(said(history)[0]).toMatch(/^hello 5 2750 0 42 \d+$/);
    expect(said(await coordinator.run(labOf({ one: [program] }), planOf()))).toEqual(said(history));
  });

  test('threads are lanes: what only a schedule loses is lost in some, and what a mutex guards in none', async () => {
    const lab = labOf({ one: [tour, 'threads'] });
    const lostIn = async (seed: number): Promise<number> => {
      const history = await coordinator.run(lab, planOf(), turnsChooser(stream('chooser', seed, 0)));
      expect(history.endings.map(({ lane }) => lane)).toEqual(['one', 'one/thread-1', 'one/thread-2']);
      return Number(/^guarded 10, lost (\d+), timed out done -1 timed out$/.exec(said(history)[0] ?? '')?.[1]);
    };
    let seed = 0;
    while ((await lostIn(++seed)) === 0) expect(seed).toBeLessThan(100);
    expect(said(await runAlike(lab, seed))[0]).not.toContain('lost 0');
  });
});

test('what programs commit that take the place of others is known to a ledger', async () => {
  const script = 'sqlite3 lab.db "insert into t values(1,2)"; exec sqlite3 lab.db "insert into t values(2,2)"';
  const history = await runAlike({ ...labOf({ one: shell(script) }), ledger: ['t.k'] });
  expect(history.observations.map(({ data }) => (data as { keys: Json }).keys)).toEqual([[1], [2]]);
});

describe('how it ends', () => {
  test.each([
    ['exit', { how: 'exited', code: 4 }, ['bye']],
    ['_exit', { how: 'exited', code: 5 }, []],
    ['exit-in-thread', { how: 'exited', code: 3 }, ['bye']],
    ['kill', { how: 'killed', signal: 'SIGKILL' }, []],
    ['int', { how: 'killed', signal: 'SIGINT' }, []],
    ['sleep', { how: 'killed', signal: 'SIGTERM' }, []],
    ['open', { how: 'returned' }, ['bye']],
  ])('%s', async (what, ending, lines) => {
    const history = await runAlike(labOf({ one: [tour, what] }));
    expect(endingOf(history)).toEqual(ending);
    expect(said(history)).toEqual(lines);
  });

  test.each([
    ['abort', 'SIGABRT'],
    ['segv', 'SIGSEGV'],
  ])('%s, with its stack in its words', async (what, signal) => {
    const history = await runAlike(labOf({ one: [tour, what] }));
    expect(endingOf(history)).toEqual({ how: 'killed', signal });
    expect(said(history)[0]).toBe('lockstep: the native stack:');
  });

  test('a handler of SIGTERM has the last word at the plan’s end', async () => {
    const script = `trap 'echo stopped >&2; exit 6' TERM; while :; do sleep 10; done`;
    const history = await runAlike(labOf({ one: shell(script) }));
    expect(history.end).toBe('stopped');
    expect(endingOf(history)).toEqual({ how: 'exited', code: 6 });
    expect(said(history)).toEqual(['Terminated', 'stopped']); // the first is the shell's own word on its sleep
  });
});

describe('a script of the shell', () => {
  test('redirections, pipes, subshells, children in the background and timers', async () => {
    const script = `exec 9>&2 >out.txt 2>&1
      pwd; date +%s; echo "insert into t values(4,5);select * from t" | sqlite3 lab.db
      x=$(sqlite3 lab.db "select count(*) from t"); echo "x=$x"
      for i in 1 2 3; do sleep 1; done & wait; date +%s
      trap 'echo term' TERM; (sleep 2; kill $$) & wait $!; date +%s
      seq 1 30000 | wc -l; basename $(mktemp) | wc -c; head -c 8 /dev/urandom | wc -c
      timeout 1 sleep 5; echo $?; ls; cat out.txt >&9; exit 3`;
    const history = await runAlike(labOf({ one: shell(script) }));
    expect(endingOf(history)).toEqual({ how: 'exited', code: 3 });
    const lines = said(history);
    const began = 1_779_494_400;
    expect(lines.slice(0, 10)).toEqual([
      '/lockstep',
      `${began}`,
      '4|5',
      'x=1',
      `${began + 3}`,
      'term',
      `${began + 5}`,
      '30000',
      '15',
      '8',
    ]);
    expect(lines[10]).toBe('124');
    expect(lines.slice(11)).toEqual(expect.arrayContaining(['lab.db', 'out.txt']));
  });

  test('an operator who copies and mends a database that others write to', async () => {
    const script = `cp lab.db copy.db && cp lab.db-wal copy.db-wal; sqlite3 copy.db 'select count(*) from t' >/dev/null
      sqlite3 lab.db REINDEX '.backup b.db' "VACUUM INTO 'c.db'"
      sqlite3 lab.db .recover | sqlite3 d.db
      for f in b.db c.db d.db; do sqlite3 $f 'pragma integrity_check' 'select name from sqlite_schema limit 1' >&2; done`;
    const keeper = new StepKeeper();
    const lab = labOf({ one: shell(script) }, [
      process('w', 'inserting', { from: 0, count: 5 }),
      process('v', 'inserting', { from: 10, count: 5 }),
    ]);
    const history = await coordinator.run(lab, planOf(), turnsChooser(stream('chooser', 3, 0)), [keeper]);
    expect(said(history)).toEqual(['ok', 't', 'ok', 't', 'ok', 't']);
    expect(keeper.steps.some(({ op, file, lane }) => op === 'fdRead' && file === 'lab.db' && lane === 'one.1')).toBe(
      true,
    );
    const again = await coordinator.run(lab, planOf({ preemptions: history.preemptions }));
    expect(again.hash).toBe(history.hash);
  });
});

describe('what cannot be followed is told', () => {
  test.each([
    ['a socket', 'socket', 'opens a socket'],
    ['a database that it opens by the bare kernel', 'bare', 'opens lab.db past the gate'],
    ['a statically linked program that it runs', 'static', 'statically linked'],
  ])('%s', async (_, what, words) => {
    const still = what === 'static' ? await cProgram('static.test-support.c', ['-static']) : '';
    const lab = labOf({ one: what === 'static' ? shell(`${still}; true`) : [tour, what] });
    await expect(coordinator.run(lab, planOf())).rejects.toThrow(words);
  });

  test('a program with an SQLite of its own', async () => {
    const own = await cProgram('tour.test-support.c', [await sqliteObject('3.50.4'), '-lm', '-ldl']);
    await expect(coordinator.run(labOf({ one: [own, 'open'] }), planOf())).rejects.toThrow(
      'brings an SQLite of its own',
    );
  });
});
