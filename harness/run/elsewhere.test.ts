// The same programs in another folder, by an installation whose cache lies elsewhere, of a user with another home: one plan has one hash.
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { PREBUILT_ENGINE } from '../engines/catalogue.ts';
import { cacheHome } from '../host/cache-home.js';
import { emptyFolder } from '../gate/hand-setting.test-support.ts';
import { cProgram } from '../lane/preload/c-program.test-support.ts';
import { type CommandProgram, commandHosts } from '../model/process.ts';
import { stream } from '../model/random.ts';
import { coordinatorOf, planOf, process as start, scenarioOf, StepKeeper } from '../testing/lab.test-support.ts';
import { turnsChooser } from './choosers/preemptions.ts';
import { readyForCommands } from './command-machine.ts';
import type { Coordinator } from './coordinator.ts';

const inPython = `
import multiprocessing, os, sqlite3, subprocess, sys, threading
import beside




def work(queue):
    queue.put([beside.Named(n).name for n in 'abcdefgh'])

if __name__ == '__main__':
    if sys.argv[1:] == ['child']:
        print('a child')
        sys.exit()
    subprocess.run([sys.executable, __file__, 'child'], check=True, env={**os.environ, 'HOME': os.environ['HOME']})
    subprocess.run(['sh', '-c', 'echo $HOME'], check=True)
    for how in ('fork', 'spawn'):
        context = multiprocessing.get_context(how)
        queue = context.SimpleQueue()
        worker = context.Process(target=work, args=(queue,))
        worker.start()
        names = queue.get()
        worker.join()
        db = sqlite3.connect('lab.db')
        db.execute('INSERT INTO t(k, v) VALUES(?, ?)', (len(how), ''.join(names)))
        db.commit()
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
    raise LookupError(__file__)
`;

const files: { readonly [name: string]: string } = {
  'program.py': inPython,
  'beside.py': 'class Named:\n    def __init__(self, name): self.name = name\n',
  'program.sh': 'sqlite3 lab.db "INSERT INTO t VALUES(1, 2)"; sh "$(dirname "$0")/child.sh"; echo "$HOME $TMPDIR" >out',
  'child.sh': 'sqlite3 lab.db "SELECT * FROM t" >found; mktemp >name',
  'program.js': `
const { execFileSync } = require('node:child_process');
if (process.argv[2] === 'child') return;
execFileSync(process.execPath, [__filename, 'child']);
require('node:fs').writeFileSync('home', require('node:os').homedir());
throw new Error(__filename);`,
};

const [one, other] = [emptyFolder('one-'), emptyFolder('another-whose-name-is-much-longer-')];
let here: Coordinator;
let there: Coordinator;
let program: string;
beforeAll(async () => {
  program = await cProgram('tour.test-support.c');
  here = await coordinatorOf();
  await readyForCommands(PREBUILT_ENGINE, commandHosts);
  const used = cacheHome(process.env);
  vi.stubEnv('HOME', other.path);
  const cache = other.file('cache');
  mkdirSync(cache);
  for (const kind of readdirSync(used)) {
    const isTold = ['gate', 'library', 'node-host', 'preload'].includes(kind);
    if (isTold) cpSync(join(used, kind), join(cache, kind), { recursive: true });
    else symlinkSync(join(used, kind), join(cache, kind));
  }
  vi.stubEnv('LOCKSTEP_CACHE', cache);
  there = await coordinatorOf();
}, 300_000);
afterAll(() => {
  for (const coordinator of [here, there]) coordinator?.close();
  vi.unstubAllEnvs();
  for (const folder of [one, other]) folder[Symbol.dispose]();
});

test.each<readonly [string, CommandProgram['host'], CommandProgram['command']]>([
  ['Python', 'python', ['/usr/bin/python3', 'program.py']],
  ['the shell', 'preload', ['sh', 'program.sh']],
  ['C', 'preload', ['./tour', 'processes']],
  ['Node', 'node', ['node', 'program.js']],
])(
  'a program in %s',
  async (_, host, command) => {
    const kept: StepKeeper[] = [];
    const hashes: string[] = [];
    for (const [coordinator, folder] of [
      [here, one],
      [there, other],
    ] as const) {
      const programs = join(folder.path, 'programs');
      mkdirSync(programs, { recursive: true });
      for (const [name, text] of Object.entries(files)) writeFileSync(join(programs, name), text);
      cpSync(program, join(programs, 'tour'));
      const lab = scenarioOf([start('p', 'p')]);
      const scenario = {
        ...lab,
        programs: { setup: lab.programs['setup'] as never, p: { command, host, files: programs } },
      };
      const book = new StepKeeper();
      const history = await coordinator.run(scenario, planOf(), turnsChooser(stream('chooser', 7, 0)), [book]);
      kept.push(book);
      hashes.push(history.hash);
    }
    const [a, b] = kept.map((book) => book.steps.map((step) => JSON.stringify(step)));
    expect(a).toEqual(b);
    expect(new Set(hashes).size).toBe(1);
  },
  120_000,
);
