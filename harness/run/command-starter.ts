// Starts simulated processes that are commands: another program in any language, with the engine under test and a host put under
// it by its environment. What stays out: what the hosts do (lane/python/, lane/register/, lane/preload/).
import { delimiter } from 'node:path';
import type { CommandHost, CommandProgram } from '../model/process.ts';
import { worldName } from './command.ts';
import { launch } from './launch.ts';
import type { ProcessStarter, Started, StartOrder } from './starter.ts';

/**
 * What commands of one engine find on this machine.
 *
 * @property gate the compiled gate, absolute path
 * @property library folder of the engine's libsqlite3.so.0
 * @property version that SQLite must turn out to have, `3.51.2`
 * @property hosts by host: the environment that loads it
 */
export interface CommandMachine {
  readonly gate: string;
  readonly library: string;
  readonly version: string;
  readonly hosts: { readonly [host in CommandHost]?: { readonly [name: string]: string } };
}

/** Variables that hold lists: what a scenario gives goes behind ours. */
const lists: { readonly [name: string]: string } = {
  LD_LIBRARY_PATH: delimiter,
  LD_PRELOAD: ' ',
  NODE_OPTIONS: ' ',
  PYTHONPATH: delimiter,
};

/** What comes from outside: where programs lie. All else would let one machine's runs differ from another's. */
function outside(): { readonly [name: string]: string } {
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

export class CommandStarter implements ProcessStarter {
  readonly own: string;
  readonly #machine: CommandMachine;
  readonly #command: CommandProgram;

  /** @param command its placeholders filled in (command.ts) */
  constructor(machine: CommandMachine, command: CommandProgram) {
    this.#machine = machine;
    this.#command = command;
    this.own = command.command.join(' ');
  }

  start(order: StartOrder): Started {
    const { command } = this.#command;
    return launch({ command, env: this.#env(order) }, order);
  }

  close(): void {}

  #env({ main, writable }: StartOrder): { readonly [name: string]: string } {
    const { gate, library, version, hosts } = this.#machine;
    const { host, env = {} } = this.#command;
    const ours: { readonly [name: string]: string } = {
      LOCKSTEP_GATE: gate,
      LOCKSTEP_IN: main.in,
      LOCKSTEP_OUT: main.out,
      LOCKSTEP_SQLITE: version,
      LOCKSTEP_WRITABLE: writable.join(delimiter),
      LD_LIBRARY_PATH: library,
      LOCKSTEP_LIBRARY: library,
      ...hosts[host],
    };
    const both = { ...outside(), ...alike, ...env, ...ours };
    for (const [name, between] of Object.entries(lists)) {
      const parts = [ours[name], env[name]].filter((part) => part !== undefined && part !== '');
      if (parts.length > 0) Object.assign(both, { [name]: parts.join(between) });
    }
    return both;
  }
}
