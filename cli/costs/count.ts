// What a commit asks of the operating system, counted in lock step: the same numbers on every machine and each time. The
// gateways take turns, a write each, so nobody waits for a lock: the price of a commit, not of a queue. What stays out: time.
import type { Written } from '../../harness/postgres/crash-point.ts';
import type { Coordinator } from '../../harness/run/coordinator.ts';
import { op } from '../../harness/model/operations.ts';
import { type RawRecord, decode } from '../../harness/model/record.ts';
import type { History } from '../../harness/model/history.ts';
import { parseObserved } from '../../harness/model/observation.ts';
import { parseRequest, type Request } from '../../harness/model/request.ts';
import type { StepLane, StepSink } from '../../harness/model/step.ts';
import { replayChooser } from '../../harness/run/choosers/replay.ts';
import { isOnServer } from '../../scenarios/kanban/on-server.ts';
import { busyScenario, type Crowd, planOf, servicesOf } from './busy.ts';

/**
 * @property commits that were acknowledged; the other figures are 0 where there are none
 * Of a strategy on a server, bytes and syncs are the server's, from a commit's begin to its acknowledgement; how much of a page of the WAL
 * it writes hangs on what was in it before, so that they are only nearly the same each time. It calls no VFS, and what its disk has grown by is
 * not counted.
 *
 * @property vfsCallsPerCommit calls of SQLite into its VFS, from the connect to the close that a commit takes
 * @property bytesPerCommit written to all files through the VFS, and to those of the strategy's own that are open to be written; the
 *   wal-index is memory and not in it, nor are files that are written or copied as wholes
 * @property syncsPerCommit of the same files
 * @property diskBytesPerCommit by which all files of the world together have grown, once everybody is idle
 * @property handles descriptors of the world's files that all processes together have open once everybody is idle
 */
export interface Counts {
  readonly commits: number;
  readonly vfsCallsPerCommit: number;
  readonly syncsPerCommit: number;
  readonly bytesPerCommit: number;
  readonly diskBytesPerCommit: number | null;
  readonly handles: number;
}

/**
 * So many tasks, of five commits each, shared among the gateways: just enough that a WAL which is never closed has grown to
 * 1,000 pages and is checkpointed, so that the price of that is in the figures too.
 */
export const countedTasks = 20;

/** Operations of the VFS that reach a file. Those left out are SQLite's clock, its chance and its sleeps, and the harness's. */
const vfsCalls: ReadonlySet<number> = new Set([
  op.open,
  op.close,
  op.read,
  op.write,
  op.truncate,
  op.sync,
  op.fileSize,
  op.lock,
  op.unlock,
  op.checkReserved,
  op.fileControl,
  op.shmMap,
  op.shmLock,
  op.shmBarrier,
  op.shmUnmap,
  op.fetch,
  op.unfetch,
  op.delete,
  op.access,
]);

/** What a commit's figures are of: those, and what a strategy writes to a file of its own. */
const counted: ReadonlySet<number> = new Set([...vfsCalls, op.fdWrite, op.fdSync]);

interface Tally {
  calls: number;
  syncs: number;
  bytes: number;
}

function add(to: Tally, more: Tally): void {
  to.calls += more.calls;
  to.syncs += more.syncs;
  to.bytes += more.bytes;
}

function nothing(): Tally {
  return { calls: 0, syncs: 0, bytes: 0 };
}

/**
 * Adds up what happens between the begin of each commit and its acknowledgement, in its own lane and, where a service does
 * it, in the service: what that does goes to whom it answers next. What did not end in a commit is not counted.
 */
export class CommitCounter implements StepSink {
  readonly #services: readonly string[];
  readonly #serverWritten: () => Written | undefined;
  /** What the server had written when a lane's commit began. */
  readonly #serverBefore = new Map<string, Written>();
  readonly #running = new Map<string, Tally>();
  readonly #total = nothing();
  #commits = 0;

  constructor(services: readonly string[], serverWritten: () => Written | undefined = () => undefined) {
    this.#services = services;
    this.#serverWritten = serverWritten;
  }

