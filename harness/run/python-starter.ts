// Starts simulated processes that are programs of Python: a zygote of their interpreter forks them, or each is started by itself. What
// stays out: what the host does in them (lane/python/).
import { fileURLToPath } from 'node:url';
import { harnessError } from '../errors/errors.ts';
import { adoptOrphans } from '../host/native.ts';
import type { CommandProgram } from '../model/process.ts';
import { commandEnv, type CommandMachine, engineEnv, type Environment } from './command-env.ts';
import { type Interpreter, interpreterOf } from './interpreter.ts';
import { launch } from './launch.ts';
import { noOrphans, type ProcessStarter, type Started, type StartOrder } from './starter.ts';
import type { Zygote } from './zygote.ts';
import { commandRequest, Zygotes } from './zygotes.ts';

const host = fileURLToPath(new URL('../lane/python', import.meta.url));

const boot = `
import sys
sys.path.insert(0, ${JSON.stringify(host)})
from lockstep_host import zygote
del sys.path[0]
zygote.main(*sys.argv[1:])`;

/** What an interpreter heeds when it starts: one zygote for each set of these. */
function heeded(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => /^(PYTHON|LD_)/.test(name)));
}

/** The zygotes of one engine, one for each interpreter with its options. */
export class PythonZygotes {
  readonly #machine: CommandMachine;
  readonly #zygotes: Zygotes;

  /** @param folder where FIFOs and logs go */
  constructor(machine: CommandMachine, folder: string) {
    this.#machine = machine;
    this.#zygotes = new Zygotes('python', folder);
  }

  of({ executable, options }: Interpreter, given: Environment): Zygote {
    const env = heeded(given);
    return this.#zygotes.of([executable, options, env], {
      what: `the Python ${executable}`,
      command: (inPath, outPath) => [executable, ...options, '-c', boot, this.#machine.gate, inPath, outPath],
      env: () => engineEnv(this.#machine, env, { LD_PRELOAD: this.#machine.hosts.python?.['LD_PRELOAD'] ?? '' }),
    });
  }

  close(): void {
    this.#zygotes.close();
  }
}

export class PythonStarter implements ProcessStarter {
  readonly own: string;
  readonly #machine: CommandMachine;
  readonly #command: CommandProgram;
  readonly #zygotes: PythonZygotes | undefined;

  /**
   * @param command its placeholders filled in (command.ts)
   * @param zygotes undefined: every process is an interpreter that has been started by itself
   */
  constructor(machine: CommandMachine, command: CommandProgram, zygotes: PythonZygotes | undefined) {
    this.#machine = machine;
    this.#command = command;
    this.own = command.command.join(' ');
    this.#zygotes = zygotes;
  }

  start(order: StartOrder): Started {
    const { library, version } = this.#machine;
    const { command, env: given = {} } = this.#command;
    const env = commandEnv(this.#machine, this.#command, order);
    const python = interpreterOf(command, library, version);
    if (python === undefined) return launch({ command, env }, order);
    const { executable, options, words } = python;
    if (this.#zygotes === undefined) return launch({ command: [executable, ...options, ...words], env }, order);
    if (order.detached && !adoptOrphans()) throw harnessError(noOrphans.code, noOrphans.message, noOrphans.remedy);
    const pid = this.#zygotes.of(python, given).fork(commandRequest(words, env, order), order);
    return { pid, child: undefined };
  }

  close(): void {}
}
