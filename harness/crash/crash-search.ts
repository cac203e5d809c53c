// One run, and all that a power loss could have left of its disk: each state is opened by a process that was not in the run, and judged
// by what was promised; of some the opening itself is cut off by another power loss. What stays out: which states there are
// (crash-states.ts) and what they are held to (judge-image.ts).
import { stream } from '../model/random.ts';
import type { Crash, CrashState } from '../model/crash.ts';
import type { Durability, FileSystem } from '../model/file-systems.ts';
import type { DiskLog } from '../model/disk.ts';
import type { History } from '../model/history.ts';
import type { Violation } from '../model/invariant.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import { harnessError } from '../errors/errors.ts';
import { judgedBy } from '../judge/judge-history.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { type CrashPoint, crashPoints } from '../disk/crash-points.ts';
import { chosenStates } from './chosen-states.ts';
import { statesAt } from '../disk/crash-states.ts';
import { diskBefore, DurableDisk } from '../disk/durable-disk.ts';
import { type Image, Images } from '../disk/image.ts';
import { EvidenceOfImages, OpenedDisks } from './evidence.ts';
import { type Excuse, excuseOf, isAbsence, noExcuse, Renames } from './excuses.ts';
import { type FirstUser, firstUserOf } from './first-use.ts';
import { type Evidence, historyAt, judgeImage } from './judge-image.ts';
import { recordRecovery, type RecordedRun, recordRun } from './recorded-run.ts';
import { replayCrash } from './replay-crash.ts';

/**
 * @property plan without a power loss
 * @property system the file system under it
 * @property statesMax states of the run, and of each opening, that are tried at most; where there are more, a sample by `seed`
 * @property recoveriesMax images of which the first opening is cut off as well; of more a sample
 * @property recorded the run of the plan, where it was recorded already
 * @property opened what other searches of the same run have found, where there are any; default: nothing
 * @property shows invariants of which a failure is shown, with a plan that was replayed: that is a run more, or two; default: all
 * @property timeMs real milliseconds for all; default: as long as it takes
 * @property onState told after each state how many were tried, of how many
 */
export interface CrashSearchOptions {
  readonly coordinator: Coordinator;
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly system: FileSystem;
  readonly durability: Durability;
  readonly statesMax: number;
  readonly recoveriesMax: number;
  readonly seed: number;
  readonly recorded?: RecordedRun;
  readonly opened?: OpenedDisks;
  readonly shows?: (invariant: string) => boolean;
  readonly timeMs?: number;
  readonly stop: () => boolean;
  readonly onState?: (tried: number, of: number) => void;
}

/**
 * An invariant that some state violates.
 *
 * @property states how many do
 * @property first the one of which the least was lost; what a replay of its plan gave: `hash` is null, and nothing is said, where there was
 *   no time for one
 */
export interface CrashFailure {
  readonly invariant: string;
  readonly states: number;
  readonly first: {
    readonly violation: Violation;
    readonly plan: Plan;
    readonly hash: string | null;
    readonly says: readonly string[];
  };
}

/**
 * States of one kind: `all` there are, so many of them `tried`, which came to so many different `images`; `failing` violate anything, and
 * `recovered` would, if SQLite alone opened them, but the strategy's own first use brings back what is gone.
 */
export interface StateCounts {
  readonly all: number;
  readonly tried: number;
  readonly images: number;
  readonly failing: number;
  readonly recovered: number;
}

/**
 * @property history of the run; undefined where it was interrupted, or its time was up, before it was over
 * @property operations on the disk of the run
 * @property acknowledged commits that the run's programs were told of: without any, only soundness is judged
 * @property points moments at which the power went
 * @property underWay states in which something was not synced
 * @property losing states in which acknowledged rows are gone, as the promise allows; and the most rows of one
 * @property recoveries images of which the first opening was cut off, of those that have something to recover and nothing wrong; and its states
 * @property complete all states of the run were tried
 * @property baseline harm that the run does without a power loss. Of what such a run is violated by, and of its rows, only that counts
 *   which is not there too where nothing is lost at the same moment
 * @property statesPerSecond of those that were opened, real; `processorMs`: processor time for all of them, of this process and of those that
 *   open them, without first uses
 */
