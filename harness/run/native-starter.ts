// Starts simulated processes of the native host (lane/native/host.c): a zygote, started once, forks them. They are children of
// the coordinator all the same, or orphans that it adopts. What stays out: what a zygote has ready (host.c).
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { harnessError } from '../errors/errors.ts';
import { encodeGrant, frameKind, grantAction } from '../gate/protocol.ts';
import { asHostError, systemError } from '../errors/host-errors.ts';
import { adoptOrphans, isDead } from '../host/native.ts';
import { spawnOwn } from '../host/spawn.ts';
import { Channel, closed } from './channel.ts';
import { laneEnv } from '../host/child-env.ts';
import { endedByItself, notStarted } from './process-errors.ts';
import { noOrphans, type ProcessStarter, type Started, startMs, type StartOrder } from './starter.ts';
import { Stuck, waitForEnd } from '../host/waiting.ts';

interface Zygote {
  readonly channel: Channel;
  readonly pid: number;
  kill(): void;
}

export class NativeStarter implements ProcessStarter {
  readonly own = undefined;
  readonly #program: string;
  readonly #script: string;
  readonly #folder: string;
  #zygote: Zygote | undefined;

  /**
   * @param program the native host of the engine under test, absolute path
   * @param script the bundled programs, absolute path
   * @param folder where the zygote's FIFOs and its log go
   */
  constructor(program: string, script: string, folder: string) {
    this.#program = program;
    this.#script = script;
    this.#folder = folder;
  }

  start(order: StartOrder): Started {
    const { main, threads, writable, logPath, detached, stop } = order;
    if (detached && !adoptOrphans()) throw harnessError(noOrphans.code, noOrphans.message, noOrphans.remedy);
    if (this.#zygote !== undefined && isDead(this.#zygote.pid)) this.close(); // by somebody's hand, while it waited
    this.#zygote ??= this.#startZygote(order);
    const { channel, pid } = this.#zygote;
    const fifos = [main, ...threads].flatMap((one) => [one.in, one.out]);
    const words = [detached ? 'detached' : 'child', logPath, String(threads.length), ...fifos, ...writable];
    const patience = { limitMs: startMs, stop };
    const request = encodeGrant({ ...emptyGrant, reply: words.map((word) => `${word}\0`).join('') });
    const stuck = channel.send(request, patience);
    const frame = stuck ?? channel.receive(patience);
    const end = frame === closed ? waitForEnd(pid, patience) : undefined;
    if (end !== undefined && !(end instanceof Stuck) && end !== 'unknown') {
      this.close();
      throw endedByItself('zygote', end, this.#log());
    }
    if (frame === closed || frame instanceof Stuck || frame.kind !== frameKind.hello)
      throw notStarted('a simulated process', frame instanceof Stuck ? frame : undefined, this.#log());
    if (frame.steps === 0) throw asHostError(systemError('fork', frame.points));
    return { pid: frame.steps, child: undefined };
  }

  close(): void {
    const zygote = this.#zygote;
    this.#zygote = undefined;
    if (zygote === undefined) return;
    if (!isDead(zygote.pid)) zygote.kill();
    waitForEnd(zygote.pid, { limitMs: startMs, stop: () => false });
    zygote.channel.close();
  }

  #startZygote({ worlds, stop }: StartOrder): Zygote {
    const channel = new Channel(join(this.#folder, 'zygote'));
    const log = openSync(this.#logPath, 'a');
    try {
      const child = spawnOwn('the native host', [this.#program, channel.inPath, channel.outPath, this.#script], {
        cwd: worlds,
        detached: true,
        env: laneEnv(worlds),
        stdio: ['ignore', log, log],
      });
      child.unref();
      channel.behind = { pid: child.pid };
      const frame = channel.receive({ limitMs: startMs, stop });
      if (frame === closed || frame instanceof Stuck || frame.kind !== frameKind.hello) {
        child.kill('SIGKILL');
        throw notStarted('the native host', frame instanceof Stuck ? frame : undefined, this.#log());
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
    return join(this.#folder, 'zygote.log');
  }

  #log(): string {
    return readFileSync(this.#logPath, 'utf8');
  }
}

/** A request is the text of a grant: nothing else of it counts. */
const emptyGrant = {
  action: grantAction.go,
  code: 0,
  budget: 0,
  softSteps: 0,
  hardSteps: 0,
  stopping: false,
  nowMs: 0,
  traps: [],
} as const;
