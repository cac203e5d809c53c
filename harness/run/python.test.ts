// Programs of Python that know nothing of Lockstep, as processes of a run: what they do is steps, what they take from the machine is
// the run's, and one plan gives one hash, whichever way their interpreter was started.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explain } from '../explain/explain.test-support.ts';
import { violationsOf } from '../judge/judge-history.ts';
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

test.each(pythonsToTry.flatMap((python) => ['fork', 'spawn'].map((how) => [how, python] as const)))(
  'what processes of multiprocessing share, by %s: %s',
  longButFirst,
  async (how, python) => {
    const text = readFileSync(`${programs}/sharing.py`, 'utf8');
    const found = await replayed(lab.scenario({ sharing: lab.program('sharing', text, { python, words: [how] }) }));
    expect(words(found)).toBeUndefined();
    expect(ending(found)).toEqual({ how: 'returned' });
    expect(found.autopsy.queries['t']).toEqual([[1], [2], [3], [4]]);
  },
);

test.each(pythonsToTry)('asyncio: %s', longButFirst, async (python) => {
  const found = await replayed(shipped('loops', python));
  expect(words(found)).toBeUndefined();
  expect(found).toMatchObject({ end: 'stopped', virtualMs: 600_000 });
  expect(ending(found)).toEqual({ how: 'returned' });
});

/** The C library, past the host of Python. */
const libc =
  "import ctypes, os, platform, sqlite3; sqlite3.connect('lab.db').execute('SELECT * FROM t'); openat = 257 if platform.machine() == 'x86_64' else 56; ctypes.CDLL(None)";

