// A zygote: a process of a host that is started once, has ready what its processes need, and forks one for each request. They are
// children of the coordinator all the same, or orphans that it adopts. What stays out: what a request says (native-starter.ts,
// python-starter.ts).
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asHostError, systemError } from '../errors/host-errors.ts';
import { frameKind } from '../gate/protocol.ts';
import { isDead } from '../host/native.ts';
import { spawnOwn } from '../host/spawn.ts';
import { Stuck, waitForEnd } from '../host/waiting.ts';
import { Channel, closed } from './channel.ts';
import { endedByItself, notStarted } from './process-errors.ts';
import { startMs, type StartOrder } from './starter.ts';

/**
 * @property what it is, for sentences: `the native host`
 * @property command the program and its arguments, of which the FIFOs in and out are known only now
 * @property env all of its environment; the folder of the runs and the FIFOs are known only now
 * @property folder where its FIFOs and its log go
 * @property name of those files, new in that folder
 */
export interface ZygoteOptions {
  readonly what: string;
  readonly command: (inPath: string, outPath: string) => readonly [string, ...string[]];
  readonly env: (worlds: string, inPath: string, outPath: string) => { readonly [name: string]: string };
  readonly folder: string;
  readonly name: string;
}

interface Running {
  readonly channel: Channel;
  readonly pid: number;
  kill(): void;
}

export class Zygote {
  readonly #options: ZygoteOptions;
  #running: Running | undefined;
  #forks = 0;

  constructor(options: ZygoteOptions) {
    this.#options = options;
  }

  /**
   * Has it fork a process; it is started where it does not run.
   *
   * @param request as it goes through the FIFO
   * @returns the number of the process
   * @throws harness errors; RunInterrupted
   */
  fork(request: Uint8Array, order: StartOrder): number {
    if (this.#running !== undefined && isDead(this.#running.pid)) this.close(); // by somebody's hand, while it waited
    this.#running ??= this.#start(order);
    const { channel, pid } = this.#running;
    const patience = { limitMs: startMs, stop: order.stop };
    try {
      const stuck = channel.send(request, patience);
      const frame = stuck ?? channel.receive(patience);
      const end = frame === closed ? waitForEnd(pid, patience) : undefined;
      if (end !== undefined && !(end instanceof Stuck) && end !== 'unknown')
        throw endedByItself('zygote', end, this.#log());
      if (frame === closed || frame instanceof Stuck || frame.kind !== frameKind.hello)
        throw notStarted('a simulated process', frame instanceof Stuck ? frame : undefined, this.#log());
      if (frame.steps === 0) throw asHostError(systemError('fork', frame.points));
      this.#forks++;
      return frame.steps;
    } catch (error) {
      // An answer that is left behind, and half a request, would go with the next request.
      this.close();
      throw error;
    }
  }

  /** Whether it ever has. */
  get hasForked(): boolean {
    return this.#forks > 0;
  }

  close(): void {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    if (!isDead(running.pid)) running.kill();
    waitForEnd(running.pid, { limitMs: startMs, stop: () => false });
    running.channel.close();
  }

  #start({ worlds, stop }: StartOrder): Running {
    const { what, command, env, folder, name } = this.#options;
    const channel = new Channel(join(folder, name));
    const log = openSync(this.#logPath, 'a');
    try {
      const child = spawnOwn(what, command(channel.inPath, channel.outPath), {
        cwd: worlds,
        detached: true,
        env: env(worlds, channel.inPath, channel.outPath),
        stdio: ['ignore', log, log],
      });
      child.unref();
      channel.behind = { pid: child.pid };
      const frame = channel.receive({ limitMs: startMs, stop });
      if (frame === closed || frame instanceof Stuck || frame.kind !== frameKind.hello) {
        child.kill('SIGKILL');
        throw notStarted(what, frame instanceof Stuck ? frame : undefined, this.#log());
      }
      return { channel, pid: child.pid, kill: () => void child.kill('SIGKILL') };
    } catch (error) {
      channel.close();
      throw error;
    } finally {
      closeSync(log);
    }
  }

  get #logPath(): string {
    return join(this.#options.folder, `${this.#options.name}.log`);
  }

  #log(): string {
    return readFileSync(this.#logPath, 'utf8');
  }
}
