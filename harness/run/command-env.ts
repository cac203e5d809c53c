// The environment of a command: what loads its host, what keeps runs alike, and what its scenario gives it. What stays out: how it is
// started (command-starter.ts, python-starter.ts).
import { delimiter } from 'node:path';
import type { CommandHost, CommandProgram } from '../model/process.ts';
import { worldName } from './command.ts';
import type { StartOrder } from './starter.ts';

/** All variables of a process, by name. */
export interface Environment {
  readonly [name: string]: string;
}

/**
 * What commands of one engine find on this machine.
 *
 * @property gate the compiled gate, absolute path
 * @property library folder of the engine's libsqlite3.so.0; undefined where programs bring their own
 * @property version that SQLite must turn out to have, `3.51.2`, or `own`: whichever
 * @property nodeZygote what a zygote of Node is loaded with, absolute path; undefined where there is none
 * @property hosts by host: the environment that loads it
 */
export interface CommandMachine {
  readonly gate: string;
  readonly library: string | undefined;
  readonly version: string;
  readonly nodeZygote?: string | undefined;
  readonly hosts: { readonly [host in CommandHost]?: Environment };
}

/** Variables that hold lists: what a scenario gives goes behind ours. */
const lists: Environment = {
  LD_LIBRARY_PATH: delimiter,
  LD_PRELOAD: ' ',
  NODE_OPTIONS: ' ',
  PYTHONPATH: delimiter,
};

/** What comes from outside: where programs lie. All else would let one machine's runs differ from another's. */
function outside(): Environment {
  const { PATH = '/usr/bin:/bin' } = process.env;
  return { PATH };
}

/** What a program must not draw from the machine: its home, its time zone, its locale, the seed of its hashes. */
const alike = {
  HOME: worldName,
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONHASHSEED: '0',
  TMPDIR: worldName,
  TZ: 'UTC',
} as const;

function merged(given: Environment, ours: Environment): Environment {
  const both = { ...outside(), ...alike, ...given, ...ours };
  for (const [name, between] of Object.entries(lists)) {
    const parts = [ours[name], given[name]].filter((part) => part !== undefined && part !== '');
    if (parts.length > 0) Object.assign(both, { [name]: parts.join(between) });
  }
  return both;
}

function loadedFrom(library: string | undefined): Environment {
  return library === undefined ? {} : { LD_LIBRARY_PATH: library, LOCKSTEP_LIBRARY: library };
}

/** Of a command before anybody knows which process it becomes: the engine under test, and no word of a run. */
export function engineEnv({ library }: CommandMachine, given: Environment, ours: Environment = {}): Environment {
  return merged(given, { ...loadedFrom(library), ...ours });
}

/** Of one process. */
export function commandEnv(
  { gate, library, version, hosts }: CommandMachine,
  { host, env = {} }: CommandProgram,
  { main, writable }: StartOrder,
): Environment {
  return merged(env, {
    LOCKSTEP_GATE: gate,
    ...(host !== 'preload' && { LOCKSTEP_GIVEN: Object.keys(env).join(',') }),
    LOCKSTEP_IN: main.in,
    LOCKSTEP_OUT: main.out,
    LOCKSTEP_SQLITE: version,
    LOCKSTEP_WRITABLE: writable.join(delimiter),
    ...loadedFrom(library),
    ...hosts[host],
  });
}
