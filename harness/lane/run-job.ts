// One job of a lane, whatever host it runs in: loads the program, runs it, says how it ended. What stays out: where jobs come
// from and programs are loaded from (host.ts, native/main.ts).
import { hostErrnoOf } from '../errors/host-errors.ts';
import type { LaneEnd } from './end.ts';
import type { Gate } from './gate-calls.ts';
import { expectOutOfMemory } from './give-up.ts';
import { ExitRequest, LaneWorld } from './lane-world.ts';
import { threw } from './threw.ts';
import type { Program, World } from './world.ts';
import type { SqliteParameters } from '../model/plan.ts';
import type { ProgramPlaces } from '../model/program-places.ts';
import type { Json } from '../model/values.ts';

/** The FIFOs of a thread. */
export interface ThreadChannel {
  readonly in: string;
  readonly out: string;
}

/** What any lane is told for one run. */
export interface LaneSetting {
  readonly lane: string;
  readonly process: string;
  /** The name of the process's program, for its further threads. */
  readonly program: string;
  /** Where virtual time begins, ms since the Unix epoch. */
  readonly epochMs: number;
  readonly number: number;
  /** 64 bits, decimal. */
  readonly seed: string;
  readonly root: string;
  readonly args: Json;
  /** The plan makes SQLite run out of memory. */
  readonly outOfMemory: boolean;
  /** Settings for every connection (model/plan.ts). */
  readonly sqlite: SqliteParameters;
  /** Of a command. */
  readonly places?: ProgramPlaces;
}

/** What the coordinator asks of a lane of a program over World. */
export interface Job extends LaneSetting {
  readonly module: string;
  readonly export: string;
}

/**
 * What a host does for its lanes.
 *
 * @property load the module of a program, evaluated
 * @property binding of SQLite, for better-sqlite3; empty where SQLite is linked in
 */
export interface LaneHost {
  readonly gate: Gate;
  readonly binding: string;
  readonly load: (module: string) => { readonly [name: string]: unknown };
  readonly startThread: (channel: ThreadChannel) => void;
  /** fork(2), where this host can: the copy is the process behind this channel. Result: whether this is the copy. */
  readonly fork?: (channel: ThreadChannel) => boolean;
}

function programOf({ load }: LaneHost, job: Job): Program {
  const program = load(job.module)[job.export];
  if (typeof program !== 'function') throw new TypeError(`There is no program ${job.export} in its module.`);
  return program as Program;
}

/** The system has none left: what QuickJS throws then (an InternalError of no code) no program can have meant. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && error.name === 'InternalError' && error.message === 'out of memory';
}

/** What the machine lacks is no event of the run: the host gives up. */
function isOfHost(error: unknown): boolean {
  return hostErrnoOf(error) !== undefined || isOutOfMemory(error);
}

function run(host: LaneHost, job: Job, world: LaneWorld): LaneEnd {
  let program: Program;
  try {
    program = programOf(host, job);
  } catch (error) {
    if (isOfHost(error)) throw error;
    return { ...threw(error, job.root), how: 'unloadable', open: 0 };
  }
  return ended(job, world, () => program(world, job.args));
}

function ended(job: LaneSetting, world: LaneWorld, body: () => void): LaneEnd {
  try {
    body();
    return { how: 'returned', open: world.openCount() };
  } catch (error) {
    if (error instanceof ExitRequest || isOfHost(error)) throw error;
    return { ...threw(error, job.root), open: world.openCount() };
  }
}

/** Waits for a job and does it. */
export function serveJob(host: LaneHost): void {
  const { gate } = host;
  const job = JSON.parse(gate.job()) as Job;
  expectOutOfMemory(job.outOfMemory);
  gate.enter(job.number, BigInt(job.seed), job.root);
  const world = worldOf(host, job);
  gate.leave(JSON.stringify(run(host, job, world)));
}

function worldOf(host: LaneHost, job: LaneSetting): LaneWorld {
  const { gate, binding, startThread, fork } = host;
  return new LaneWorld(gate, {
    ...job,
    binding,
    startThread,
    fork: fork && ((channel, body) => forked(host, fork, channel, body)),
  });
}

/** In the copy: the end of its part in the run. Nothing comes after that, as no process is forked to be used again. */
function forked(
  host: LaneHost,
  fork: NonNullable<LaneHost['fork']>,
  channel: ThreadChannel,
  body: (world: World) => void,
): void {
  if (!fork(channel)) return;
  const { gate } = host;
  const job = JSON.parse(gate.job()) as LaneSetting;
  gate.enter(job.number, BigInt(job.seed), job.root);
  const world = worldOf(host, job);
  gate.leave(JSON.stringify(ended(job, world, () => body(world))));
  gate.job();
  throw new Error('a forked process was given a second job');
}

/** Serves one job after another, for ever: the gate ends this process when the coordinator is gone. */
export function serveJobs(host: LaneHost): never {
  for (;;) serveJob(host);
}
