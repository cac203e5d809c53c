// Busy loops: load beside what is tried. They end with this process, however it ends. What stays out: how many.
import { type ChildProcess, spawn } from 'node:child_process';

const loop = 'const of = process.ppid; while (process.ppid === of) for (let i = 0; i < 1e7; i++);';

export class BusyLoops implements Disposable {
  readonly #loops: readonly ChildProcess[];
  readonly #end = (): void => this[Symbol.dispose]();

  constructor(count: number) {
    this.#loops = Array.from({ length: count }, () =>
      spawn(process.execPath, ['-e', loop], { stdio: 'ignore', detached: true }),
    );
    process.once('exit', this.#end);
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#end);
    for (const one of this.#loops) one.kill('SIGKILL');
  }
}
