// Starts simulated processes that are commands: another program in any language, with the engine under test and a host put under
// it by its environment (command-env.ts). What stays out: what the hosts do (lane/python/, lane/register/, lane/preload/).
import type { CommandProgram } from '../model/process.ts';
import { commandEnv, type CommandMachine } from './command-env.ts';
import { launch } from './launch.ts';
import type { ProcessStarter, Started, StartOrder } from './starter.ts';

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
    return launch({ command: this.#command.command, env: commandEnv(this.#machine, this.#command, order) }, order);
  }

  close(): void {}
}
