// Programs of Python that know nothing of Lockstep, as processes of a run: what they do is steps, what they take from the machine is
// the run's, and one plan gives one hash, whichever way their interpreter was started.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explain } from '../explain/explain.test-support.ts';
import type { History } from '../model/history.ts';
import type { Plan } from '../model/plan.ts';
import { stream } from '../model/random.ts';
import type { Scenario } from '../model/scenario.ts';
import { coordinatorOf, planOf, StepKeeper } from '../testing/lab.test-support.ts';
import { longButFirst, longUnless } from '../testing/long.test-support.ts';
import { debianPython, PythonLab, pythons } from '../testing/python-lab.test-support.ts';
import { turnsChooser } from './choosers/preemptions.ts';
import type { Coordinator } from './coordinator.ts';

const programs = fileURLToPath(new URL('../lane/python/programs', import.meta.url));

const lab = new PythonLab();
let zygotes: Coordinator;
let fresh: Coordinator;
beforeAll(async () => {
  zygotes = await coordinatorOf();
  fresh = await coordinatorOf({ fresh: true });
}, 300_000);
afterAll(() => {
  zygotes?.close();
  fresh?.close();
  lab.close();
});

/** Runs it once with drawn turns, and again by its preemptions, by a zygote and by itself: one hash. */
async function replayed(scenario: Scenario, seed = 7): Promise<History> {
  const found = await zygotes.run(scenario, planOf(), turnsChooser(stream('chooser', seed, 0)));
  const again = planOf({ preemptions: found.preemptions });
  for (const coordinator of [zygotes, zygotes, fresh])
    expect((await coordinator.run(scenario, again)).hash).toBe(found.hash);
  return found;
}

function shipped(name: string, python?: string): Scenario {
  const text = readFileSync(`${programs}/${name}.py`, 'utf8');
  return lab.scenario({ [name]: lab.program(name, text, { ...(python !== undefined && { python }) }) });
}

function written(text: string): Scenario {
  return lab.scenario({ p: lab.program('p', text) });
}

const ending = (history: History) => history.endings.find(({ lane }) => !lane.includes('/'))?.ending;
const words = (history: History) => history.words?.map(({ text }) => text).join('');

/** Of what takes long, with Debian's Python and the newest. */
const pythonsToTry = [...new Set([pythons[0] ?? debianPython, pythons.at(-1) ?? debianPython])];

describe.each(pythons)('%s', (python) => {
  test('threads and locks, and what is built on them', longUnless(python === debianPython), async () => {
    const found = await replayed(shipped('threads', python));
    expect(words(found)).toBeUndefined();
    expect(found.endings.map(({ ending: { how } }) => how)).not.toContain('threw');
    expect(found.endings.map(({ lane }) => lane)).toContain('threads/ThreadPoolExecutor-0_0');
    expect(found.autopsy.queries['t']).toHaveLength(6);
    expect(found.virtualMs).toBeGreaterThan(4000);
  });

  test('files of the world', async () => {
    const found = await replayed(shipped('files', python));
    expect(ending(found)).toEqual({ how: 'threw', error: 'ValueError: at the end of /lockstep' });
    expect(found.refusals.map(({ name }) => name)).toEqual(['/tmp/outside', '../outside', '../etc/outside']);
  });

  test('time, chance and identity', async () => {
    const found = await replayed(shipped('chance', python));
    expect(words(found)).toBeUndefined();
    expect(found.autopsy.queries['t']).toEqual([[2026]]);
  });
});

test.each(pythonsToTry)('processes that a program starts: %s', longButFirst, async (python) => {
  const found = await replayed(shipped('children', python));
  expect(words(found)).toBeUndefined();
  expect(ending(found)).toEqual({ how: 'returned' });
  expect(found.autopsy.queries['t']).toEqual([[1], [2], [3], [4]]);
});

test.each(pythonsToTry)('processes of the module multiprocessing: %s', longButFirst, async (python) => {
  const found = await replayed(shipped('workers', python));
  expect(words(found)).toBeUndefined();
  expect(ending(found)).toEqual({ how: 'returned' });
  expect(found.autopsy.queries['t']).toEqual([[1], [2], [3], [4]]);
});

test.each(pythonsToTry)('asyncio: %s', longButFirst, async (python) => {
  const found = await replayed(shipped('loops', python));
  expect(words(found)).toBeUndefined();
  expect(found).toMatchObject({ end: 'stopped', virtualMs: 600_000 });
  expect(ending(found)).toEqual({ how: 'returned' });
});

