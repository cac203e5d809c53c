// The state of one run, which the loop, requests and faults share, and what the latter two may ask of the loop. What stays out:
// grants and frames (run.ts).
import { faultPrograms } from './faults/programs/catalogue.ts';
import { type CommandProgram, type Ending, isCommand, type ProgramRef, type StartProcess } from '../model/process.ts';
import { placesOf, withPlaces } from '../model/program-places.ts';
import { processOf } from '../model/names.ts';
import type { RawRecord } from '../model/record.ts';
import type { Json } from '../model/values.ts';
import type { Channel } from './channel.ts';
import { epochMs } from './epoch.ts';
import { type HowStarted, type LaneState, newLane, type ProcessState } from './lanes.ts';
import { Mtimes } from './mtimes.ts';
import type { PoolProcess } from './pool.ts';
import { noSuchProgram } from './run-errors.ts';
import type { RunOptions } from './run-options.ts';

/** The machine's own programs (faults/programs) come first: a scenario cannot replace them. */
export function programRef(programs: RunOptions['programs'], name: string): ProgramRef | undefined {
  return faultPrograms[name] ?? programs[name];
}

/**
 * @property hearsSql lanes tell their statements (gate/gate-statements.c)
 * @property nowMs virtual, since the Unix epoch
 * @property steps so many have passed: the number of the next
 * @property points switch points that have passed
 * @property stopping every lane has been asked to stop
 * @property current the lane that was granted last, if the default schedule would let it go on
 */
export class RunState {
  readonly options: RunOptions;
  readonly hearsSql: boolean;
  readonly lanes: LaneState[] = [];
  readonly processes: ProcessState[] = [];
  #living: LaneState[] = [];
  readonly #processes = new Map<string, ProcessState>();
  readonly mtimes: Mtimes;
  /** Files that are databases: the scenario's, and what SQLite has opened as one. */
  readonly #databases: string[];
  /** What lanes are to know beside their jobs (gate.c, receiveNews). */
  readonly #news: string[];
  nowMs = epochMs;
  steps = 0;
  points = 0;
  stopping = false;
  current: LaneState | undefined;
  readonly #byName = new Map<string, LaneState>();
  readonly #commands = new Map<string, CommandProgram>();
  #readyOrder = 0;
  /** Names that processes were asked to have since the power came back last, and that others had before. */
  readonly #renamed = new Map<string, string>();
  /** What the machine started when its power had come back, by the names that they got. */
  readonly booted: StartProcess[] = [];
  /** Times that the power has come back. */
  boots = 0;
  /** The power is lost, and has not come back. */
  isOff = false;

  constructor(options: RunOptions) {
    this.options = options;
    this.hearsSql = options.sinks.some((sink) => 'hear' in sink);
    this.mtimes = new Mtimes(options.tables.files);
    this.#databases = [options.database];
    this.#news = [`database ${options.database}`, ...(options.ledger ?? []).map((column) => `ledger ${column}`)];
  }

  /** A lane has told a statement. */
  hear(record: RawRecord, lane: LaneState): void {
    for (const sink of this.options.sinks) sink.hear?.(this.steps, record, lane);
  }

  /** A lane of a process, which has not begun. */
  addLane(name: string, process: ProcessState, channel: Channel): LaneState {
    const lane = newLane(name, this.lanes.length, process, channel);
    this.lanes.push(lane);
    this.#living.push(lane);
    lane.process.lanes.push(lane);
    this.#byName.set(lane.name, lane);
    return lane;
  }

