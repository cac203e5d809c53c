// One run: grants steps until every lane has ended or the plan's end is reached, and keeps what happened. The loop of
// design.md: choose a lane, grant, take its records, apply what is due. What stays out: how lanes' requests are
// answered (requests.ts), what faults do (fault-runner.ts), who is chosen (choosers/), what the disk looks like
// afterwards (observe/).
import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Preemption } from '../model/plan.ts';
import type { Observation, Refusal } from '../model/history.ts';
import {
  decodeRecord,
  encodeGrant,
  encodeRecord,
  frameKind,
  grantAction,
  stepSeen,
  type Trap,
  unlimited,
} from '../gate/protocol.ts';
import { emptyRecord, type RawRecord, recordFlag } from '../model/record.ts';
import { op, role } from '../model/operations.ts';
import type { Ending } from '../model/process.ts';
import type { Json } from '../model/values.ts';
import { boundsAlone } from './alone.ts';
import { closed } from './channel.ts';
import { aheadOf, trapsBefore } from './decisions.ts';
import { Ends } from './ends.ts';
import { epochMs } from './epoch.ts';
import { FaultRunner } from './fault-runner.ts';
import { jobOf } from './lane-job.ts';
import { hashedOf } from './hashed.ts';
import { type HowStarted, type LaneState, newProcess, type ProcessState, wordsOf } from './lanes.ts';
import { Io } from './io.ts';
import type { PoolProcess } from './pool.ts';
import { parseObserved } from '../model/observation.ts';
import { Quiet } from './quiet.ts';
import { freesLocks, kernelKey, Requests } from './requests.ts';
import { checkHost } from './host-records.ts';
import { lostLane, readEnd } from './run-errors.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import { breathMs, graceMs, RunBounds } from './run-bounds.ts';
import { type RunControl, RunState } from './run-state.ts';
import type { RunEnd, RunOptions, RunOutcome } from './run-options.ts';
import { type Patience, Stuck } from '../host/waiting.ts';

export class Run implements RunControl {
  readonly #state: RunState;
  readonly #hash = createHash('sha256');
  readonly #observations: Observation[] = [];
  readonly #refusals: Refusal[] = [];
  readonly #preemptions: Preemption[] = [];
  readonly #record = emptyRecord();
  /** Undefined when the plan wants every waking. */
  readonly #quiet: Quiet | undefined;
  readonly #bounds = new RunBounds();
  readonly #io: Io;
  readonly #requests: Requests;
  readonly #ends: Ends;
  readonly #faults: FaultRunner;
  readonly #endMs: number;
  readonly #patience: Patience;
  #end: RunEnd = 'done';
  /** The lane that was granted last. */
  #granted: LaneState | undefined;

  constructor(options: RunOptions) {
    this.#state = new RunState(options);
    this.#endMs = epochMs + options.plan.parameters.horizonMs;
    this.#quiet = options.plan.parameters.quiet === 'skip' ? new Quiet() : undefined;
    this.#patience = { limitMs: options.limitMs, stop: options.stop ?? (() => false) };
    this.#io = new Io(options.plan.parameters);
    this.#requests = new Requests(this.#state, this);
    this.#ends = new Ends(this.#state, this, this.#requests, this.#patience);
    this.#faults = new FaultRunner(this.#state, this, options.plan.faults);
  }

