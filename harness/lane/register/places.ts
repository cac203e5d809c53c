// Where a name leads: to a file of the world, which the program knows below /lockstep and by names relative to where it stands, or
// elsewhere. What stays out: what happens to files (world-files.ts).
import { isAbsolute, posix, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { worldPath } from '../../host/world-path.ts';
import { real, type ProcessOfRun } from './process-of-run.ts';

/** The world's folder as the program sees it (gate.c, WORLD). */
export const top = '/lockstep';

/** Where threads find that the main one has gone elsewhere. */
const cwdKey = 'lockstep:cwd';

export class Places {
  readonly #process: ProcessOfRun;
  #cwd: string = top;

  constructor(process: ProcessOfRun) {
    this.#process = process;
  }

  get cwd(): string {
    if (this.#process.thread !== undefined) this.#cwd = this.#process.gate.get(cwdKey) ?? this.#cwd;
    return this.#cwd;
  }

  /** The absolute path, as the program sees it. */
  absolute(given: unknown): string | undefined {
    const text = given instanceof URL ? fileURLToPath(given) : Buffer.isBuffer(given) ? given.toString() : given;
    if (typeof text !== 'string' || text === '' || text.includes('\0')) return undefined;
    return posix.normalize(isAbsolute(text) ? text : `${this.cwd}/${text}`).replace(/(?<=.)\/$/, '');
  }

  /** The name below the world, `.` for itself; undefined for what lies elsewhere, or is no name. */
  nameOf(given: unknown): string | undefined {
    const path = this.absolute(given);
    if (path === top) return '.';
    return path?.startsWith(`${top}/`) === true ? path.slice(top.length + 1) : undefined;
  }

  /** The real path; undefined where it leads out of the world, which is said in the trace. */
  realOf(name: string, last: 'followed' | 'itself' = 'followed'): string | undefined {
    const { gate, setting } = this.#process;
    const path = worldPath(setting.root, name, last);
    if (path === undefined) gate.refuse(name);
    return path;
  }

  /** A text in which the real folder is called as the program knows it. */
  told(text: string): string {
    return text.replaceAll(this.#process.setting.root, top);
  }

  /** A file of the program: relative names that the world does not have are looked for in the folder of its scenario. */
  programFile<T extends string | URL>(given: T): T | string {
    if (given instanceof URL || isAbsolute(given)) return given;
    const { files } = this.#process.setting.places ?? {};
    const path = files === undefined ? undefined : resolve(files, given);
    if (path === undefined || !real.fs.existsSync(path)) return given;
    const name = this.nameOf(given);
    const inWorld = name !== undefined && name !== '.' && real.fs.existsSync(`${this.#process.setting.root}/${name}`);
    return inWorld ? given : path;
  }

  /** From here on the program stands in the world. */
  enter(): void {
    const { setting, env, thread } = this.#process;
    if (thread !== undefined) {
      this.#cwd = thread.cwd; // the process stands there
      return;
    }
    real.chdir(setting.root);
    const folder = env['LOCKSTEP_CWD'];
    if (folder !== undefined) this.chdir(folder);
  }

  /** @throws Node's error where there is no such folder */
  chdir(folder: string): void {
    const name = this.nameOf(folder);
    const path = name === undefined ? this.absolute(folder) : this.realOf(name);
    real.chdir(path ?? folder);
    this.#cwd = this.absolute(folder) ?? this.#cwd;
    if (this.#process.memory.threads > 0) this.#process.gate.set(cwdKey, this.#cwd);
  }
}

export function installPlaces(process_: ProcessOfRun): Places {
  const places = new Places(process_);
  process.cwd = () => places.cwd;
  if (isMainThread) process.chdir = (folder) => places.chdir(folder); // in others Node refuses it
  return places;
}
