// What `doctor` tells of programs in other languages: whether the hosts that are put under them can be made, and what is found here to
// run them with. What stays out: a program of a person's own, which may bring what no check foresees.
import { globSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { execa } from 'execa';
import { PREBUILT_ENGINE } from '../harness/engines/catalogue.ts';
import { parseEngineName } from '../harness/engines/engine.ts';
import type { EnsureOptions } from '../harness/engines/ensure.ts';
import { harnessError } from '../harness/errors/errors.ts';
import { Cluster } from '../harness/postgres/cluster.ts';
import { findServer, serverRemedy } from '../harness/postgres/find-server.ts';
import { serverUser } from '../harness/postgres/server-user.ts';
import { findProgram } from '../harness/run/command.ts';
import { readyForCommands } from '../harness/run/command-machine.ts';
import { usablePython } from '../harness/run/interpreter.ts';
import { runsFolder } from '../harness/run/workplace.ts';

const elsewhere = 'Programs in other languages run without it.';

/** @throws what hinders that the preload host is made */
export async function preloadSays(options: EnsureOptions): Promise<string> {
  await readyForCommands(PREBUILT_ENGINE, ['preload'], options);
  const shell = findProgram('sqlite3');
  const found = shell === undefined ? 'there is no sqlite3 for scripts: apt-get install sqlite3' : `such as ${shell}`;
  return `compiled; it goes under programs that link SQLite dynamically (${found})`;
}

/** Pythons by the names that a person would give, in the folders of PATH and below pyenv, each once. */
function pythonsHere(): readonly string[] {
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '' && basename(folder) !== 'shims');
  const folders = [...path, join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions', '*', 'bin')];
  const named = folders.flatMap((folder) => globSync(join(folder, 'python3{,.[0-9],.[0-9][0-9]}')));
  const files = named.filter((file) => findProgram(file) !== undefined);
  return [...new Map(files.toReversed().map((file) => [realpathSync(file), file])).values()].toReversed();
}

/** @throws where none of those that are found will do, with why of each */
export async function pythonSays(options: EnsureOptions): Promise<string> {
  const { library } = await readyForCommands(PREBUILT_ENGINE, ['python'], options);
  const usable = new Map<string, string>();
  const refused = new Set<string>();
  for (const file of pythonsHere()) {
    try {
      const { executable, version } = usablePython(file, library, parseEngineName(PREBUILT_ENGINE).version);
      usable.set(executable, version.join('.'));
    } catch (error) {
      refused.add(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
    }
  }
  const not = [...refused].join(' ');
  if (usable.size === 0) {
    throw harnessError(
      'NO_PYTHON',
      not === '' ? 'there is no python3' : `none that the host runs in: ${not}`,
      `For programs in Python: apt-get install python3, or any from 3.9 on that links SQLite dynamically. ${elsewhere}`,
    );
  }
  const found = [...usable].map(([executable, version]) => `${version} (${executable})`).join(', ');
  return not === '' ? found : `${found}; not usable: ${not}`;
}

/** The first version that better-sqlite3's binding loads in. */
const leastNode = 22;

/** @throws where there is none for programs, or too old a one */
export async function nodeSays(options: EnsureOptions): Promise<string> {
  await readyForCommands(PREBUILT_ENGINE, ['node'], options);
  const file = findProgram('node');
  const fix = `For programs of Node: put a Node from ${leastNode} on into PATH. ${elsewhere}`;
  if (file === undefined) throw harnessError('NO_NODE', 'there is no node in PATH', fix);
  const { stdout } = await execa(file, ['--version'], { reject: false, stdin: 'ignore' });
  if (!(Number(/^v(\d+)/.exec(stdout)?.[1]) >= leastNode))
    throw harnessError('OLD_NODE', `${file} is ${stdout === '' ? 'no Node' : stdout}`, fix);
  return `${stdout.slice(1)} (${file}), for programs that use better-sqlite3`;
}

/** Strategies such as `postgres` need a server, which is started once; all others work without one. */
export async function serverSays(): Promise<string> {
  const found = findServer();
  if (found === undefined)
    throw harnessError('NO_SERVER', 'there is no server, so strategies that need one do not run', serverRemedy);
  const cluster = await Cluster.make(runsFolder(), 1, 'lock-step');
  cluster.close();
  const user = serverUser();
  return `a server in ${found.bin}, which starts${user === undefined ? '' : ` as the user ${user.name}`}`;
}
