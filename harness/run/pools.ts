// The pools of one coordinator: in the native host one for each set of programs, which are bundled together; in the Node host
// one for all; of commands one for each that is different. What stays out: the processes in them (pool.ts).
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../errors/errors.ts';
import { faultPrograms } from './faults/programs/catalogue.ts';
import {
  type CommandHost,
  commandHosts,
  OWN_ENGINE,
  type CommandProgram,
  isCommand,
  isWorldProgram,
  type ProgramRef,
  type WorldProgram,
} from '../model/process.ts';
import type { Json } from '../model/values.ts';
import { commandFor, commandKey } from './command.ts';
import { commandMachine, hostsOf } from './command-machine.ts';
import type { CommandMachine } from './command-env.ts';
import { CommandStarter } from './command-starter.ts';
import { NodeCommandStarter, NodeZygotes } from './node-command-starter.ts';
import { NativeStarter } from './native-starter.ts';
import { NodeStarter } from './node-starter.ts';
import { type LaneBinaries, type NativeMachine, Pool, type PoolProcess } from './pool.ts';
import { PythonStarter, PythonZygotes } from './python-starter.ts';
import { writeScript } from './script.ts';
import type { ProcessStarter } from './starter.ts';

/**
 * @property folder where FIFOs, logs and scripts go; must exist
 * @property worlds holds the folders of the runs
 * @property spares warm processes to keep beyond those that a run needs
 * @property processors where processes run; empty for anywhere
 * @property zygotes let interpreters fork the processes of commands; else each is started by itself
 * @property stop asked in every wait; true ends it with RunInterrupted
 */
interface PoolsOptions {
  readonly machine: LaneBinaries;
  readonly folder: string;
  readonly worlds: string;
  readonly spares: number;
  readonly processors: readonly number[];
  readonly zygotes: boolean;
  readonly stop: () => boolean;
}

/**
 * A process that is wanted.
 *
 * @property program by its name, and where it lives
 * @property detached one that is a real orphan
 * @property input for its standard input
 */
export interface Wanted {
  readonly name: string;
  readonly program: string;
  readonly ref: ProgramRef;
  readonly args: Json;
  readonly detached?: boolean;
  readonly input?: Buffer | undefined;
}

/** The processes that a run is made of, wherever they come from. */
export class RunPool {
  readonly #world: Pool;
  readonly #commands: ((command: CommandProgram) => Pool) | undefined;
  readonly #from = new Map<PoolProcess, Pool>();

  /**
   * @param world of programs over World
   * @param commands the pool of a command; undefined: such a run has none
   */
  constructor(world: Pool, commands?: (command: CommandProgram) => Pool) {
    this.#world = world;
    this.#commands = commands;
  }

  /** Starts processes ahead, so that `take` need not wait. */
  warm(wanted: readonly Wanted[]): void {
    const byPool = new Map<Pool, string[]>();
    for (const one of wanted) {
      const pool = this.#of(one);
      byPool.set(pool, [...(byPool.get(pool) ?? []), one.program]);
    }
    for (const [pool, programs] of byPool) pool.warm(programs);
  }

  /** A started process with nothing to do. */
  take(wanted: Wanted): PoolProcess {
    const pool = this.#of(wanted);
    const process = pool.take(wanted.program, wanted.detached, wanted.input);
    this.#from.set(process, pool);
    return process;
  }

  /** A process that one of these is about to fork; see {@link Pool.fork}. */
  fork(parent: PoolProcess): PoolProcess {
    const pool = this.#from.get(parent) ?? this.#world;
    const process = pool.fork(parent);
    this.#from.set(process, pool);
    return process;
  }

  /** Takes a process back; see {@link Pool.give}. */
  give(process: PoolProcess, program: string): void {
    this.#from.get(process)?.give(process, program);
  }

  #of({ ref, ...process }: Wanted): Pool {
    if (!isCommand(ref)) return this.#world;
    if (this.#commands === undefined) throw new Error(`No commands were expected, and ${process.name} is one.`);
    return this.#commands(commandFor(ref, process));
  }
}

function modulesOf(programs: Iterable<WorldProgram>): readonly string[] {
  const all = [...Object.values(faultPrograms), ...programs];
  return [...new Set(all.map(({ module }) => module))].toSorted();
}

function bringsNone(): Error {
  return usageError(
    'NO_OWN_SQLITE',
    `The engine ${OWN_ENGINE} is the SQLite that programs bring themselves, and no program of this scenario brings one.`,
    'Take it for scenarios whose programs are commands, and a version for this one (`npx lockstep engines`).',
  );
}

/** Runs for which the processes of a command are kept ready though none takes them: a setup may come between two. */
const unusedRunsMost = 2;

export class Pools {
  readonly #options: PoolsOptions;
  readonly #pools = new Map<string, Pool>();
  #commands: CommandMachine | undefined;
  #python: PythonZygotes | undefined;
  #node: NodeZygotes | undefined;
  /** Of each command's pool the last run that took from it. */
  readonly #usedIn = new Map<string, number>();
  #run = 0;
  #made = 0;

  constructor(options: PoolsOptions) {
    this.#options = options;
  }

