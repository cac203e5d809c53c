// What each strategy costs a healthy system: first counted in lock step, then timed in rounds that run free, all strategies by
// turns, so that a noisy minute of the machine meets all alike. What stays out: printing, and what is made of the figures.
import { Coordinator } from '../../harness/run/coordinator.ts';
import { stream } from '../../harness/model/random.ts';
import { RunInterrupted } from '../../harness/errors/interrupted.ts';
import type { LaneBinaries } from '../../harness/run/pool.ts';
import type { ResultCost } from '../../reports/results.ts';
import { findServer } from '../../harness/postgres/find-server.ts';
import { isOnServer } from '../../scenarios/kanban/on-server.ts';
import type { Crowd } from './busy.ts';
import { type Counts, countCommits } from './count.ts';
import { FreeRounds, type Spent } from './rounds.ts';
import { type Estimated, type Round, roundFigures } from './statistics.ts';

/** Sizes of the crowd, in gateways: one alone, as reported, and many. */
export const crowdSizes = [1, 4, 16] as const;

/** @property timeMs real, for the whole: see {@link leastTimeMs}; or so many rounds of each strategy and size */
export type CostsBudget = { readonly timeMs: number } | { readonly rounds: number };

/**
 * @property strategies names, or combinations with `+`
 * @property machine of the engine (cli/machine.ts)
 * @property gateways sizes of the crowd, such as 1, 4 and 16
 * @property seed of the gateways' chance, of the order of the rounds and of the bootstrap
 * @property stop asked now and then, in the middle of rounds and counted runs too; true ends it with what there is
 * @property onProgress hears a line for each step of the way
 * @property folder an existing folder on the disk that is to be measured; default: where all runs are, which is tmpfs if
 *   there is one
 */
export interface CostsOptions {
  readonly strategies: readonly string[];
  readonly engine: string;
  readonly machine: LaneBinaries;
  readonly gateways: readonly number[];
  readonly budget: CostsBudget;
  readonly seed: number;
  readonly stop?: () => boolean;
  readonly onProgress?: (line: string) => void;
  readonly folder?: string | undefined;
}

/** Rounds of each strategy and size that are aimed at: the length of rounds follows from it; more time gives more rounds. */
const roundsAimed = 6;
/** With fewer, intervals are very wide: {@link leastTimeMs} is the time for so many. */
const roundsMeant = 5;
/** So many are made even where the time is up: without them there are no intervals at all. */
const roundsLeast = 3;
/** Real milliseconds for which one gateway is busy in a round. */
const roundMs = { warmUp: 60, min: 80, usual: 150, max: 400 } as const;
/** Several gateways wait for each other, some for two or three polls of 50 ms: their rounds are so much longer. */
const crowdedRounds = 2.5;

const quantiles = [0.5, 0.95, 0.99] as const;

/** A crowd with all that is known of it. */
interface Cost {
  readonly crowd: Crowd;
  readonly counts: Counts;
  readonly rounds: (Round & Spent)[];
  /** Of a round that was made for it, before the others. */
  memory?: Pick<Spent, 'memoryBytes' | 'serverMemoryBytes'>;
}

/**
 * Measures what strategies cost.
 *
 * Timed, in rounds that run free on a fresh board: N real processes do what busy gateways do (create, claim, heartbeat,
 * comment, complete), each write in a use of the board of its own, with the strategy's own connections, journal, locks and
 * probes. A commit is such a write. Its latency is real time from the call that begins it (before the connect) to its return
 * (after the close): lock waits, busy retries and the polls of the strategy's own locks are in it. The first connect of a
 * process is not, nor what a strategy costs outside of writes (a check every six hours, a guard at the start). Under `proxy`
 * the server is a process beside the gateways, asked through FIFOs. Under `leader` one gateway claims tasks, all do the rest.
 * Of `shared` the connection is in it, and not the way of an operation from thread to thread.
 *
 * Counted, in lock step: see count.ts. On tmpfs a sync costs next to nothing, and on a disk milliseconds: read times beside
 * syncs per commit, or measure in a `folder` on the disk.
 *
 * Processor time and memory are those of all processes: of a strategy on a server, the server's too, which is started for the rounds with
 * PostgreSQL's own settings where those of lock step (harness/postgres/settings.ts) take chance or clocks away. A process
 * is a Node here, whatever the strategy: what differs between two strategies is theirs.
 *
 * @returns a cost for each strategy and size that has a round, in the order of strategies, then of sizes. Where every commit
 *   failed, `samples` is 0, `failed` is not, and the other figures are 0 and say nothing
 * @throws StrategyError before anything is measured; harness errors. No other coordinator of this process may be open: it
 *   would keep the free processes to its own processor
 */