test.each([
  ['import socket; socket.socket()', /opens a socket/],
  ['import multiprocessing; multiprocessing.Queue()', /shares queues, pipes, locks or pools between processes/],
  ['import multiprocessing; multiprocessing.Pipe()', /shares queues, pipes, locks or pools between processes/],
  ['import os; os.execv("/bin/true", ["true"])', /calls os\.execv/],
  [
    'import mmap; f = open("lab.db", "rb"); mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)',
    /maps a file of the run into memory/,
  ],
  ['import signal; signal.alarm(1)', /calls signal\.alarm/],
  ['import os; os.open("x", 0, dir_fd=3)', /names a folder by its descriptor/],
])('%s is refused with a sentence', async (text, says) => {
  await expect(zygotes.run(written(text), planOf())).rejects.toMatchObject({
    code: 'NOT_FOLLOWED',
    message: expect.stringMatching(says) as string,
  });
});

test('a lost update of two threads, and none where a lock is around it', async () => {
  const text = (guard: string) => `
import contextlib, sqlite3, threading, time
lock = threading.Lock()
def add():
    db = sqlite3.connect('lab.db', isolation_level=None)
    for _ in range(3):
        with ${guard}:
            (n,) = db.execute('SELECT v FROM t WHERE k = 1').fetchone()
            db.execute('UPDATE t SET v = ? WHERE k = 1', (int(n) + 1,))
sqlite3.connect('lab.db', isolation_level=None).execute("INSERT INTO t VALUES(1, '0')")
threads = [threading.Thread(target=add) for _ in range(2)]
for t in threads: t.start()
for t in threads: t.join()
(n,) = sqlite3.connect('lab.db').execute('SELECT v FROM t').fetchone()
assert n == '6', n
`;
  const outcomes = async (guard: string) => {
    const seen: (string | undefined)[] = [];
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const found = await replayed(written(text(guard)), seed);
      const how = ending(found);
      seen.push(how?.how === 'threw' ? how.error : how?.how);
    }
    return new Set(seen);
  };
  expect([...(await outcomes('contextlib.nullcontext()'))].join()).toMatch(/AssertionError: [345]/);
  expect(await outcomes('lock')).toEqual(new Set(['returned']));
});

test('a raw read of the live database cancels the locks of its process', async () => {
  const found = await replayed(
    written(`
import sqlite3
db = sqlite3.connect('lab.db', isolation_level=None)
db.execute('BEGIN IMMEDIATE')
with open('lab.db', 'rb') as f:
    assert f.read(16) == b'SQLite format 3\\0'
db.execute('COMMIT')
`),
  );
  expect(found.marks['locks-cancelled']).toBeGreaterThan(0);
});

test('a connection that two threads use at once waits for itself', async () => {
  const found = await replayed(
    written(`
import sqlite3, threading
db = sqlite3.connect('lab.db', isolation_level=None, check_same_thread=False)
def add(n):
    for i in range(5): db.execute('INSERT INTO t VALUES(?, ?)', (n * 10 + i, 'x'))
threads = [threading.Thread(target=add, args=(n,)) for n in range(2)]
for t in threads: t.start()
for t in threads: t.join()
`),
  );
  expect(words(found)).toBeUndefined();
  expect(found.autopsy.queries['t']).toHaveLength(10);
});

test('the fault gc closes what nobody can reach any more, in the lane that it strikes', async () => {
  const scenario = written(`
import sqlite3, threading, time
class Keeps:
    def __init__(self): self.itself = self; self.db = sqlite3.connect('lab.db'); self.db.execute('SELECT * FROM t').fetchall()
Keeps()
def works():
    for _ in range(5): time.sleep(1)
thread = threading.Thread(target=works, name='works')
thread.start()
thread.join()
`);
  const closes = async (coordinator: Coordinator, faults: Plan['faults']) => {
    const book = new StepKeeper();
    const history = await coordinator.run(scenario, planOf({ faults }), undefined, [book]);
    const lanes = book.steps.filter(({ op, role }) => op === 'close' && role === 'db').map(({ lane }) => lane);
    return { hash: history.hash, lanes, strikes: history.strikes.length };
  };
  const faults: Plan['faults'] = [{ kind: 'gc', at: { lane: 'p/works', op: 'sleep', nth: 3 } }];
  const struck = await closes(zygotes, faults);
  expect(struck).toMatchObject({ lanes: ['p/works'], strikes: 1 });
  expect(await closes(fresh, faults)).toEqual(struck);
  expect(await closes(zygotes, [])).toMatchObject({ lanes: ['p'], strikes: 0 });
});

