// The pools of one coordinator: in the native host one for each set of programs, which are bundled together; in the Node host
// one for all. What stays out: the processes in them (pool.ts).
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../errors/errors.ts';
import { faultPrograms } from './faults/programs/catalogue.ts';
import type { ProgramRef } from '../model/process.ts';
import { NativeStarter } from './native-starter.ts';
import { NodeStarter } from './node-starter.ts';
import { type LaneBinaries, type NativeMachine, Pool } from './pool.ts';
import { writeScript } from './script.ts';
import type { ProcessStarter } from './starter.ts';

/**
 * @property folder where FIFOs, logs and scripts go; must exist
 * @property worlds holds the folders of the runs
 * @property spares warm processes to keep beyond those that a run needs
 * @property processors where processes run; empty for anywhere
 * @property stop asked in every wait; true ends it with RunInterrupted
 */
interface PoolsOptions {
  readonly machine: LaneBinaries;
  readonly folder: string;
  readonly worlds: string;
  readonly spares: number;
  readonly processors: readonly number[];
  readonly stop: () => boolean;
}

function modulesOf(programs: Iterable<ProgramRef>): readonly string[] {
  const all = [...Object.values(faultPrograms), ...programs];
  return [...new Set(all.map(({ module }) => module))].toSorted();
}

export class Pools {
  readonly #options: PoolsOptions;
  readonly #pools = new Map<string, Pool>();
  #made = 0;

  constructor(options: PoolsOptions) {
    this.#options = options;
  }

  /**
   * The pool whose processes can run these programs.
   *
   * @throws a usage error where they cannot be bundled and the native host is asked for by name
   */
  async of(programs: Iterable<ProgramRef>): Promise<Pool> {
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
  leaveNative(programs: Iterable<ProgramRef>): boolean {
    const { native } = this.#options.machine;
    const key = modulesOf(programs).join('\n');
    const left = this.#pools.get(key);
    const node = this.#pools.get('');
    if (native === undefined || native.only || left === undefined) return false;
    if (left === node) return true;
    left.close();
    this.#pools.set(key, node ?? this.#node());
    return true;
  }

  renew(): void {
    for (const pool of this.#pools.values()) pool.renew();
  }

  /** Kills every process; see {@link Pool.close}. */
  close(): void {
    const failed: unknown[] = [];
    for (const pool of new Set(this.#pools.values())) {
      try {
        pool.close();
      } catch (error) {
        failed.push(error);
      }
    }
    this.#pools.clear();
    if (failed.length > 0) throw failed[0];
  }

  async #make(native: NativeMachine | undefined, modules: readonly string[]): Promise<Pool> {
    if (native === undefined) return this.#node();
    const { worlds, stop } = this.#options;
    const folder = this.#newFolder();
    const file = join(folder, 'programs.js');
    const refused = await writeScript(modules, native.program, file, worlds, stop);
    if (refused === undefined) return this.#pool(folder, new NativeStarter(native.program, file, folder));
    if (!native.only) return this.#pools.get('') ?? this.#node();
    throw usageError(
      'NOT_BUNDLED',
      `The programs of this scenario cannot run in the native host: ${refused.why}.`,
      'Take --host node, or let the program use its World only.',
    );
  }

  #node(): Pool {
    const { binding, gate } = this.#options.machine;
    const pool = this.#pool(this.#newFolder(), new NodeStarter(binding, gate));
    this.#pools.set('', pool);
    return pool;
  }

  #newFolder(): string {
    const folder = join(this.#options.folder, String(this.#made++));
    mkdirSync(folder);
    return folder;
  }

  #pool(folder: string, starter: ProcessStarter): Pool {
    const { worlds, spares, processors, stop } = this.#options;
    return new Pool(starter, { pool: folder, worlds }, spares, processors, stop);
  }
}
