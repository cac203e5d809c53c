// What runs inside a process that runs free: one job a line in, one answer a line out, blocking on both sides; between
// them the program, on a World whose gate lets everything pass. Ends when its standard input does. What stays out: who
// runs what, and what is made of it (stress.ts).
import Database from 'better-sqlite3';
import type { SqliteParameters } from '../../model/plan.ts';
import { readLines, writeLine } from '../../host/lines.ts';
import { LaneWorld } from '../../lane/lane-world.ts';
import { sharedOut } from '../../host/process-use.ts';
import { threw } from '../../lane/threw.ts';
import type { Program } from '../../lane/world.ts';
import type { Ending, WorldProgram } from '../../model/process.ts';
import type { Json } from '../../model/values.ts';
import { stream } from '../../model/random.ts';
import type { WayToServer } from '../../postgres/server.ts';
import { FreeGate, type FreeObservation } from './free-gate.ts';
import type { PostOffice } from './mail.ts';

/**
 * What a process is told for one round.
 *
 * @property number of the process among those of the round: its chance is its own
 * @property sqlite settings for every connection (model/plan.ts)
 * @property keeps kinds of observations that are wanted; default: all
 * @property office in a round whose processes write to each other
 * @property server in a round that has a PostgreSQL server
 */
export interface FreeJob {
  readonly process: string;
  readonly number: number;
  readonly seed: number;
  readonly root: string;
  readonly program: WorldProgram;
  readonly args: Json;
  readonly horizonMs: number;
  readonly restMsMax: number;
  readonly sqlite: SqliteParameters;
  readonly keeps?: readonly string[];
  readonly office?: PostOffice;
  readonly server?: WayToServer;
}

/**
 * @property beganMs when its clock stood at 0, on one that all processes of the machine share; milliseconds
 * @property cpuMs processor time that it took for the job, all its threads together
 * @property memoryBytes of the process when its program has ended, what it shares with others in parts (proc(5), Pss)
 * @property open connections and file locks that it has not given back: only the end of the process drops them
 * @property refused a sentence, when it asked for something that only a coordinator has
 */
export interface FreeAnswer {
  readonly ending: Ending;
  readonly beganMs: number;
  readonly observations: readonly FreeObservation[];
  readonly cpuMs: number;
  readonly memoryBytes: number;
  readonly open: number;
  readonly refused?: string;
}

const binding = process.argv[2] ?? '';

async function run(job: FreeJob): Promise<FreeAnswer> {
  const { root, process: name, program, args, horizonMs, restMsMax, sqlite, keeps, office, server: way } = job;
  const body = ((await import(program.module)) as { readonly [name: string]: Program })[program.export];
  if (body === undefined) throw new TypeError(`There is no program ${program.export} in its module.`);
  const random = stream('freeLane', job.seed, job.number);
  // Loaded when needed: few rounds have mail.
  const mail = office === undefined ? undefined : new (await import('./mail.ts')).Mail(office, name);
  const server = way === undefined ? undefined : new (await import('./free-server.ts')).FreeServer(way);
  const gate = new FreeGate({ root, horizonMs, restMsMax, random, keeps, mail, server });
  const startThread = () => void gate.ask('thread');
  const world = new LaneWorld(gate, { lane: name, process: name, root, binding, sqlite, startThread, fork: undefined });
  let ending: Ending = { how: 'returned' };
  const before = globalThis.process.cpuUsage();
  // (Imported by name, node:process would open standard input as a stream, which does not block any more.)
  globalThis.process.chdir(root); // what relative names in SQL mean, as under the gate
  try {
    body(world, args);
  } catch (error) {
    ending = threw(error, root);
  }
  const { user, system } = globalThis.process.cpuUsage(before);
  const memoryBytes = sharedOut('self');
  server?.close();
  mail?.close();
  const { beganMs, observations, refused } = gate;
  const spent = { cpuMs: (user + system) / 1000, memoryBytes };
  return {
    ending,
    beganMs,
    observations,
    ...spent,
    open: world.openCount(),
    ...(refused === undefined ? {} : { refused }),
  };
}

new Database(':memory:', { nativeBinding: binding }).close(); // loads SQLite, so that no round has to
writeLine(1, 'ready');
for await (const line of readLines(0)) writeLine(1, JSON.stringify(await run(JSON.parse(line) as FreeJob)));
