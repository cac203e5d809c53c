// How processes of a run come to their end: by themselves, by a signal of the plan or of each other, at the plan's end. What stays
// out: who asks for it (requests.ts, fault-runner.ts, run.ts).
import type { ProcessEnd } from '../host/native.ts';
import { handles } from '../host/process-state.ts';
import type { Patience } from '../host/waiting.ts';
import type { Ending } from '../model/process.ts';
import type { LaneState, ProcessState } from './lanes.ts';
import { crashedOf, endedByItself, isGivenUp } from './process-errors.ts';
import { loopKey } from './inputs.ts';
import { kernelKey, type Requests } from './requests.ts';
import type { RunOutcome } from './run-options.ts';
import type { RunControl, RunState } from './run-state.ts';

/** Signals that nobody dies of who does not ask for them (signal(7)). */
const harmless: ReadonlySet<string> = new Set(['SIGCHLD', 'SIGCONT', 'SIGURG', 'SIGWINCH']);

export class Ends {
  readonly #state: RunState;
  readonly #control: RunControl;
  readonly #requests: Requests;
  readonly #patience: Patience;

  constructor(state: RunState, control: RunControl, requests: Requests, patience: Patience) {
    this.#state = state;
    this.#control = control;
    this.#requests = requests;
    this.#patience = patience;
  }

  /** How each lane ended. */
  ofLanes(): RunOutcome['endings'] {
    return this.#state.lanes.map((lane) => ({ lane: lane.name, ending: lane.ending ?? { how: 'returned' } }));
  }

  /** Processes that did not return by themselves. */
  deaths(): RunOutcome['deaths'] {
    return this.#state.processes.flatMap(({ name, ending }) =>
      ending === undefined || ending.how === 'returned' ? [] : [{ process: name, ending }],
    );
  }

  /** SIGKILL, unless it has ended; it is dead then, and nobody holds its locks. */
  kill(process: ProcessState, ending: Ending): void {
    if (process.ending !== undefined) return;
    const before = process.pooled.kill();
    if (before !== undefined) throw endedByItself(process.name, before.end, before.said);
    this.#died(process, ending);
  }

  /** SIGKILL for every living process of a control group. Result: how many there were. */
  killGroup(group: string): number {
    const members = this.#state.processes.filter((process) => process.group === group && process.ending === undefined);
    for (const process of members) this.kill(process, { how: 'killed', signal: 'SIGKILL' });
    return members.length;
  }

  /** See {@link RunControl.terminate}. */
  terminate(process: ProcessState, signal: NodeJS.Signals = 'SIGTERM'): void {
    if (signal === 'SIGTERM') process.stopping = true;
    const { pooled } = process;
    const dies = pooled.own && !harmless.has(signal) && !handles(pooled.pid, signal);
    if (pooled.own) globalThis.process.kill(pooled.pid, signal);
    if (!dies) return this.#requests.interruptSleeps(process.lanes);
    pooled.reap(this.#patience);
    this.#died(process, { how: 'killed', signal });
  }

  /** The plan's end for programs that never ask whether to stop. */
  terminateOwn(): void {
    for (const process of this.#state.processes)
      if (process.pooled.own && process.ending === undefined) this.terminate(process);
  }

  /** A lane has said that it ends. */
  laneLeft(lane: LaneState): void {
    const { process } = lane;
    lane.status = 'ended';
    if (process.pooled.own) this.#ownLaneLeft(lane);
    else this.#ourLaneLeft(lane);
    this.#requests.wake();
  }

  #ourLaneLeft(lane: LaneState): void {
    const { process } = lane;
    if (lane !== process.lanes[0]) process.pooled.idle.push(lane.channel);
    if (!process.lanes.every((other) => other.status === 'ended')) return;
    process.ending = process.lanes[0]?.ending ?? { how: 'returned' };
    this.#requests.server.ended(process);
    // A real process that ends drops what it still has open, without closing it: so must this one.
    if (process.lanes.some((other) => other.open > 0)) process.pooled.kill();
    if (this.#state.options.reuse) this.#state.options.pool.give(process.pooled, process.program);
  }

  /** With its main lane a program of its own ends, whatever other lanes do; what it left open the kernel drops. */
  #ownLaneLeft(lane: LaneState): void {
    const { process } = lane;
    if (lane !== process.lanes[0]) return;
    const { end, said } = process.pooled.reap(this.#patience);
    if (crashedOf(end) !== undefined || ('exitCode' in end && isGivenUp(end.exitCode, said)))
      return this.#ownDied(process, end, said);
    for (const other of process.lanes) other.status = 'ended';
    process.ending = lane.ending ?? { how: 'returned' };
    this.#requests.server.ended(process);
    this.#tellOfEnd(process);
  }

  /** What the plan kills is dead before anybody reads from it: by itself a process ends only where that was told. */
  laneDied({ process }: LaneState): void {
    const { end, said } = process.pooled.reap(this.#patience);
    if (process.pooled.own) return this.#ownDied(process, end, said);
    if (!('signal' in end) || end.signal !== process.doom) throw endedByItself(process.name, end, said);
    this.#died(process, { how: 'killed', signal: end.signal });
  }

  /** A program of its own ended without a word of how: by _exit(2), or by a signal for what it did. */
  #ownDied(process: ProcessState, end: ProcessEnd, said: string): void {
    if ('exitCode' in end) {
      if (isGivenUp(end.exitCode, said)) throw endedByItself(process.name, end, said);
      const { exitCode: code } = end;
      return this.#died(process, code === 0 ? { how: 'returned' } : { how: 'exited', code });
    }
    if (crashedOf(end) === undefined && end.signal !== process.doom) throw endedByItself(process.name, end, said);
    this.#died(process, { how: 'killed', signal: end.signal });
  }

  /** The process is dead: its pooled process is gone. */
  #died(process: ProcessState, ending: Ending): void {
    process.ending = ending;
    const witness = process.lanes.find((lane) => lane.status !== 'ended') ?? process.lanes[0];
    if (witness !== undefined) this.#control.addStep(witness, 'end', JSON.stringify({ ...ending, open: 0 }));
    for (const lane of process.lanes) {
      if (lane.status === 'ended') continue;
      lane.status = 'ended';
      lane.ending = ending;
    }
    this.#requests.server.ended(process);
    this.#requests.wake();
    this.#tellOfEnd(process);
  }

  /** What it had in the kernel is free, and who started it is sent a SIGCHLD by the kernel, which it may handle. */
  #tellOfEnd({ name: own, parent: name }: ProcessState): void {
    for (const child of this.#state.processes)
      if (child.parent === own && child.ending === undefined) {
        this.#control.beginHeld(child); // nobody tells it more
        if (child.inputOpen) this.#requests.notify(loopKey(child.name));
      }
    this.#requests.notify(kernelKey);
    const parent = name === undefined ? undefined : this.#state.processByName(name);
    if (parent === undefined || parent.ending !== undefined || !parent.pooled.own) return;
    if (handles(parent.pooled.pid, 'SIGCHLD')) this.#requests.interruptSleeps(parent.lanes);
  }
}
