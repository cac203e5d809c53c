// Drives lanes by hand, for the gate's tests: real processes, real FIFOs, grants as a test writes them, and no
// coordinator. What stays out: what runs in the process (hand-lane.test-support.ts).
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFifo } from '../host/native.ts';
import { Channel, closed } from '../run/channel.ts';
import { type Patience, Stuck } from '../host/waiting.ts';
import type { HandJob, HandOptions, Work } from './hand-lane.test-support.ts';
import { decodeRecord, encodeGrant, frameKind, type Grant, grantAction, unlimited } from './protocol.ts';
import { emptyRecord, recordFlag } from '../model/record.ts';
import { type Operation, operations, type Role, roles } from '../model/operations.ts';

/** The virtual time of grants that name none. */
export const someDayMs = Date.UTC(2031, 1, 3, 4, 5, 6);

/** All time counts: who is behind a lane is not told to it. */
export const patience: Patience = { limitMs: 30_000, stop: () => false };
const program = fileURLToPath(new URL('./hand-lane.test-support.ts', import.meta.url));

/** A record in words. */
export interface Step {
  readonly op: Operation;
  readonly role: Role;
  readonly lane: number;
  /** Undefined where the step touches no file. */
  readonly file: string | undefined;
  readonly handle: number;
  readonly a: number;
  readonly b: number;
  readonly sum: number;
  readonly rc: number;
  readonly switchPoint: boolean;
  readonly injected: boolean;
  readonly torn: boolean;
  readonly text: string;
}

/** What happened after a grant: it stands before a step, has left the run, or its process is dead. */
export type Outcome = 'parked' | 'left' | 'dead';

/** One thread of a process. */
export class HandLane {
  readonly channel: Channel;
  /** All steps of the current run that are done. */
  steps: Step[] = [];
  /** The step it stands before. */
  pending: Step | undefined;
  /** The frames of the last grant, by kind, with their sizes. */
  frames: { readonly kind: number; readonly bytes: number }[] = [];
  /** Sums of what the frames of this run said. */
  counted = { steps: 0, points: 0 };
  /** It waits for a job. */
  idle = false;
  #names: string[] = [];

  constructor(path: string) {
    this.channel = new Channel(path);
  }

  /** The operations done so far. */
  get done(): readonly Operation[] {
    return this.steps.map(({ op }) => op);
  }

  greet(): void {
    const frame = this.channel.receive(patience);
    if (frame === closed || frame instanceof Stuck || frame.kind !== frameKind.hello) throw new Error('No hello came.');
    this.idle = true;
  }

  /** Gives it a run, and returns when it stands before `start`. */
  begin(root: string, work: Work, more: { lane?: number; seed?: bigint; args?: readonly string[] } = {}): void {
    this.steps = [];
    this.#names = [];
    this.counted = { steps: 0, points: 0 };
    this.idle = false;
    this.#give(root, work, more.lane ?? 1, String(more.seed ?? 1n), more.args ?? []);
    if (this.#take() !== 'parked') throw new Error('The lane did not start.');
  }

  /** Has work done outside of any run, without waiting for it: the result is in `kept.outside`. */
  outside(root: string, work: Work): void {
    this.#give(root, work, -1, '0', []);
  }

  #give(root: string, work: Work, lane: number, seed: string, args: readonly string[]): void {
    const job: HandJob = { lane, seed, root, args, work: String(work) };
    this.send({ budget: 0, softSteps: 0, hardSteps: 0, reply: JSON.stringify(job) });
  }

  /** Grants, and waits for what comes of it. Without limits in the grant, the lane runs until it sleeps, asks or leaves. */
  go(grant: Partial<Grant> = {}): Outcome {
    this.send(grant);
    return this.#take();
  }

  /** Grants until it leaves. Result: what the work returned. */
  finish(grant: Partial<Grant> = {}): unknown {
    for (;;) {
      const outcome = this.go(grant);
      if (outcome === 'dead') throw new Error('The process died.');
      if (outcome === 'left') return JSON.parse(this.steps.at(-1)?.text ?? 'null') as unknown;
    }
  }

  /** A whole run. Result: what the work returned. */
  run(root: string, work: Work, more: Parameters<HandLane['begin']>[2] = {}, grant: Partial<Grant> = {}): unknown {
    this.begin(root, work, more);
    return this.finish(grant);
  }

  send(grant: Partial<Grant>): void {
    this.channel.send(
      encodeGrant({
        action: grantAction.go,
        code: 0,
        budget: unlimited,
        softSteps: unlimited,
        hardSteps: unlimited,
        stopping: false,
        nowMs: someDayMs,
        traps: [],
        reply: '',
        ...grant,
      }),
      patience,
    );
  }