  /**
   * The pool whose processes can run these programs.
   *
   * @throws a usage error where they cannot be bundled and the native host is asked for by name; what {@link commandMachine} throws
   */
  async of(programs: readonly ProgramRef[]): Promise<RunPool> {
    const world = await this.#world(programs.filter(isWorldProgram));
    const { folder, machine: binaries, zygotes } = this.#options;
    if (!programs.some(isCommand)) {
      if (binaries.engine === OWN_ENGINE) throw bringsNone();
      return new RunPool(world);
    }
    const hosts = hostsOf(programs);
    const machine = await this.#commandMachine(hosts);
    if (zygotes && hosts.includes('python')) this.#python ??= new PythonZygotes(machine, join(folder, 'python'));
    if (zygotes && hosts.includes('node')) this.#node ??= new NodeZygotes(machine, join(folder, 'node'));
    this.#closeUnused();
    return new RunPool(world, (command) => this.#command(machine, command));
  }

  async #commandMachine(hosts: readonly CommandHost[]): Promise<CommandMachine> {
    const known = this.#commands?.hosts ?? {};
    if (this.#commands !== undefined && hosts.every((host) => host in known)) return this.#commands;
    const all = commandHosts.filter((host) => host in known || hosts.includes(host));
    this.#commands = await commandMachine(this.#options.machine, all);
    return this.#commands;
  }

  /** What neither of the last two runs started may never be wanted again: its command may have what a run drew in it. */
  #closeUnused(): void {
    this.#run++;
    for (const [key, used] of this.#usedIn) {
      if (used >= this.#run - unusedRunsMost) continue;
      this.#usedIn.delete(key);
      this.#pools.get(key)?.close();
      this.#pools.delete(key);
    }
  }

  async #world(programs: readonly WorldProgram[]): Promise<Pool> {
    const { native } = this.#options.machine;
    const modules = modulesOf(programs);
    const key = native === undefined ? '' : modules.join('\n');
    const pool = this.#pools.get(key) ?? (await this.#make(native, modules));
    this.#pools.set(key, pool);
    return pool;
  }

  /**
   * From now on these programs run in Node, of which one has done what only Node does.
   *
   * @returns whether they do: not where the native host is asked for by name
   */
  leaveNative(programs: readonly ProgramRef[]): boolean {
    const { native } = this.#options.machine;
    const key = modulesOf(programs.filter(isWorldProgram)).join('\n');
    const left = this.#pools.get(key);
    const node = this.#pools.get('');
    if (native === undefined || native.only || left === undefined) return false;
    if (left === node) return true;
    left.close();
    this.#pools.set(key, node ?? this.#nodePool());
    return true;
  }

  renew(): void {
    for (const pool of this.#pools.values()) pool.renew();
  }

  /** Kills every process; see {@link Pool.close}. */
  close(): void {
    const failed: unknown[] = [];
    for (const one of [...new Set(this.#pools.values()), this.#python, this.#node]) {
      try {
        one?.close();
      } catch (error) {
        failed.push(error);
      }
    }
    this.#pools.clear();
    if (failed.length > 0) throw failed[0];
  }

  async #make(native: NativeMachine | undefined, modules: readonly string[]): Promise<Pool> {
    if (native === undefined) return this.#nodePool();
    const { worlds, stop } = this.#options;
    const folder = this.#newFolder();
    const file = join(folder, 'programs.js');
    const refused = await writeScript(modules, native.program, file, worlds, stop);
    if (refused === undefined) return this.#pool(folder, new NativeStarter(native.program, file, folder));
    if (!native.only) return this.#pools.get('') ?? this.#nodePool();
    throw usageError(
      'NOT_BUNDLED',
      `The programs of this scenario cannot run in the native host: ${refused.why}.`,
      'Take --host node, or let the program use its World only.',
    );
  }

  #nodePool(): Pool {
    const { binding, gate } = this.#options.machine;
    const pool = this.#pool(this.#newFolder(), new NodeStarter(binding, gate));
    this.#pools.set('', pool);
    return pool;
  }

  /** None is kept beyond those that a run needs: each serves one process alone. */
  #command(machine: CommandMachine, command: CommandProgram): Pool {
    const key = commandKey(command);
    this.#usedIn.set(key, this.#run);
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const starter = this.#starterOf(machine, command);
    const pool = this.#pool(this.#newFolder(), starter, 0);
    this.#pools.set(key, pool);
    return pool;
  }

  #starterOf(machine: CommandMachine, command: CommandProgram): ProcessStarter {
    if (command.host === 'python') return new PythonStarter(machine, command, this.#python);
    if (command.host === 'node') return new NodeCommandStarter(machine, command, this.#node);
    return new CommandStarter(machine, command);
  }

  #newFolder(): string {
    const folder = join(this.#options.folder, String(this.#made++));
    mkdirSync(folder);
    return folder;
  }

  #pool(folder: string, starter: ProcessStarter, spares: number = this.#options.spares): Pool {
    const { worlds, processors, stop } = this.#options;
    return new Pool(starter, { pool: folder, worlds }, spares, processors, stop);
  }
}