export async function measureCosts(options: CostsOptions): Promise<readonly ResultCost[]> {
  const beganMs = performance.now();
  const { strategies, engine, gateways: sizes, machine, folder, seed, stop = () => false } = options;
  const onServer = strategies.filter((strategy) => isOnServer(strategy));
  const canServe = onServer.length === 0 || findServer() !== undefined;
  if (!canServe) options.onProgress?.('costs: strategies on a server are left out: there is no PostgreSQL here');
  const measured = strategies.filter((strategy) => canServe || !onServer.includes(strategy));
  const crowds = measured.flatMap((strategy) => sizes.map((gateways): Crowd => ({ strategy, engine, gateways })));
  const free = new FreeRounds(machine.binding, folder);
  const watch = setInterval(() => {
    if (stop()) free.close(); // a round may take minutes: it ends with its processes
  }, 50);
  let costs: readonly Cost[] = [];
  try {
    costs = await count(options, crowds);
    if (costs.length > 0) await timeAll(options, costs, free, beganMs);
  } catch (error) {
    if (!stop()) throw error;
  } finally {
    clearInterval(watch);
    free.close();
  }
  return costs.filter(({ rounds }) => rounds.length > 0).map((cost, i) => resultOf(cost, seed, i));
}

/**
 * The least `timeMs` that gives meaningful figures on an ordinary machine: five rounds of each strategy and size, beside
 * counting and starting processes. With less, rounds are as short as can be and down to three, and if that is too long,
 * `measureCosts` takes longer than it was given.
 */
export function leastTimeMs(strategies: number, gateways: readonly number[]): number {
  const startMs = 2000 + 200 * Math.max(...gateways);
  const eachMs = (size: number) => 250 + roundsMeant * (roundMs.min * (size === 1 ? 1 : crowdedRounds) + 20 + 3 * size);
  return startMs + strategies * gateways.reduce((sum, size) => sum + eachMs(size), 0);
}

/** Counts each crowd's commits. Result: those that there was time for before the stop. */
async function count(
  { machine, stop = () => false, onProgress }: CostsOptions,
  crowds: readonly Crowd[],
): Promise<Cost[]> {
  const costs: Cost[] = [];
  const coordinator = new Coordinator({ machine, stop });
  try {
    for (const crowd of crowds) {
      if (stop()) break;
      costs.push({ crowd, counts: await countCommits(coordinator, crowd), rounds: [] });
      onProgress?.(`costs: ${titleOf(crowd)} counted, ${costs.length} of ${crowds.length}`);
    }
  } catch (error) {
    if (!(error instanceof RunInterrupted)) throw error;
  } finally {
    coordinator.close();
  }
  return costs;
}