test.each([
  ['import socket; socket.socket()', /opens a socket/],
  [
    'import multiprocessing; multiprocessing.get_context("forkserver").Process(target=print).start()',
    /starts processes by the method forkserver/,
  ],
  ['import os; os.execv("/bin/true", ["true"])', /takes a program that is no Python in its own place/],
  [
    'import mmap; f = open("lab.db", "rb"); mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)',
    /maps a file of the run into memory/,
  ],
  [
    `f = open('lab.db', 'rb'); ${libc}.mmap(None, 4096, 1, 1, f.fileno(), 0)`,
    /maps lab\.db into memory with MAP_SHARED \(mmap, by libffi/,
  ],
  [`${libc}.open(b'past.txt', os.O_CREAT | os.O_WRONLY, 0o644)`, /opens past\.txt past the gate \(libffi/],
  [
    `${libc}.syscall(openat, -100, b'past.txt', os.O_CREAT | os.O_WRONLY, 0o644)`,
    /opens past\.txt past the gate \(libffi/,
  ],
  [`${libc}.shmget(0, 4096, 0o600)`, /by a key or a name \(shmget, by libffi/],
  [`${libc}.semget(0, 1, 0o600)`, /by a key or a name \(semget, by libffi/],
  [`${libc}.msgget(0, 0o600)`, /by a key or a name \(msgget, by libffi/],
  [`${libc}.shm_open(b'/lockstep-test', 66, 0o600)`, /by a key or a name \(shm_open, by libffi/],
  [`${libc}.mq_open(b'/lockstep-test', 66, 0o600, None)`, /by a key or a name \(mq_open, by libffi/],
  [`${libc}.sem_open(b'/lockstep-test', 66, 0o600, 1)`, /by a key or a name \(sem_open, by libffi/],
  ['import signal; signal.setitimer(signal.ITIMER_PROF, 1)', /after so much processor time \(signal\.setitimer\)/],
  ['import os; os.open("x", 0, dir_fd=3)', /names a folder by its descriptor/],
])('%s is refused with a sentence', async (text, says) => {
  await expect(zygotes.run(written(text), planOf())).rejects.toMatchObject({
    code: 'NOT_FOLLOWED',
    message: expect.stringMatching(says) as string,
  });
});

test.each([
  ['a driver of its own', 'libc.open(b"lab.db", os.O_RDONLY)', /opens lab\.db past the gate \(libffi/],
  ['one that closes it again', 'libc.close(libc.open(b"lab.db", os.O_RDONLY))', /opens lab\.db past the gate \(libffi/],
  [
    'the bare kernel',
    'ctypes.CDLL("libc.so.6").syscall(openat, -100, b"lab.db-wal", os.O_RDONLY); time.sleep(1)',
    /opens lab\.db-wal past the gate/,
  ],
])('a database that is opened past the gate is told: by %s', async (_, how, says) => {
  const text = (act: string) => `
import ctypes, os, platform, sqlite3, time
libc, openat = ctypes.CDLL(None), 257 if platform.machine() == 'x86_64' else 56
db = sqlite3.connect('lab.db')
db.execute('INSERT INTO t VALUES(1, 2)'); db.commit()
${act}`;
  await expect(zygotes.run(written(text(how)), planOf())).rejects.toMatchObject({
    code: 'NOT_FOLLOWED',
    message: expect.stringMatching(says) as string,
  });
  const fine =
    'fd = os.open("lab.db", os.O_RDONLY); other = os.dup(fd); open("lab.db-wal", "rb").read(); time.sleep(1); db.backup(sqlite3.connect("b.db"))';
  expect(ending(await zygotes.run(written(text(fine)), planOf()))).toEqual({ how: 'returned' });
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

test('a program that another takes the place of is the same process, without what it had open', async () => {
  const other = `
import sqlite3, time
time.sleep(2)
sqlite3.connect('lab.db').execute('SELECT * FROM t').fetchall()`;
  const text = `
import os, random, sqlite3, sys, time
if len(sys.argv) == 1:
    os.mkdir('folder'); os.chdir('folder')
    child = os.fork()
    if child == 0:
        time.sleep(3)
        os._exit(4)
    db = sqlite3.connect('/lockstep/lab.db', isolation_level=None)
    db.execute("INSERT INTO t VALUES(1, 'x')")
    db.execute('BEGIN IMMEDIATE')
    db.execute("INSERT INTO t VALUES(2, 'x')")
    try: os.execv('/nowhere/python3', ['python3'])
    except FileNotFoundError: pass
    time.sleep(1)
    os.environ['TOLD'] = 'yes'
    os.execv(sys.executable, [sys.executable, __file__, str(os.getpid()), str(child), str(random.random())])
pid, child, number = sys.argv[1:]
assert (os.getpid(), os.getcwd(), os.environ['TOLD']) == (int(pid), '/lockstep/folder', 'yes')
assert 'LOCKSTEP_LANE' not in os.environ and float(number) != random.random()
assert time.monotonic() > 1
time.sleep(3)
db = sqlite3.connect('/lockstep/lab.db', isolation_level=None)
db.execute("INSERT INTO t VALUES(3, 'x')")
assert os.waitpid(int(child), 0) == (int(child), 4 << 8)
`;
  const scenario = lab.scenario({ p: lab.program('p', text), other: lab.program('other', other) });
  const found = await replayed({ ...scenario, ledger: ['t.k'] });
  expect(words(found)).toBeUndefined();
  expect(violationsOf(scenario, found)).toEqual([]);
  expect(found.marks['close-beside-holder']).toBe(0); // the connection that it had is gone when the other closes its own
  expect(ending(found)).toEqual({ how: 'returned' });
  expect(found.autopsy.queries['t']).toEqual([[1], [3]]);
  const committed = found.observations.filter(({ kind }) => kind === 'committed');
  expect(committed.map(({ data }) => data)).toEqual([
    { table: 't', keys: [1] },
    { table: 't', keys: [3] },
  ]);
});

test('a file object that two threads use without a lock', async () => {
  const scenario = written(`
import threading
for mode, line in (('w+b', b'0123456789\\n'), ('w+', '0123456789\\n')):
    with open('shared', mode) as file:
        def add():
            for _ in range(10):
                file.write(line * 100); file.flush()
        threads = [threading.Thread(target=add) for _ in range(2)]
        for t in threads: t.start()
        for t in threads: t.join()
        file.seek(0)
        assert file.read() == line * 2000, mode
`);
  for (const seed of [1, 2, 3]) {
    const found = await replayed(scenario, seed);
    expect(words(found)).toBeUndefined();
    expect(found.preemptions.length).toBeGreaterThan(10);
  }
});

test('modules that lie in the world are loaded as the program sees them, and read by a step', async () => {
  const scenario = written(`
import os, sys
os.mkdir('plugins'); os.mkdir('plugins/pack')
for name, text in (('one.py', 'here = __file__'), ('pack/__init__.py', 'from . import two'), ('pack/two.py', 'n = 2')):
    with open(f'plugins/{name}', 'w') as file: file.write(text)
sys.path.insert(0, '/lockstep/plugins')
import csv, json, one, pack
assert (one.here, pack.two.n) == ('/lockstep/plugins/one.py', 2)
sys.path[0] = 'nowhere'
try:
    import two
    raise AssertionError('it was found')
except ImportError: pass
assert os.listdir('plugins/pack') == ['__init__.py', 'two.py']
raise LookupError(one.here)
`);
  expect(ending(await replayed(scenario))).toEqual({ how: 'threw', error: 'LookupError: /lockstep/plugins/one.py' });
  const keeper = new StepKeeper();
  await zygotes.run(scenario, planOf(), undefined, [keeper]);
  expect(keeper.steps.flatMap(({ op, file }) => (op === 'fileRead' ? [file] : []))).toEqual(
    ['one.py', 'pack/__init__.py', 'pack/two.py'].map((name) => `plugins/${name}`),
  );
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

test.each(pythonsToTry)(
  'the fault gc closes what nobody can reach any more, in the lane that it strikes: %s',
  async (python) => {
    // The cache of statements of a connection leads back to it, so that one that nobody closes is a cycle by itself.
    const text = `
import sqlite3, threading, time
def asks():
    db = sqlite3.connect('lab.db')
    db.execute('SELECT * FROM t').fetchall()
asks()
def works():
    for _ in range(5): time.sleep(1)
thread = threading.Thread(target=works, name='works')
thread.start()
thread.join()
`;
    const scenario = lab.scenario({ p: lab.program('p', text, { python }) });
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
  },
);

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