/** A daemon thread that commits row after row. */
const workOfDaemon = `def work():
    db = sqlite3.connect('lab.db')
    for n in range(1000):
        db.execute('INSERT INTO t VALUES(?, 2)', (n,)); db.commit(); time.sleep(0.001)
threading.Thread(target=work, daemon=True).start()
`;

describe('the end', () => {
  test("SIGTERM at the plan's end: its handler runs, and an interrupted sleep goes on", async () => {
    const found = await replayed(
      written(`
import signal, sys, threading, time
stop, begun = threading.Event(), time.time()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
ticks = 0
while not stop.wait(60): ticks += 1
assert (ticks, time.time() - begun) == (10, 600), ticks
signal.signal(signal.SIGTERM, lambda *_: print('again'))
time.sleep(5)
assert time.time() - begun == 605
sys.exit(7)
`),
    );
    expect(words(found)).toBeUndefined();
    expect(ending(found)).toEqual({ how: 'exited', code: 7 });
    expect(found).toMatchObject({ end: 'stopped', virtualMs: 605_000 });
  });

  test('without a handler it dies of it, with what it had open', async () => {
    const found = await replayed(
      written(`
import sqlite3, time
db = sqlite3.connect('lab.db')
db.execute('INSERT INTO t VALUES(1, 2)')
while True: time.sleep(10)
`),
    );
    expect(ending(found)).toEqual({ how: 'killed', signal: 'SIGTERM' });
    expect(found.autopsy.queries['t']).toEqual([]);
  });

  test('os._exit drops what is open', async () => {
    const found = await replayed(
      written(`
import os, sqlite3, threading, time
${workOfDaemon}time.sleep(0.01)
os._exit(5)
`),
    );
    expect(ending(found)).toEqual({ how: 'exited', code: 5 });
  });

  test('a daemon thread stops where it is', async () => {
    const found = await replayed(
      written(`
import sqlite3, threading, time
${workOfDaemon}db = sqlite3.connect('lab.db')
time.sleep(0.01)
db.execute('SELECT * FROM t').fetchall()
db.close()
`),
    );
    expect(ending(found)).toEqual({ how: 'returned' });
    expect(found.autopsy.queries['t']).not.toHaveLength(1000);
  });

  test('what the interpreter clears away at its end is closed by steps', async () => {
    const found = await replayed(
      written(`
import sqlite3
class Keeps:
    def __init__(self): self.itself = self; self.db = sqlite3.connect('lab.db'); self.db.execute('SELECT * FROM t').fetchall()
keeps = Keeps()
`),
    );
    expect(ending(found)).toEqual({ how: 'returned' });
    expect(found.autopsy.files.map(({ name }) => name)).toEqual(['lab.db']); // the last to close has removed the others
  });

  test("two threads that wait for each other stand still until the plan's end", async () => {
    const found = await replayed(
      written(`
import threading, time
a, b = threading.Lock(), threading.Lock()
def both(first, second):
    with first:
        time.sleep(1)
        with second: pass
threading.Thread(target=both, args=(a, b)).start()
threading.Thread(target=both, args=(b, a)).start()
`),
    );
    expect(found.end).toBe('stopped');
    expect(ending(found)).toEqual({ how: 'killed', signal: 'SIGTERM' });
  });

  test('an error that nobody caught, with its stack among the words', async () => {
    const text = 'def f():\n    raise KeyError(3)\nf()\n';
    const found = await replayed(written(text));
    expect(ending(found)).toEqual({ how: 'threw', error: 'KeyError: 3' });
    expect(words(found)).toMatch(/^Traceback \(most recent call last\):\n {2}File .*p\.py", line 3, in <module>\n/);
    expect(words(found)).not.toContain('lockstep_host');
    const facts = await explain(zygotes, written(text), planOf());
    expect(facts.map(({ sentence }) => sentence).join('\n')).toMatch(
      /^p said on its standard error: ".*p\.py:3 in <module> · f\(\) · p\.py:2 in f · raise KeyError\(3\) · KeyError: 3"\.$/m,
    );
  });
});
