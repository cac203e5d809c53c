// The engine `own` with programs of Python: on the SQLite that their interpreter brings, which may be compiled into it.
import { existsSync, globSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { History } from '../model/history.ts';
import { OWN_ENGINE } from '../model/process.ts';
import { stream } from '../model/random.ts';
import { coordinatorOf, planOf } from '../testing/lab.test-support.ts';
import { debianPython, PythonLab } from '../testing/python-lab.test-support.ts';
import { turnsChooser } from './choosers/preemptions.ts';
import type { Coordinator } from './coordinator.ts';
import { interpreterOf } from './interpreter.ts';

/** Interpreters of python-build-standalone, where there are any: uv's, or what another program brings. */
const standalone = [
  ...globSync(join(homedir(), '.local/share/uv/python/*/bin/python3')),
  ...globSync('/usr/lib/*/platform/bundledpythonunix/bin/python3'),
].filter((path) => existsSync(path));

const lab = new PythonLab();
const coordinators: Coordinator[] = [];
beforeAll(async () => {
  for (const fresh of [false, true]) coordinators.push(await coordinatorOf({ engine: OWN_ENGINE, fresh }));
}, 300_000);
afterAll(() => {
  for (const coordinator of coordinators) coordinator.close();
  lab.close();
});

const plan = (more = {}) => planOf({ engine: OWN_ENGINE, ...more });

async function replayed(python: string, text: string, env = {}): Promise<History> {
  const scenario = lab.scenario({ p: lab.program('p', text, { python, env }) });
  const [reused] = coordinators;
  if (reused === undefined) throw new Error('no coordinator');
  const found = await reused.run(scenario, plan(), turnsChooser(stream('chooser', 7, 0)));
  for (const coordinator of coordinators) {
    const again = await coordinator.run(scenario, plan({ preemptions: found.preemptions }));
    expect(again.hash).toBe(found.hash);
  }
  return found;
}

const words = ({ words: all = [] }: History) => all.find(({ process }) => process === 'p')?.text ?? '';

const threads = `
import sqlite3, sys, threading, time
def add(n):
    db = sqlite3.connect('lab.db', timeout=30, isolation_level=None)
    for i in range(3): db.execute('INSERT INTO t VALUES(?, ?)', (n * 10 + i, 'x')); time.sleep(0.01)
threads = [threading.Thread(target=add, args=(n,)) for n in range(2)]
for t in threads: t.start()
for t in threads: t.join()
print(sqlite3.sqlite_version, file=sys.stderr)
`;

test.each([debianPython, ...standalone])('%s: steps of its own SQLite, which it names', async (python) => {
  const found = await replayed(python, threads);
  expect(found.autopsy.queries['t']).toHaveLength(6);
  const said = found.observations.filter(({ kind }) => kind === 'sqlite').map(({ data }) => data);
  expect(said).toEqual([{ version: words(found).trim() }]);
});

test.runIf(standalone.length > 0)(
  'one that has SQLite compiled in is told of this engine where another was put under it',
  () => {
    expect(() => interpreterOf([standalone[0] ?? '', 'x.py'], '/nowhere', '3.50.4')).toThrow(
      expect.objectContaining({ code: 'OTHER_SQLITE', remedy: expect.stringContaining('--engine own') as string }),
    );
  },
);

test('what a scenario puts into lists of the environment is all there, in the program and in what it starts', async () => {
  const show = `print(os.environ.get('LD_LIBRARY_PATH'), os.environ.get('LD_PRELOAD'), file=sys.stderr)`;
  const text = `
import os, sqlite3, subprocess, sys
db = sqlite3.connect('lab.db'); db.execute('SELECT * FROM t').fetchall()
${show}
sys.stderr.flush()
code = "import os, sqlite3, sys; sqlite3.connect('lab.db').execute('SELECT * FROM t'); ${show.replaceAll("'", '\\"')}".replace('"', "'")
print(subprocess.run([sys.executable, '-c', code], stderr=subprocess.PIPE, text=True).stderr, end='', file=sys.stderr)
shell = 'sqlite3 lab.db "SELECT 1" >/dev/null; echo $LD_LIBRARY_PATH'
print(subprocess.run(['/bin/sh', '-c', shell], stdout=subprocess.PIPE, text=True).stdout, end='', file=sys.stderr)
`;
  const found = await replayed(debianPython, text, { LD_LIBRARY_PATH: '/nowhere/a:/nowhere/b' });
  const all = '/nowhere/a:/nowhere/b';
  expect(words(found)).toBe(`${all} None\n${all} None\n${all}\n`);
});
