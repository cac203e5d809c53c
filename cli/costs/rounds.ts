// Rounds of busy gateways that run free: real processes at full speed on a fresh board, without the gate. Their own words are
// time-stamped where they run; here they become a rate and latencies. What stays out: which rounds, how many, and intervals.
import { atExit } from '../../harness/host/at-exit.ts';
import { holdSignals } from '../../harness/host/signals.ts';
import { realpathSync, rmSync } from 'node:fs';
import { usageError } from '../../harness/errors/errors.ts';
import { Crew, type Played } from '../../harness/search/stress/crew.ts';
import { Roots } from '../../harness/search/stress/roots.ts';
import { makeWorkplace, runsFolder, type Workplace } from '../../harness/run/workplace.ts';
import { busyScenario, type Crowd, planOf, servicesOf } from './busy.ts';
import { isOnServer } from '../../scenarios/kanban/on-server.ts';
import { ServerRounds } from './server-rounds.ts';
import type { Round } from './statistics.ts';

/** Real milliseconds that a process may take for a round: longer than the board ever waits for a lock, twice over. */
const limitMs = 120_000;

/** What the program says that matters here (scenarios/kanban/costs.program.ts). */
const keeps = ['ready', 'commit-begins', 'acknowledged', 'nothing-to-write', 'commit-failed', 'commit-lost'];

/** Of each round's window so much passes before the rate is taken: nobody has anything to acknowledge when all have just begun. */
const leadIn = 0.2;

/** Rounds that are open: closed when this process exits, however it does. */
const open = new Set<FreeRounds>();
atExit(() => {
  for (const rounds of open) rounds.close();
});

/**
 * What a whole round took of the machine, from the first connect of each process to its last close.
 *
 * @property acknowledged writes, whenever
 * @property cpuMs processor time of all processes together, those of a PostgreSQL server among them
 * @property serverCpuMs of that, the server's
 * @property memoryBytes of all processes together: of the gateways when they have ended their work
 * @property serverMemoryBytes of that, the server's: the most that was seen; 0 in a round that is not weighed
 */
export interface Spent {
  readonly acknowledged: number;
  readonly cpuMs: number;
  readonly serverCpuMs: number;
  readonly memoryBytes: number;
  readonly serverMemoryBytes: number;
}

export class FreeRounds {
  readonly #place: Workplace;
  readonly #crew: Crew;
  readonly #roots: Roots;
  readonly #servers: ServerRounds;