export interface CrashSearch {
  readonly history: History | undefined;
  readonly operations: number;
  readonly acknowledged: number;
  readonly points: number;
  readonly states: StateCounts;
  readonly underWay: number;
  readonly losing: { readonly states: number; readonly rowsMost: number };
  readonly recoveries: StateCounts & { readonly openings: number; readonly of: number };
  readonly baseline: readonly Violation[];
  readonly failures: readonly CrashFailure[];
  readonly complete: boolean;
  readonly timeUp: boolean;
  readonly interrupted: boolean;
  readonly statesPerSecond: number;
  readonly processorMs: number;
}

interface Tried {
  readonly crash: Crash;
  readonly point: CrashPoint;
}

interface Found {
  readonly invariant: string;
  states: number;
  best: Tried & { readonly violation: Violation };
  bestSize: number;
}

/** How much of the run is lost in it: the smaller, the easier to understand. */
function sizeOf({ lost, hollow = [], torn, spoilt, recovery }: Omit<Crash, 'model'> & Pick<Crash, 'recovery'>): number {
  const inRanges = [...lost, ...hollow].reduce((all, [from, to]) => all + to - from + 1, 0);
  const more = (torn === undefined ? 0 : 1) + (spoilt === undefined ? 0 : 1);
  return inRanges + more + (recovery === undefined ? 0 : 1 + sizeOf(recovery));
}

/** What the run itself violates, hazards left out: the question is what a power loss does. */
function harmIn(scenario: Scenario, history: History): readonly Violation[] {
  return judgedBy(
    scenario,
    scenario.invariants.filter(({ about }) => about === 'harm'),
    history,
  );
}

class Search {
  readonly #options: CrashSearchOptions;
  readonly #opened: OpenedDisks;
  readonly #first: FirstUser | undefined;
  readonly #evidence: EvidenceOfImages;
  readonly #began = performance.now();
  readonly #found = new Map<string, Found>();
  /** States whose images hold what was promised and have something to recover, by digest. */
  readonly #toRecover = new Map<string, Tried>();
  /** Digests of images of which some state does not hold. */
  readonly #failed = new Set<string>();
  #run: RecordedRun | undefined;
  #baseline: readonly Violation[] = [];
  #renames: Renames | undefined;
  /** Where the run does harm by itself: by moment. */
  readonly #excuses = new Map<number, Excuse>();
  readonly #states = { all: 0, tried: 0, images: 0, failing: 0, recovered: 0 };
  readonly #recoveries = { all: 0, tried: 0, images: 0, failing: 0, recovered: 0, openings: 0 };
  #underWay = 0;
  readonly #losing = { states: 0, rowsMost: 0 };
  #openingMs = 0;
  #processorMs = 0;
  #timeUp = false;

  constructor(options: CrashSearchOptions, opened: OpenedDisks) {
    const { coordinator, scenario, plan } = options;
    this.#options = options;
    this.#opened = opened;
    this.#first = firstUserOf(scenario, plan);
    this.#evidence = new EvidenceOfImages({ coordinator, opened, first: this.#first, stop: this.#mustEnd });
  }

  async go(): Promise<CrashSearch> {
    const { stop, shows = () => true } = this.#options;
    const failures: CrashFailure[] = [];
    let complete = false;
    try {
      complete = await this.#search();
      for (const found of this.#found.values()) if (shows(found.invariant)) failures.push(await this.#confirm(found));
    } catch (error) {
      if (!(error instanceof RunInterrupted)) throw error;
      complete = false;
    }
    const history = this.#run?.history;
    return {
      history,
      operations: this.#run?.log.operations.length ?? 0,
      acknowledged: history?.observations.filter(({ kind }) => kind === 'committed').length ?? 0,
      points: this.#run === undefined ? 0 : crashPoints(this.#run.log).length,
      states: this.#states,
      underWay: this.#underWay,
      losing: this.#losing,
      recoveries: { ...this.#recoveries, of: this.#toRecover.size },
      baseline: this.#baseline,
      failures,
      complete: complete && this.#states.tried === this.#states.all,
      timeUp: this.#timeUp,
      interrupted: stop(),
      statesPerSecond: this.#openingMs === 0 ? 0 : (this.#evidence.count * 1000) / this.#openingMs,
      processorMs: this.#processorMs,
    };
  }

  /** Asked in the middle of runs. */
  readonly #mustEnd = (): boolean => {
    const { timeMs = Infinity, stop } = this.#options;
    this.#timeUp ||= performance.now() - this.#began > timeMs;
    return this.#timeUp || stop();
  };

  /** A tenth of the time is for replaying what was found. Result: false when it was interrupted, or the time was up. */
  #mayGoOn(): boolean {
    const { timeMs = Infinity, stop } = this.#options;
    this.#timeUp ||= performance.now() - this.#began > 0.9 * timeMs;
    return !this.#timeUp && !stop();
  }

