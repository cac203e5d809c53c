// The gate's calls for hosts in C (lockstep.h), as another language finds them in the compiled gate: a Python whose threads share one
// connection, and one that forks, on the engine's shared library. What stays out: the Python host (lane/python/).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stream } from '../model/random.ts';
import type { Scenario } from '../model/scenario.ts';
import { turnsChooser } from '../run/choosers/preemptions.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { coordinatorOf, planOf, scenarioOf, StepKeeper } from '../testing/lab.test-support.ts';
import { gatePath } from './build.ts';

/** Isolated (-I), so that no host is put under it: it is its own. */
const python = ['/usr/bin/python3', '-I'] as const;

/** A host of its own: it attaches, waits for its job and enters the run. */
const host = `
import ctypes, json, os, threading

gate = ctypes.CDLL(os.environ['LOCKSTEP_GATE'])
sqlite = ctypes.CDLL('libsqlite3.so.0')

def pointer(function):
    return ctypes.cast(function, ctypes.c_void_p)

def said(name, *values):
    function = getattr(gate, 'lockstep_' + name)
    function.restype = ctypes.c_char_p
    answer = function(*[value.encode() if isinstance(value, str) else value for value in values])
    return None if answer is None else answer.decode()

start = [pointer(getattr(sqlite, 'sqlite3_' + name)) for name in ('config', 'initialize', 'shutdown')]
assert said('share_connections', *start) is None
sqlite.sqlite3_auto_extension(pointer(gate.lockstep_init))
import sqlite3
sqlite3.connect(':memory:').close()
assert said('engine', os.environ['LOCKSTEP_SQLITE']) is None

def enter(fifo_in, fifo_out):
    assert said('attach', fifo_in, fifo_out) is None
    job = json.loads(said('job'))
    assert gate.lockstep_enter(job['number'], ctypes.c_uint64(int(job['seed'])), job['root'].encode())
    return job['root']

root = enter(os.environ['LOCKSTEP_IN'], os.environ['LOCKSTEP_OUT'])
assert said('ends', None) is None
`;

const sharing = `def insert(k):
    gate.lockstep_lock(b'db', ctypes.c_int64(-1))
    db.execute('insert into t(k, v) values (?, ?)', (k, 'x'))
    gate.lockstep_unlock(b'db')

def worker(fifos, first):
    enter(fifos['in'], fifos['out'])
    for n in range(5):
        insert(first + n)
    gate.lockstep_leave(b'{"how":"returned","open":0}')

db = sqlite3.connect(root + '/lab.db', isolation_level=None, check_same_thread=False)
threads = []
for name, first in (('a', 100), ('b', 200)):
    fifos = json.loads(said('ask', 'thread ' + name + ' py null'))['value']
    threads.append(threading.Thread(target=worker, args=(fifos, first)))
    threads[-1].start()
    said('ask', 'thread-started ' + name)
for n in range(5):
    insert(300 + n)
for name, thread in zip('ab', threads):
    said('ask', 'wait one/' + name + ' ')
    thread.join()
db.close()
`;

const forking = `
fifos = json.loads(said('ask', 'fork child'))['value']
pid = os.fork()
if pid == 0:
    enter = json.loads(said('forked', fifos['in'], fifos['out']) or said('job'))
    assert gate.lockstep_enter(enter['number'], ctypes.c_uint64(int(enter['seed'])), enter['root'].encode())
    db = sqlite3.connect(root + '/lab.db', isolation_level=None)
    db.execute("insert into t(k, v) values (1, 'child')")
    db.close()
    os._exit(5)
assert json.loads(said('ask', 'forked child'))['value'] == 1 # its main lane's number
db = sqlite3.connect(root + '/lab.db', isolation_level=None, timeout=60)
db.execute("insert into t(k, v) values (2, 'parent')")
db.close()
assert json.loads(said('ask', 'wait child '))['value'] == {'how': 'exited', 'code': 5}
assert os.waitpid(pid, 0) == (pid, 5 << 8)
`;

let folder: string;
let coordinator: Coordinator;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-c-interface-'));
  writeFileSync(join(folder, 'sharing.py'), host + sharing);
  writeFileSync(join(folder, 'forking.py'), host + forking);
  coordinator = await coordinatorOf();
}, 300_000);
afterAll(() => {
  coordinator.close();
  rmSync(folder, { recursive: true, force: true });
});

function scenarioOn(file: string): Scenario {
  const lab = scenarioOf([{ name: 'one', program: 'py', args: null }]);
  const py = { command: [...python, file], host: 'python', files: folder } as const;
  return { ...lab, programs: { setup: { ...lab.programs['setup'] } as never, py } };
}

test('threads of another language share a connection under the gate, by any schedule, and replay to one hash', async () => {
  const scenario = scenarioOn('sharing.py');
  let waited = 0;
  for (let seed = 0; seed < 5; seed++) {
    const book = new StepKeeper();
    const found = await coordinator.run(scenario, planOf(), turnsChooser(stream('chooser', 5, seed)), [book]);
    expect(found.autopsy.queries['t']).toHaveLength(15);
    expect(found.endings.map(({ lane, ending }) => [lane, ending.how])).toEqual(
      ['one', 'one/a', 'one/b'].map((lane) => [lane, 'returned']),
    );
    if (book.steps.some(({ op, text }) => op === 'ask' && text === 'lock db')) waited++;
    const again = await coordinator.run(scenario, planOf({ preemptions: found.preemptions }));
    expect(again.hash).toBe(found.hash);
  }
  expect(waited).toBeGreaterThan(0);
}, 120_000);

test('a fork of another language is a process of the run, and ends as it ends', async () => {
  const scenario = scenarioOn('forking.py');
  for (let seed = 0; seed < 4; seed++) {
    const found = await coordinator.run(scenario, planOf(), turnsChooser(stream('chooser', 6, seed)));
    expect(found.autopsy.queries['t']).toEqual([[1], [2]]);
    expect(found.endings).toEqual([
      { lane: 'one', ending: { how: 'returned' } },
      { lane: 'child', ending: { how: 'exited', code: 5 } },
    ]);
    const again = await coordinator.run(scenario, planOf({ preemptions: found.preemptions }));
    expect(again.hash).toBe(found.hash);
  }
}, 120_000);

test('the compiled gate has every function that its header names', async () => {
  const header = readFileSync(join(import.meta.dirname, 'lockstep.h'), 'utf8');
  const names = [...header.matchAll(/\b(lockstep_\w+)\(/g)].map(([, name]) => name ?? '');
  expect(names.length).toBeGreaterThan(25);
  const binary = readFileSync(await gatePath(), 'latin1');
  expect(names.filter((name) => !binary.includes(`\0${name}\0`))).toEqual([]);
});