  see(_step: number, record: Readonly<RawRecord>, lane: StepLane): void {
    const { name } = lane;
    const serves = this.#services.includes(name);
    const tally = serves && counted.has(record.op) ? this.#tallyOf(name) : this.#running.get(name);
    if (counted.has(record.op)) this.#count(tally, record);
    else if (record.op === op.observe) this.#hear(name, parseObserved(record.text).kind);
    else if (record.op === op.ask && serves) this.#asks(name, parseRequest(record.text));
  }

  /**
   * @param handles see {@link Counts}
   * @param diskBytes by which the files have grown; null where nobody knows
   */
  result(handles: number, diskBytes: number | null): Counts {
    const { calls, syncs, bytes } = this.#total;
    const each = (count: number) => (this.#commits === 0 ? 0 : count / this.#commits);
    return {
      commits: this.#commits,
      vfsCallsPerCommit: each(calls),
      syncsPerCommit: each(syncs),
      bytesPerCommit: each(bytes),
      diskBytesPerCommit: diskBytes === null ? null : each(diskBytes),
      handles,
    };
  }

  #count(tally: Tally | undefined, record: Readonly<RawRecord>): void {
    if (tally === undefined) return;
    if (vfsCalls.has(record.op)) tally.calls++;
    if (record.op === op.sync || record.op === op.fdSync) tally.syncs++;
    if (record.op === op.write || record.op === op.fdWrite) tally.bytes += decode.write(record).length;
  }

  #tallyOf(lane: string): Tally {
    const tally = this.#running.get(lane) ?? nothing();
    this.#running.set(lane, tally);
    return tally;
  }

  #hear(lane: string, kind: string): void {
    if (kind === 'commit-begins') this.#begin(lane);
    else if (kind === 'acknowledged') this.#acknowledge(lane);
    else if (kind === 'nothing-to-write' || kind === 'commit-failed') this.#running.delete(lane);
  }

  #begin(lane: string): void {
    this.#running.set(lane, nothing());
    const written = this.#serverWritten();
    if (written !== undefined) this.#serverBefore.set(lane, written);
  }

  #acknowledge(lane: string): void {
    const [before, after] = [this.#serverBefore.get(lane), this.#serverWritten()];
    if (before !== undefined && after !== undefined)
      add(this.#total, { calls: 0, bytes: after.bytes - before.bytes, syncs: after.syncs - before.syncs });
    add(this.#total, this.#tallyOf(lane));
    this.#running.delete(lane);
    this.#commits++;
  }

  #asks(service: string, request: Request): void {
    const asked = request.kind === 'send' ? this.#running.get(request.to) : undefined;
    if (asked !== undefined) add(asked, this.#tallyOf(service));
    this.#running.delete(service);
  }
}

function handlesOf({ looks }: History): number {
  return looks.find(({ label }) => label === 'idle')?.openFiles.length ?? 0;
}

/** What all files of the world have grown by. */
function diskGrowth({ observations }: History): number {
  const { before, bytes } = (observations.find(({ kind }) => kind === 'disk')?.data ?? {}) as Partial<DiskSaid>;
  return (bytes ?? 0) - (before ?? 0);
}

/** What a busy gateway says of the disk (scenarios/kanban/costs.program.ts). */
interface DiskSaid {
  readonly before: number;
  readonly bytes: number;
}

/**
 * Counts the commits of a crowd.
 *
 * @throws RunInterrupted when the coordinator was told to stop; harness errors
 */
export async function countCommits(coordinator: Coordinator, crowd: Crowd): Promise<Counts> {
  const plan = planOf(crowd, { tasks: countedTasks }, 0);
  const counter = new CommitCounter(servicesOf(plan), () => coordinator.serverWritten());
  const history = await coordinator.run(busyScenario, plan, replayChooser([]), [counter]);
  return counter.result(handlesOf(history), isOnServer(crowd.strategy) ? null : diskGrowth(history));
}