  /**
   * @param binding SQLite binding of the engine, absolute path
   * @param folder an existing folder for the boards; default: where all runs are, on tmpfs if there is one
   */
  constructor(binding: string, folder?: string) {
    this.#place = folder === undefined ? makeWorkplace() : placeIn(folder);
    open.add(this);
    const own = realpathSync(this.#place.folder);
    const restMsMax = Number.MAX_SAFE_INTEGER; // every rest is taken in full, since real time is measured
    this.#crew = new Crew({ scenario: busyScenario, binding, folder: own, number: 0, limitMs, restMsMax, keeps });
    this.#roots = new Roots(busyScenario, own);
    this.#servers = new ServerRounds(folder ?? runsFolder()); // not in our own: the server may be another user's
  }

  /** Starts so many processes: gateways, and one for a server. */
  async warm(processes: number): Promise<void> {
    await this.#crew.warm(processes);
  }

  /**
   * Plays one round.
   *
   * @param forMs real milliseconds for which every gateway begins new writes
   * @param seed of the gateways' chance
   * @param weighs a server's memory is looked at, again and again: such a round is no good for times
   */
  async play(crowd: Crowd, forMs: number, seed: number, weighs = false): Promise<Round & Spent> {
    const plan = planOf(crowd, { forMs }, seed);
    const services = servicesOf(plan);
    const server = isOnServer(crowd.strategy) ? await this.#servers.of(crowd.strategy) : undefined;
    const root = await this.#roots.fresh(this.#crew, plan, server?.forSetup);
    const database = server?.newDatabase();
    try {
      const usage = server?.begin(weighs);
      const played = await this.#crew.play(plan, busyScenario.start(plan), root, services, database?.way);
      const used = usage?.end() ?? { cpuMs: 0, memoryBytes: 0 };
      const gateways = played.filter(({ process }) => !services.includes(process));
      return { ...roundOf(gateways, forMs), ...spentOf(played, used) };
    } finally {
      database?.remove();
      rmSync(root, { recursive: true, force: true });
    }
  }

  /** Kills every process and removes every file. */
  close(): void {
    if (!open.delete(this)) return;
    holdSignals(() => {
      this.#crew.close();
      this.#servers.close();
      this.#place.remove();
    });
  }
}

function placeIn(parent: string): Workplace {
  try {
    return makeWorkplace(parent);
  } catch (error) {
    throw usageError(
      'COSTS_FOLDER',
      `No folder for the boards can be made in ${parent}: ${error instanceof Error ? error.message : String(error)}.`,
      'Name an existing folder that you can write.',
      error,
    );
  }
}

/** A write that was acknowledged, on the clock that all processes share. */
interface Write {
  readonly beganMs: number;
  readonly endedMs: number;
}

/**
 * What the gateways of one round said, as figures.
 *
 * Counted is what falls into the window in which all are busy: for the rate acknowledgements, without its lead-in; for
 * latencies the writes that begin in it, each followed to its end, also where it waits past the window's. Failures count
 * wherever they happen.
 *
 * @throws what a gateway threw: it is a defect of the program
 */
export function roundOf(played: readonly Played[], forMs: number): Round {
  const failures = played.filter(({ ending }) => ending.how !== 'returned');
  if (failures.length > 0) throw new Error(`A busy gateway did not return: ${JSON.stringify(failures[0]?.ending)}`);
  const readyMs = played.map(({ beganMs, observations }) => {
    return beganMs + (observations.find(({ kind }) => kind === 'ready')?.nowMs ?? 0);
  });
  const untilMs = Math.min(...readyMs) + forMs;
  const latest = Math.min(untilMs, Math.max(...readyMs));
  const fromMs = latest + leadIn * (untilMs - latest);
  const writes = played.flatMap((one) => writesOf(one));
  const isFailure = (kind: string) => kind === 'commit-failed' || kind === 'commit-lost';
  return {
    commits: writes.filter(({ endedMs }) => endedMs >= fromMs && endedMs < untilMs).length,
    seconds: (untilMs - fromMs) / 1000,
    latenciesMs: writes
      .filter(({ beganMs }) => beganMs >= latest && beganMs < untilMs)
      .map(({ beganMs, endedMs }) => endedMs - beganMs),
    failed: played.flatMap(({ observations }) => observations).filter(({ kind }) => isFailure(kind)).length,
  };
}

/** What all processes of a round took, with what its server did. */
function spentOf(played: readonly Played[], server: { readonly cpuMs: number; readonly memoryBytes: number }): Spent {
  const sum = (of: (one: Played) => number) => played.reduce((total, one) => total + of(one), 0);
  return {
    acknowledged: sum(({ observations }) => observations.filter(({ kind }) => kind === 'acknowledged').length),
    cpuMs: sum(({ cpuMs }) => cpuMs) + server.cpuMs,
    serverCpuMs: server.cpuMs,
    memoryBytes: sum(({ memoryBytes }) => memoryBytes) + server.memoryBytes,
    serverMemoryBytes: server.memoryBytes,
  };
}

function writesOf({ beganMs: zeroMs, observations }: Played): readonly Write[] {
  const writes: Write[] = [];
  let beganMs: number | undefined;
  for (const { kind, nowMs } of observations) {
    if (kind === 'commit-begins') beganMs = zeroMs + nowMs;
    else if (kind === 'acknowledged' && beganMs !== undefined) writes.push({ beganMs, endedMs: zeroMs + nowMs });
  }
  return writes;
}