  /** SQLite has opened a file as a database; one named after another is a copy of it (gate.c, opensDatabase). */
  addDatabase(name: string): void {
    if (this.#databases.some((known) => name === known || name.startsWith(`${known}.`))) return;
    this.#databases.push(name);
    this.#news.push(`database ${name}`);
  }

  /** What a lane has not been told: it is now. */
  newsFor(lane: LaneState): readonly string[] {
    const untold = this.#news.slice(lane.newsTold);
    lane.newsTold = this.#news.length;
    return untold;
  }

  /** The lane that a name means now: the kernel of a machine that is on again knows nothing of names that were in use before. */
  laneByName(name: string): LaneState | undefined {
    if (this.#renamed.size === 0) return this.#byName.get(name); // asked at every decision
    const process = processOf(name);
    return this.#byName.get((this.#renamed.get(process) ?? process) + name.slice(process.length));
  }

  /** See {@link laneByName}. */
  processByName(name: string): ProcessState | undefined {
    return this.#processes.get(this.#renamed.get(name) ?? name);
  }

  /** Has somebody had this name since the power came back last? */
  isTaken(name: string): boolean {
    return this.laneByName(name)?.process.boot === this.boots;
  }

  /** What a process is called that is to have this name. */
  nameFor(name: string): string {
    if (this.boots === 0 || !this.#processes.has(name)) return name;
    const called = `${name}.boot-${this.boots + 1}`;
    this.#renamed.set(name, called);
    return called;
  }

  /** The power has come back. */
  boot(): void {
    this.boots++;
    this.isOff = false;
    this.#renamed.clear();
  }

  addProcess(process: ProcessState): void {
    this.processes.push(process);
    if (!this.#processes.has(process.name)) this.#processes.set(process.name, process);
  }

  /** Lanes that have not ended, in the order in which they began: of a long run, few of all. */
  living(): readonly LaneState[] {
    if (this.#living.some(({ status }) => status === 'ended'))
      this.#living = this.#living.filter(({ status }) => status !== 'ended');
    return this.#living;
  }

  programRef(name: string): ProgramRef | undefined {
    return this.#commands.get(name) ?? programRef(this.options.programs, name);
  }

  /** @param name who is to run it. @throws where there is no such program */
  refOf(name: string, program: string): ProgramRef {
    const ref = this.programRef(program);
    if (ref === undefined) throw noSuchProgram(this.options, program, `${name} is to run it`);
    return ref;
  }

  /**
   * A program that a process of the run names itself, by its command.
   *
   * @param by the program of that process
   * @returns the command as it is meant
   */
  addCommand(name: string, asked: CommandProgram, by: string): CommandProgram {
    const asker = this.programRef(by);
    const command = asker !== undefined && isCommand(asker) ? withPlaces(asked, placesOf(asker)) : asked;
    this.#commands.set(name, command);
    return command;
  }

  makeReady(lane: LaneState): void {
    if (lane.status !== 'ended') Object.assign(lane, { status: 'ready', readyOrder: ++this.#readyOrder });
  }

  /** It asked to stand still and may not: the others go first. */
  giveWay(lane: LaneState): void {
    this.makeReady(lane);
    if (this.current === lane) this.current = undefined;
  }
}

/** What requests and faults may ask of the loop. */
export interface RunControl {
  /** Throws when the run is to stop. Whatever may take long without a wait asks now and then. */
  checkStop(): void;
  /**
   * Starts a process on a program; returns when it stands before its first step.
   *
   * @param how its control group, who starts it, and whether by a launcher that exits (a real orphan)
   */
  startProcess(name: string, program: string, args: Json, how?: HowStarted): void;
  /** A process that is held goes on to its first step, with this on its standard input; others do as they did. */
  beginHeld(process: ProcessState, input?: Buffer): void;
  /** A process that another has forked, and that waits for a job; returns when it stands before its first step. */
  adoptProcess(name: string, parent: ProcessState, pooled: PoolProcess): void;
  /** Gives a thread its job; returns when it stands before its first step. */
  startLane(process: ProcessState, channel: Channel, name: string, program: string, args: Json): void;
  /** SIGKILL, unless it has ended; it is dead then, and nobody holds its locks. */
  killProcess(process: ProcessState, ending: Ending): void;
  /**
   * SIGTERM: its sleeps end early; a program of its own gets the signal itself, and dies of it unless it handles it.
   *
   * @param signal to a program of its own, any but SIGKILL
   */
  terminate(process: ProcessState, signal?: NodeJS.Signals): void;
  /** SIGKILL for every living process of a control group. Result: how many there were. */
  killGroup(group: string): number;
  /** Something outside of lanes has happened: who waits for it can run. */
  wakeWaiting(): void;
  /** Looks at processes and disk from outside. */
  look(label: string): void;
  /** The process of a parked lane opens, reads and closes files raw; the lane stays parked before the same step. */
  rawRead(lane: LaneState, paths: readonly string[]): void;
  /** The power is gone, and with it what the kernel kept for processes; none lives any more. */
  forgetKernel(): void;
  /** A step of the coordinator's own, so that deaths and faults stand in the trace. */
  addStep(lane: LaneState, operation: 'end' | 'fault' | 'quiet' | 'statement', text: string): void;
}
