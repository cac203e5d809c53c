// Starts simulated processes of the native host (lane/native/host.c): its zygote forks them. What stays out: what a zygote has
// ready (host.c).
import { harnessError } from '../errors/errors.ts';
import { encodeGrant, grantAction } from '../gate/protocol.ts';
import { adoptOrphans } from '../host/native.ts';
import { laneEnv } from '../host/child-env.ts';
import { noOrphans, type ProcessStarter, type Started, type StartOrder } from './starter.ts';
import { Zygote } from './zygote.ts';

export class NativeStarter implements ProcessStarter {
  readonly own = undefined;
  readonly #zygote: Zygote;

  /**
   * @param program the native host of the engine under test, absolute path
   * @param script the bundled programs, absolute path
   * @param folder where the zygote's FIFOs and its log go
   */
  constructor(program: string, script: string, folder: string) {
    const command = (inPath: string, outPath: string) => [program, inPath, outPath, script] as const;
    this.#zygote = new Zygote({ what: 'the native host', command, env: laneEnv, folder, name: 'zygote' });
  }

  start(order: StartOrder): Started {
    const { main, threads, writable, logPath, detached } = order;
    if (detached && !adoptOrphans()) throw harnessError(noOrphans.code, noOrphans.message, noOrphans.remedy);
    const fifos = [main, ...threads].flatMap((one) => [one.in, one.out]);
    const words = [detached ? 'detached' : 'child', logPath, String(threads.length), ...fifos, ...writable];
    const request = encodeGrant({ ...emptyGrant, reply: words.map((word) => `${word}\0`).join('') });
    return { pid: this.#zygote.fork(request, order), child: undefined };
  }

  close(): void {
    this.#zygote.close();
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