  /** Result: as {@link #mayGoOn} says in the end. */
  async #search(): Promise<boolean> {
    const { coordinator, scenario, plan, recorded } = this.#options;
    this.#run = recorded ?? (await recordRun({ coordinator, scenario, plan, stop: this.#mustEnd }));
    this.#baseline = harmIn(scenario, this.#run.history);
    if (this.#first === undefined) this.#renames = new Renames(this.#run.log, scenario);
    if (!(await this.#tryAll(this.#run))) return false;
    await this.#tryRecoveries();
    return true;
  }

  async #tryAll({ log }: RecordedRun): Promise<boolean> {
    const began = performance.now();
    const usedMs = this.#opened.openers.processorMs();
    const { system, statesMax, seed } = this.#options;
    const chosen = chosenStates(log, system, statesMax, stream('crash', seed, 0));
    this.#states.all = chosen.all;
    const whole = await this.#each(log, chosen.indexes, async (state, image, disk) => {
      const point = { before: state.before, step: log.operations[state.before]?.step ?? Infinity };
      await this.#tryUnhurt(point, disk);
      this.#states.tried++;
      if (disk.pending.length > 0) this.#underWay++;
      await this.#try(image, { crash: { ...system, ...state }, point }, this.#states);
      this.#options.onState?.(this.#states.tried, chosen.tried);
    });
    this.#evidence.settle();
    this.#openingMs = performance.now() - began;
    this.#processorMs = this.#opened.openers.processorMs() - usedMs;
    return whole;
  }

  /** A run that does harm by itself, or replaces its database, is compared with what it has done by then: that is opened first. */
  async #tryUnhurt(point: CrashPoint, disk: DurableDisk): Promise<void> {
    const { before } = point;
    const { history } = this.#run ?? {};
    const isReplaced = this.#renames?.isReplaced(before) === true;
    if ((this.#baseline.length === 0 && !isReplaced) || history === undefined || this.#excuses.has(before)) return;
    const { scenario, durability } = this.#options;
    const more = this.#first?.invariants ?? [];
    await this.#evidence.look(new Images(disk).of({ before, lost: [] }), (evidence) => {
      const judged = (one: History) => judgeImage(scenario, one, durability, { used: evidence.used, more }).violations;
      const seen = historyAt(history, point, evidence.autopsy);
      this.#excuses.set(before, excuseOf(this.#baseline, isReplaced, evidence, seen, judged, more));
    });
    this.#evidence.settle(); // those that are judged from here on ask for it
  }

  /** @param indexes of states by the moment before which they are */
  async #each(
    log: DiskLog,
    indexes: ReadonlyMap<number, readonly number[]>,
    body: (state: CrashState, image: Image, disk: DurableDisk) => Promise<void>,
  ): Promise<boolean> {
    const disk = new DurableDisk(log, this.#options.system);
    const images = new Images(disk);
    for (const [before, chosen] of indexes) {
      disk.goTo(before);
      images.forget();
      const states = statesAt(disk, before);
      for (const index of chosen) {
        if (!this.#mayGoOn()) return false;
        const state = states.at(index);
        await body(state, images.of(state), disk);
      }
    }
    return true;
  }

  async #try(image: Image, tried: Tried, counts: { images: number }): Promise<void> {
    const { digest } = image;
    const isNew = await this.#evidence.look(image, (evidence) => {
      const holds = this.#judge(tried, evidence);
      if (tried.crash.recovery !== undefined) return;
      const { hotJournal, walPages } = evidence.autopsy.before;
      const recovers = hotJournal || walPages > 0 || this.#first !== undefined;
      if (!holds) this.#failed.add(digest);
      if (this.#failed.has(digest)) this.#toRecover.delete(digest);
      else if (recovers && !this.#toRecover.has(digest)) this.#toRecover.set(digest, tried);
    });
    if (isNew) counts.images++;
  }

  /** Result: whether nothing is violated. */
  #judge(tried: Tried, { autopsy, used }: Evidence): boolean {
    const { scenario, durability } = this.#options;
    if (this.#run === undefined) return true;
    const excuse = this.#excuses.get(tried.point.before) ?? noExcuse;
    const { before } = tried.point;
    const asked = excuse.asked(historyAt(this.#run.history, tried.point, autopsy));
    const seen = this.#renames?.asked(asked, before) ?? asked;
    const judged = judgeImage(scenario, seen, durability, { used, more: this.#first?.invariants ?? [] });
    const isDoing = (one: Violation) =>
      !excuse.invariants.has(one.invariant) && !(this.#first === undefined && isAbsence(one, autopsy, scenario));
    const violations = judged.violations.filter(isDoing);
    const { lostRows } = judged;
    if (lostRows > 0) {
      this.#losing.states++;
      this.#losing.rowsMost = Math.max(this.#losing.rowsMost, lostRows);
    }
    const counts = tried.crash.recovery === undefined ? this.#states : this.#recoveries;
    if (violations.length > 0) counts.failing++;
    else if (judged.bare.some(isDoing)) counts.recovered++;
    const size = sizeOf(tried.crash);
    for (const [invariant, violation] of new Map(violations.map((one) => [one.invariant, one]))) {
      const best = { ...tried, violation };
      const found = this.#found.get(invariant) ?? { invariant, states: 0, best, bestSize: size };
      found.states++;
      if (size < found.bestSize) Object.assign(found, { best, bestSize: size });
      this.#found.set(invariant, found);
    }
    return violations.length === 0;
  }

  /** The power goes once more, while an image is opened for the first time. */
  async #tryRecoveries(): Promise<void> {
    const { coordinator, scenario, plan, system, recoveriesMax, statesMax, seed } = this.#options;
    const random = stream('crash', seed, 1);
    const left = [...this.#toRecover.values()];
    while (left.length > 0 && this.#recoveries.openings < recoveriesMax && this.#mayGoOn()) {
      const [one] = left.splice(Math.floor(random() * left.length), 1);
      if (one === undefined || this.#run === undefined) return;
      const { crash, point } = one;
      const first = new Images(diskBefore(this.#run.log, system, crash.before)).of(crash);
      const recovering = { coordinator, scenario, plan, first: this.#first, stop: this.#mustEnd };
      const { log } = await recordRecovery(recovering, first);
      this.#recoveries.openings++;
      const chosen = chosenStates(log, system, statesMax, random);
      this.#recoveries.all += chosen.all;
      await this.#each(log, chosen.indexes, async (state, image) => {
        this.#recoveries.tried++;
        await this.#try(image, { crash: { ...crash, recovery: state }, point }, this.#recoveries);
      });
      this.#evidence.settle();
    }
  }

  /** What was found counts only if its plan gives it again. */
  async #confirm({ invariant, states, best }: Found): Promise<CrashFailure> {
    const { coordinator, scenario, durability } = this.#options;
    const plan = { ...this.#options.plan, crash: { ...best.crash, promise: durability } };
    const { openers } = this.#opened;
    try {
      const options = { coordinator, openers, scenario, plan, stop: this.#mustEnd };
      const { violations, history, says } = await replayCrash(options);
      const violation = violations.find((one) => one.invariant === invariant);
      if (violation !== undefined) return { invariant, states, first: { violation, plan, hash: history.hash, says } };
    } catch (error) {
      if (!(error instanceof RunInterrupted)) throw error;
      return { invariant, states, first: { violation: best.violation, plan, hash: null, says: [] } };
    }
    throw harnessError(
      'CRASH_DIFFERS',
      `A power loss violated ${invariant}, and does not when its plan is run again.`,
      'Replay the plan several times (`lockstep replay PLAN --times 20`); if those hashes are one, report this with the plan.',
    );
  }
}

/**
 * Tries what a power loss can leave of one run.
 *
 * @throws harness errors
 */
export async function crashSearch(options: CrashSearchOptions): Promise<CrashSearch> {
  const { database, queries } = options.scenario;
  if (options.opened !== undefined) return new Search(options, options.opened).go();
  const opened = new OpenedDisks({ database, queries, stop: options.stop });
  try {
    return await new Search(options, opened).go();
  } finally {
    opened.close();
  }
}