  /** Runs to the end. Processes that are fit for another run go back to the pool. */
  async go(): Promise<RunOutcome> {
    try {
      for (const { name, program, args } of this.#state.options.start) this.startProcess(name, program, args);
      await this.#toTheEnd();
    } catch (error) {
      const living = this.#state.processes.filter(({ ending }) => ending === undefined).map(({ pooled }) => pooled);
      for (const process of living) process.orderKill();
      for (const process of living) process.kill();
      throw error;
    } finally {
      this.#requests.giveUpBegun();
      // The last that a real process served as is what it is given back as.
      for (const process of this.#state.processes.toReversed())
        this.#state.options.pool.give(process.pooled, process.program);
    }
    const words = wordsOf(this.#state.processes);
    return {
      end: this.#end,
      steps: this.#state.steps,
      switchPoints: this.#state.points,
      hash: this.#hash.digest('hex'),
      virtualMs: this.#state.nowMs - epochMs,
      observations: this.#observations,
      endings: this.#ends.ofLanes(),
      deaths: this.#ends.deaths(),
      preemptions: this.#preemptions,
      strikes: this.#faults.strikes(),
      refusals: this.#refusals,
      booted: this.#state.booted,
      ...(words.length === 0 ? {} : { words }),
    };
  }

  /** Every now and then the event loop gets a turn, so that a Ctrl-C is heard in the middle of a long run. */
  async #toTheEnd(): Promise<void> {
    let breathed = performance.now();
    while (this.#advance()) {
      if (performance.now() - breathed < breathMs) continue;
      await breathe();
      this.checkStop();
      breathed = performance.now();
    }
  }

  /** Throws when the run is to stop, or has taken too long. Whatever may take long without a wait asks now and then. */
  checkStop(): void {
    if (this.#patience.stop()) throw new RunInterrupted();
    this.#bounds.time();
  }

  // ---- lanes and processes: what requests and faults ask for (RunControl) ----

  /**
   * Starts a process on a program; returns when it stands before its first step.
   *
   * @param how its control group, who starts it, and whether by a launcher that exits (a real orphan)
   */
  startProcess(name: string, program: string, args: Json, how: HowStarted = {}): void {
    this.#bounds.process(this.#state.processes);
    const detached = how.detached ?? false;
    const ref = this.#state.refOf(name, program);
    const called = this.#state.nameFor(name);
    const pooled = this.#state.options.pool.take({ name: called, program, ref, args, detached, input: how.input });
    this.#begin(pooled, called, program, args, { ...how, parent: detached ? undefined : how.parent });
  }

  adoptProcess(asked: string, { name: parent, program, args, group }: ProcessState, pooled: PoolProcess): void {
    this.#bounds.process(this.#state.processes);
    this.#begin(pooled, this.#state.nameFor(asked), program, args, { parent, group });
  }

  #begin(pooled: PoolProcess, name: string, program: string, args: Json, { parent, group, held }: HowStarted): void {
    const process = newProcess({ name, program, args, parent, group, boot: this.#state.boots, pooled });
    this.#state.addProcess(process);
    const lane = this.#addLane(process, pooled.main, name);
    if (held === true) Object.assign(lane, { status: 'held', wakeMs: Infinity });
    else this.#beginLane(lane, program, args);
  }

  beginHeld(process: ProcessState, input?: Buffer): void {
    const [main] = process.lanes;
    if (main?.status !== 'held') return;
    if (input !== undefined) process.pooled.feed(input);
    this.#beginLane(main, process.program, process.args);
  }

  /** Gives a thread its job; returns when it stands before its first step. */
  startLane(process: ProcessState, channel: PoolProcess['main'], name: string, program: string, args: Json): void {
    this.#beginLane(this.#addLane(process, channel, name), program, args);
  }

  #addLane(process: ProcessState, channel: PoolProcess['main'], name: string): LaneState {
    this.#bounds.lane(this.#state.lanes.length);
    return this.#state.addLane(name, process, channel);
  }

  #beginLane(lane: LaneState, program: string, args: Json): void {
    const ref = this.#state.refOf(lane.name, program);
    const job = jobOf(lane, this.#state.options, ref, args);
    this.#send(lane, this.#grantBytes(grantAction.go, { reply: JSON.stringify(job), newsFor: lane }));
    this.#takeFrames(lane);
    this.#state.makeReady(lane);
    this.#quiet?.disturb();
  }

  killProcess(process: ProcessState, ending: Ending): void {
    this.#ends.kill(process, ending);
  }

  killGroup(group: string): number {
    return this.#ends.killGroup(group);
  }

  terminate(process: ProcessState, signal?: NodeJS.Signals): void {
    this.#ends.terminate(process, signal);
  }

  forgetKernel(): void {
    this.#requests.giveUpBegun();
    this.#state.current = undefined;
  }

  wakeWaiting(): void {
    this.#requests.wake();
  }

  look(label: string): void {
    this.#state.options.takeLook?.(label, this.#state.steps, this.#state.processes);
  }

  /** A step of the coordinator's own, so that deaths and faults stand in the trace. */
  addStep(lane: LaneState, operation: 'end' | 'fault' | 'quiet' | 'statement', text: string): void {
    const own = { op: op[operation], role: role.none, flags: recordFlag.injected, lane: lane.number, text };
    const record = { ...emptyRecord(), ...own };
    this.#hash.update(encodeRecord(record));
    this.#takeStep(lane, record);
    if (operation === 'end' || operation === 'fault') this.#quiet?.disturb();
  }

  // ---- the loop ----

  /** One decision. Result: false when the run is over. */
  #advance(): boolean {
    if (this.#state.steps >= this.#state.options.plan.parameters.stepsMax) return this.#cutOff();
    this.#requests.recheckMutexes();
    const ready = this.#state
      .living()
      .filter((lane) => this.#canRun(lane))
      .toSorted((a, b) => a.readyOrder - b.readyOrder);
    const first = ready[0];
    if (first === undefined) return this.#passTime();
    const fallback =
      this.#state.current !== undefined && this.#canRun(this.#state.current) ? this.#state.current : first;
    const choice = this.#state.options.chooser.choose({
      steps: this.#state.steps,
      points: this.#state.points,
      ready: ready.map((lane) => lane.name),
      fallback: fallback.name,
      ahead: (name) => aheadOf(this.#state, name),
    });
    let lane = this.#state.laneByName(choice.lane) ?? fallback;
    if (!this.#canRun(lane)) lane = fallback;
    if (lane !== fallback) this.#preemptions.push({ at: this.#state.steps, to: lane.name });
    this.#faults.strikeByStep(lane);
    if (!this.#canRun(lane)) return true; // a fault killed or paused it
    this.#state.current = lane;
    if (!this.#requests.performs(lane)) return true; // it waits for a lock of another
    const alone = choice.alone === true ? boundsAlone(lane, this.#requests.someoneWaitsIn(lane.process)) : undefined;
    if (alone !== undefined) this.#grant(lane, alone.points, Infinity, alone.traps);
    else this.#grant(lane, choice.points ?? unlimited, choice.untilStep ?? Infinity, trapsBefore(choice.before));
    return true;
  }

  /** Nobody can run: virtual time moves to the next wake-up, timed fault or the plan's end. */
  #passTime(): boolean {
    const alive = this.#state.living();
    if (alive.length === 0 && (!this.#state.isOff || this.#state.stopping)) return false;
    if (!this.#state.stopping) this.#skipQuiet(alive);
    const wakes = alive.map((lane) => Math.max(lane.pausedUntilMs, lane.status === 'ready' ? 0 : lane.wakeMs));
    const next = Math.min(...wakes, this.#faults.nextTimeMs());
    if (!this.#state.stopping && next > this.#endMs) {
      this.#state.nowMs = Math.max(this.#state.nowMs, this.#endMs);
      this.#stop();
      return true;
    }
    if (next === Infinity || next > this.#endMs + graceMs) return this.#cutOff();
    this.#state.nowMs = Math.max(this.#state.nowMs, next);
    this.#state.current = undefined; // it slept too: who wakes first goes first
    this.#faults.strikeByTime();
    this.#requests.wakeByTime((lane) => this.#quiet?.woken(lane));
    return true;
  }

  /** The skipped wakings stand in the trace and, for invariants that count ticks, among the observations. */
  #skipQuiet(alive: readonly LaneState[]): void {
    if (this.#quiet === undefined) return;
    const latest = Math.min(this.#endMs, this.#faults.nextTimeMs());
    const { untilMs, skipped } = this.#quiet.skip(alive, this.#state.nowMs, latest);
    const witness = alive[0];
    if (skipped.length === 0 || witness === undefined) return;
    const data = { untilMs: untilMs - epochMs };
    const now = { step: this.#state.steps, nowMs: this.#state.nowMs - epochMs };
    for (const { lane, wakings } of skipped)
      this.#observations.push({ ...now, lane: lane.name, kind: 'quiet', data: { ...data, wakings } });
    const wakings = Object.fromEntries(skipped.map((one) => [one.lane.name, one.wakings]));
    this.addStep(witness, 'quiet', JSON.stringify({ ...data, wakings }));
  }

  #canRun(lane: LaneState): boolean {
    return lane.status === 'ready' && lane.pausedUntilMs <= this.#state.nowMs;
  }

  #stop(): void {
    for (const lane of this.#state.lanes) lane.pausedUntilMs = 0; // the plan's end is the end of its faults
    this.look('end');
    this.#state.stopping = true;
    this.#end = 'stopped';
    this.#ends.terminateOwn();
    this.#requests.interruptSleeps(this.#state.lanes);
  }

  #cutOff(): boolean {
    this.#end = 'cut off';
    for (const process of this.#state.processes) this.#ends.kill(process, { how: 'killed', signal: 'SIGKILL' });
    return false;
  }

  #grantBytes(
    action: number,
    more: {
      code?: number;
      budget?: number;
      soft?: number;
      hard?: number;
      reply?: string;
      lane?: LaneState;
      traps?: readonly Trap[];
      newsFor?: LaneState;
    } = {},
  ): Uint8Array {
    return encodeGrant({
      action,
      code: more.code ?? 0,
      budget: more.budget ?? 0,
      softSteps: more.soft ?? 0,
      hardSteps: more.hard ?? 0,
      stopping: this.#state.stopping || (more.lane?.process.stopping ?? false),
      unguarded: this.#io.unguarded,
      collect: more.lane?.collects === true,
      stepwise: this.#state.options.stepwise,
      sql: this.#state.hearsSql,
      nowMs: this.#state.nowMs,
      traps: more.lane ? this.#faults.trapsFor(more.lane, [...this.#io.traps(), ...(more.traps ?? [])]) : [],
      reply: more.reply ?? '',
      news: more.newsFor && this.#state.newsFor(more.newsFor),
    });
  }

  #grant(lane: LaneState, budget: number, untilStep: number, traps: readonly Trap[] = []): void {
    if (lane !== this.#granted) this.#requests.hear();
    this.#granted = lane;
    const failure = this.#faults.failureFor(lane);
    const tear = this.#faults.takeTear(lane);
    const reply = this.#requests.answer(lane);
    if (lane.process.ending !== undefined) return; // it asked to exit
    if (tear !== undefined) lane.process.doom = 'SIGKILL';
    const soft = Math.min(unlimited, untilStep - this.#state.steps);
    const hard = Math.min(
      unlimited,
      this.#faults.nextStep() - this.#state.steps,
      this.#io.stepsLeft(lane.name),
      this.#state.options.plan.parameters.stepsMax - this.#state.steps,
    );
    const action = tear !== undefined ? grantAction.torn : failure !== undefined ? grantAction.fail : grantAction.go;
    this.#send(
      lane,
      this.#grantBytes(action, {
        code: tear ?? failure ?? 0,
        budget,
        soft: Math.max(1, soft),
        hard: Math.max(1, hard),
        reply,
        lane,
        newsFor: lane,
        traps,
      }),
    );
    this.#takeFrames(lane);
    if (lane.status !== 'ready') this.#requests.hear();
  }

  /** The lock-cancel fault on a parked lane; it stays parked before the same step. */
  rawRead(lane: LaneState, paths: readonly string[]): void {
    this.beginHeld(lane.process);
    const { status, wakeMs, readyOrder } = lane;
    this.#send(lane, this.#grantBytes(grantAction.raw, { reply: paths.map((path) => `${path}\0`).join('') }));
    this.#takeFrames(lane);
    Object.assign(lane, { status, wakeMs, readyOrder });
  }

  #send(lane: LaneState, bytes: Uint8Array): void {
    const stuck = lane.channel.send(bytes, this.#patience);
    if (stuck !== undefined) throw lostLane(lane, stuck, this.#state.steps);
  }

  /** Takes frames until the lane parks, ends or dies. */
  #takeFrames(lane: LaneState): void {
    for (;;) {
      const frame = lane.channel.receive(this.#patience);
      if (frame === closed) return this.#ends.laneDied(lane);
      if (frame instanceof Stuck) throw lostLane(lane, frame, this.#state.steps);
      this.#state.points += frame.points;
      const parked = frame.kind === frameKind.park;
      const end = this.#takeRecords(lane, frame.body, parked);
      for (const part of hashedOf(frame.body.subarray(0, end), this.#state.hearsSql)) this.#hash.update(part);
      if (parked) {
        lane.descriptor = frame.descriptor;
        this.#requests.park(lane);
        lane.pausedUntilMs = Math.max(lane.pausedUntilMs, this.#state.nowMs + this.#io.costOf(lane.name, lane.pending));
        this.#quiet?.parked(lane, this.#state.nowMs);
        this.#faults.strikeByOperation(lane);
        return;
      }
      if (frame.kind === frameKind.step) this.#send(lane, stepSeen);
      // A lane that asks for nothing goes on for long without a decision.
      if (frame.kind === frameKind.flush || frame.kind === frameKind.step) this.checkStop();
      if (frame.kind === frameKind.doomed) lane.process.doom = 'SIGBUS';
      if (frame.kind !== frameKind.leave) continue;
      this.#quiet?.disturb();
      return this.#ends.laneLeft(lane);
    }
  }

  /** Result: where the pending record begins, or the end of the body. */
  #takeRecords(lane: LaneState, body: Buffer, parked: boolean): number {
    const record = this.#record;
    let at = 0;
    while (at < body.length) {
      const next = decodeRecord(body, at, record);
      if (parked && next === body.length) {
        Object.assign(lane.pending, record);
        return at;
      }
      at = next;
      if (record.op === op.sql) this.#state.hear(record, lane);
      else if (record.op === op.name) {
        lane.files[record.file] = record.text;
        this.#bounds.names(lane.files.length);
      } else this.#takeStep(lane, record);
    }
    return at;
  }

  #takeStep(lane: LaneState, record: RawRecord): void {
    const step = this.#state.steps++;
    this.#faults.sawStep(lane, record);
    this.#io.saw(lane.name, record);
    if (record.rc !== 0 || record.errno !== 0) checkHost(record, lane);
    this.#bounds.see(record);
    this.#quiet?.see(record, lane, this.#state.nowMs);
    if (record.op === op.tell && record.rc === 0) this.#requests.told(lane, record.text);
    if (record.op === op.open && record.role === role.db) this.#state.addDatabase(lane.files[record.file] ?? '');
    if (freesLocks.has(record.op)) this.#requests.notify(kernelKey);
    if (record.op === op.observe) {
      const nowMs = this.#state.nowMs - epochMs;
      this.#observations.push({ step, lane: lane.name, nowMs, ...parseObserved(record.text) });
    } else if (record.op === op.refused) {
      this.#refusals.push({ step, lane: lane.name, name: record.text });
    } else if (record.op === op.end) {
      const { open, ...ending } = readEnd(record.text, this.#state.options, lane);
      lane.ending = ending;
      lane.open = open;
    }
    const nowMs = this.#state.nowMs - epochMs;
    for (const sink of this.#state.options.sinks) sink.see(step, record, lane, nowMs);
    this.#state.options.tables.see(step, record, lane, nowMs);
    this.#state.mtimes.see(record, lane, nowMs);
    if (freesLocks.has(record.op)) this.#requests.wake(); // the table of locks has it now
  }
}