/** Fills in the rounds: one of each crowd to warm up, which is thrown away, then sweep after sweep. */
async function timeAll(
  options: CostsOptions,
  costs: readonly Cost[],
  free: FreeRounds,
  beganMs: number,
): Promise<void> {
  const { budget, seed, stop = () => false, onProgress } = options;
  const sizes = costs.map(({ crowd }) => crowd.gateways);
  await free.warm(Math.max(...sizes) + 1);
  const warmingMs = performance.now();
  for (const cost of costs) {
    if (stop()) return;
    const { crowd } = cost;
    const { memoryBytes, serverMemoryBytes } = await free.play(crowd, roundMs.warmUp * weightOf(crowd), seed, true);
    cost.memory = { memoryBytes, serverMemoryBytes };
  }
  const weights = costs.reduce((sum, { crowd }) => sum + weightOf(crowd), 0);
  const besideMs = performance.now() - warmingMs - roundMs.warmUp * weights;
  const leftMs = () => ('timeMs' in budget ? beganMs + budget.timeMs - performance.now() : Infinity);
  const forMs = 'timeMs' in budget ? lengthOf(leftMs(), besideMs, weights) : roundMs.usual;
  const random = stream('costs', seed, 0);
  let sweepMs = 0;
  for (let sweep = 0; goesOn(budget, sweep, leftMs(), sweepMs); sweep++) {
    const sweepBeganMs = performance.now();
    for (const { crowd, rounds } of shuffled(costs, random)) {
      if (stop()) return;
      rounds.push(await free.play(crowd, forMs * weightOf(crowd), seed + sweep));
    }
    sweepMs = performance.now() - sweepBeganMs;
    onProgress?.(`costs: ${sweep + 1} rounds of each of ${costs.length}`);
  }
}

function weightOf({ gateways }: Crowd): number {
  return gateways === 1 ? 1 : crowdedRounds;
}

/**
 * How long a round of one gateway is to be, real milliseconds.
 *
 * @param besideMs what a sweep takes beside its rounds: fresh files, first connects, waits that last longer than the round
 * @param weights of all rounds of a sweep together
 */
function lengthOf(leftMs: number, besideMs: number, weights: number): number {
  const ms = (leftMs / roundsAimed - Math.max(0, besideMs)) / weights;
  return Math.round(Math.min(roundMs.max, Math.max(roundMs.min, ms)));
}

/** Sweeps are whole, so that every crowd has as many rounds as the others. */
function goesOn(budget: CostsBudget, sweeps: number, leftMs: number, sweepMs: number): boolean {
  if ('rounds' in budget) return sweeps < budget.rounds;
  return sweeps < roundsLeast || leftMs >= sweepMs;
}

function shuffled<T>(list: readonly T[], random: () => number): readonly T[] {
  return list
    .map((one) => ({ one, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

function titleOf({ strategy, gateways }: Crowd): string {
  return `${strategy}, ${gateways} ${gateways === 1 ? 'gateway' : 'gateways'}`;
}

function resultOf({ crowd, counts, rounds, memory }: Cost, seed: number, index: number): ResultCost {
  const { samples, commitsPerSecond, quantilesMs } = roundFigures(rounds, quantiles, stream('costs', seed, index));
  const [p50, p95, p99] = quantilesMs;
  const { vfsCallsPerCommit, syncsPerCommit, bytesPerCommit, diskBytesPerCommit, handles } = counts;
  return {
    ...crowd,
    samples,
    commitsPerSecond: commitsPerSecond.value,
    commitsPerSecondInterval: intervalOf(commitsPerSecond),
    p50Ms: p50?.value ?? 0,
    p50Interval: intervalOf(p50),
    p95Ms: p95?.value ?? 0,
    p95Interval: intervalOf(p95),
    p99Ms: p99?.value ?? 0,
    p99Interval: intervalOf(p99),
    vfsCallsPerCommit,
    syncsPerCommit,
    bytesPerCommit,
    diskBytesPerCommit,
    handles,
    cpuMsPerCommit: perCommit(rounds, ({ cpuMs }) => cpuMs),
    serverCpuMsPerCommit: perCommit(rounds, ({ serverCpuMs }) => serverCpuMs),
    memoryBytes: memory?.memoryBytes ?? null,
    serverMemoryBytes: memory?.serverMemoryBytes ?? null,
    failed: rounds.reduce((sum, { failed }) => sum + failed, 0),
  };
}

/** Of all rounds together; null where none of them has a commit. */
function perCommit(rounds: readonly Spent[], of: (round: Spent) => number): number | null {
  const acknowledged = rounds.reduce((sum, round) => sum + round.acknowledged, 0);
  return acknowledged === 0 ? null : rounds.reduce((sum, round) => sum + of(round), 0) / acknowledged;
}

function intervalOf({ low, high }: Estimated = { value: 0, low: 0, high: 0 }): {
  readonly low: number;
  readonly high: number;
} {
  return { low, high };
}