  #take(): Outcome {
    this.frames = [];
    this.pending = undefined;
    for (;;) {
      const frame = this.channel.receive(patience);
      if (frame === closed) return 'dead';
      if (frame instanceof Stuck) throw new Error(`The lane is silent after ${this.steps.length} steps.`);
      this.frames.push({ kind: frame.kind, bytes: frame.body.length });
      this.counted.steps += frame.steps;
      this.counted.points += frame.points;
      const steps = this.#decode(frame.body);
      if (frame.kind === frameKind.park) this.pending = steps.pop();
      for (const step of steps) this.steps.push(step);
      if (frame.kind === frameKind.park) return 'parked';
      if (frame.kind === frameKind.leave) {
        this.idle = true;
        return 'left';
      }
    }
  }

  #decode(body: Buffer): Step[] {
    const steps: Step[] = [];
    const record = emptyRecord();
    for (let at = 0; at < body.length; ) {
      at = decodeRecord(body, at, record);
      const role = roles[record.role];
      const op = operations[record.op];
      if (role === undefined || op === undefined) throw new Error(`Not a record: ${JSON.stringify(record)}`);
      if (op === 'name') {
        this.#names[record.file] = record.text;
        continue;
      }
      const { flags, file, op: _op, role: _role, ...rest } = record;
      steps.push({
        ...rest,
        op,
        role,
        file: role === 'none' ? undefined : this.#names[file],
        switchPoint: (flags & recordFlag.switchPoint) !== 0,
        injected: (flags & recordFlag.injected) !== 0,
        torn: (flags & recordFlag.torn) !== 0,
      });
    }
    return steps;
  }
}

export interface HandMachine {
  readonly binding: string;
  readonly gate: string;
  readonly env?: { readonly [name: string]: string };
}

/** A real process with one lane, and more if its work starts threads. */
export class HandProcess implements Disposable {
  readonly child: ChildProcess;
  readonly main: HandLane;
  readonly #folder: string;
  readonly #log: string;
  readonly #lanes: HandLane[] = [];
  readonly #exit: Promise<unknown>;

  /** @param early work before the process attaches; its result is in `kept.early` */
  constructor(machine: HandMachine, early?: Work) {
    this.#folder = mkdtempSync(join(realpathSync(tmpdir()), 'gate-'));
    this.#log = join(this.#folder, 'log');
    this.main = this.lane();
    const options: HandOptions = {
      binding: machine.binding,
      gate: machine.gate,
      in: this.main.channel.inPath,
      out: this.main.channel.outPath,
      ...(early === undefined ? {} : { early: String(early) }),
    };
    const log = openSync(this.#log, 'a');
    this.child = spawn(process.execPath, ['--no-warnings', program, JSON.stringify(options)], {
      stdio: ['ignore', log, log],
      env: { TZ: 'UTC', ...machine.env },
    });
    closeSync(log);
    this.#exit = once(this.child, 'exit');
  }

  /** A process that stands ready for its first job. */
  static start(machine: HandMachine, early?: Work): HandProcess {
    const started = new HandProcess(machine, early);
    try {
      started.main.greet();
    } catch (error) {
      const said = started.said();
      started[Symbol.dispose]();
      throw new Error(`The process did not start; it said: ${said}`, { cause: error });
    }
    return started;
  }

  /** FIFOs for one more thread. */
  lane(): HandLane {
    const lane = new HandLane(join(this.#folder, `lane-${this.#lanes.length}`));
    this.#lanes.push(lane);
    return lane;
  }

  /** Starts a further thread by a run of the first one, and returns when it stands ready. */
  thread(): HandLane {
    const lane = this.lane();
    const { inPath, outPath } = lane.channel;
    this.main.run('/', (world) => world.thread(world.args[0] ?? '', world.args[1] ?? ''), { args: [inPath, outPath] });
    lane.greet();
    return lane;
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  /** What it printed. */
  said(): string {
    return readFileSync(this.#log, 'utf8');
  }

  /** How it ended, once it has. */
  async ended(): Promise<{ readonly code: number | null; readonly signal: string | null }> {
    await this.#exit;
    return { code: this.child.exitCode, signal: this.child.signalCode };
  }

  /** Closes the coordinator's end of every FIFO, as its death would. */
  abandon(): void {
    for (const lane of this.#lanes.splice(0)) lane.channel.close();
  }

  /** As a SIGKILL of the coordinator before the process attached: its ends are closed, and the FIFOs still there. */
  forsake(): void {
    for (const lane of this.#lanes.splice(0)) {
      lane.channel.close();
      makeFifo(lane.channel.inPath);
      makeFifo(lane.channel.outPath);
    }
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
    this.abandon();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
