// Starts simulated processes that are programs of Node: a zygote that has the host loaded forks them, or each is started by itself. What
// stays out: what the host does in them (lane/register/), and programs over World (node-starter.ts).
import { LockstepError } from '../errors/errors.ts';
import { adoptOrphans } from '../host/native.ts';
import type { CommandProgram } from '../model/process.ts';
import { commandEnv, type CommandMachine, engineEnv, type Environment } from './command-env.ts';
import { launch } from './launch.ts';
import { type NodeCommand, nodeCommand, nodeFlags } from './node-command.ts';
import type { ProcessStarter, Started, StartOrder } from './starter.ts';
import type { Zygote } from './zygote.ts';
import { commandRequest, Zygotes } from './zygotes.ts';

/** What Node heeds when it starts: one zygote for each set of these. */
function heeded(env: Environment): Environment {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => /^(NODE_|LD_|UV_|SSL_|OPENSSL_|TZ$|LANG$|LC_)/.test(name)),
  );
}

/** The zygotes of one engine, one for each program with its options. */
export class NodeZygotes {
  readonly #machine: CommandMachine;
  readonly #zygotes: Zygotes;
  /** Those that could not be started: such a Node starts each process by itself. */
  readonly #unfit = new Set<Zygote>();

  /** @param folder where FIFOs and logs go */
  constructor(machine: CommandMachine, folder: string) {
    this.#machine = machine;
    this.#zygotes = new Zygotes('node', folder);
  }

  /** Result: the process id, or undefined where this Node cannot be a zygote. @throws harness errors; RunInterrupted */
  fork(
    { node, options, main }: NodeCommand,
    given: Environment,
    request: Uint8Array,
    order: StartOrder,
  ): number | undefined {
    const library = this.#machine.nodeZygote;
    if (library === undefined || !adoptOrphans()) return undefined;
    const env = heeded(given);
    const zygote = this.#zygotes.of([node, options, main, env], {
      what: `the Node of ${main}`,
      command: () => [node, ...nodeFlags, ...options, main],
      env: (_, inPath, outPath) =>
        engineEnv(this.#machine, env, {
          ...this.#machine.hosts.node,
          LD_PRELOAD: library,
          LOCKSTEP_GATE: this.#machine.gate,
          LOCKSTEP_IN: inPath,
          LOCKSTEP_OUT: outPath,
          LOCKSTEP_SQLITE: this.#machine.version,
          LOCKSTEP_ZYGOTE: library,
        }),
    });
    if (this.#unfit.has(zygote)) return undefined;
    try {
      return zygote.fork(request, order);
    } catch (error) {
      if (zygote.hasForked || !(error instanceof LockstepError)) throw error;
      this.#unfit.add(zygote);
      return undefined;
    }
  }

  close(): void {
    this.#zygotes.close();
  }
}

export class NodeCommandStarter implements ProcessStarter {
  readonly own: string;
  readonly #machine: CommandMachine;
  readonly #command: CommandProgram;
  readonly #zygotes: NodeZygotes | undefined;

  /**
   * @param command its placeholders filled in (command.ts)
   * @param zygotes undefined: every process is a Node that has been started by itself
   */
  constructor(machine: CommandMachine, command: CommandProgram, zygotes: NodeZygotes | undefined) {
    this.#machine = machine;
    this.#command = command;
    this.own = command.command.join(' ');
    this.#zygotes = zygotes;
  }

  start(order: StartOrder): Started {
    const { command, env: given = {} } = this.#command;
    const node = nodeCommand(command);
    const plain = commandEnv(this.#machine, this.#command, order);
    if (node === undefined) return launch({ command, env: plain }, order);
    const env = { ...plain, LOCKSTEP_NODE_FLAGS: nodeFlags.join(' ') };
    const pid = this.#zygotes?.fork(node, given, commandRequest(node.words, env, order), order);
    if (pid !== undefined) return { pid, child: undefined };
    return launch({ command: [node.node, ...nodeFlags, ...node.options, node.main, ...node.words], env }, order);
  }

  close(): void {}
}
