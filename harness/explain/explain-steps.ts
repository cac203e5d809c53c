// The story of a run that violated something, from its steps and its history, as Elle tells an anomaly: a chain of facts.
// It goes backwards from the harm (rows that are gone, writes that went astray, a damaged database) to the file or lock
// operation that made it possible, and leaves out all that the harm does not need. Pure: the same steps give the same
// facts. What stays out: running anything.
import type { History } from '../model/history.ts';
import type { TraceStep } from '../observe/trace.ts';
import type { Invariant, Violation } from '../model/invariant.ts';
import { tellDeaths, tellErrors, tellRefusals, tellWords } from './errors.ts';
import { eventsOf, type RunEvent, type RunEvents } from './events.ts';
import type { ExplainedFact } from './fact.ts';
import { lostRowsOf, skippedIn } from './lost-rows.ts';
import { FileTeller } from './tell-files.ts';
import { tellLockLost, tellWroteUnheld } from './tell-locks.ts';
import { tellCircumstances } from './tell-circumstances.ts';
import { tellCopies } from './tell-copies.ts';
import { tellRows, tellStrayWrites } from './tell-rows.ts';
import { tellFaults, tellPreemptions } from './tell-schedule.ts';
import { harmOf, tellSlice } from './tell-slice.ts';
import { tellReset } from './tell-wal.ts';
import { Telling } from './telling.ts';

/** Longest message of an invariant that is repeated whole. */
const messageMax = 200;

/** Its message is a link of the chain. */
const toldByTheChain = 'no-stray-writes';

const aboutRows: ReadonlySet<string> = new Set(['acknowledged-commits', 'whole-transactions']);

/** What a chain of file and lock operations explains, where there is one. */
const aboutFiles: ReadonlySet<string> = new Set([
  ...aboutRows,
  'integrity',
  toldByTheChain,
  'locks-held',
  'no-deleted-files',
]);

/** Overwritten files that are told one by one. */
const overwritesMax = 3;

/** Violations of one invariant of which the circumstances are told. */
const circumstancesMax = 2;

/**
 * Explains a run.
 *
 * @param steps of the whole run, in order; steps that ask and change nothing may be left out
 * @param history of the same run
 * @param invariants those that it was judged by
 * @returns facts by step; a single one when nothing was violated
 */
export function explainSteps(
  steps: readonly TraceStep[],
  history: History,
  invariants: readonly Invariant[],
): readonly ExplainedFact[] {
  const harm = invariants.filter(({ about }) => about === 'harm').flatMap((one) => one.check(history));
  const hazards = invariants.filter(({ about }) => about === 'hazard').flatMap((one) => one.check(history));
  const telling = new Telling();
  if (harm.length + hazards.length === 0) {
    telling.add('nothing', {
      step: null,
      kind: 'end',
      sentence: 'No invariant was violated: there is nothing to explain.',
      lanes: [],
    });
    return telling.inOrder();
  }
  const story = new Story(steps, history, telling);
  if (harm.length > 0) story.harm(harm);
  else story.hazards(hazards);
  story.end(harm.length > 0 ? harm : hazards);
  return telling.inOrder();
}

class Story {
  readonly #steps: readonly TraceStep[];
  readonly #history: History;
  readonly #telling: Telling;
  readonly #run: RunEvents;
  readonly #files: FileTeller;

  constructor(steps: readonly TraceStep[], history: History, telling: Telling) {
    this.#steps = steps;
    this.#history = history;
    this.#telling = telling;
    this.#run = eventsOf(steps);
    this.#files = new FileTeller(this.#run, telling);
  }

  harm(violations: readonly Violation[]): void {
    const violated = new Set(violations.map(({ invariant }) => invariant));
    const rows = [...aboutRows].some((name) => violated.has(name)) ? lostRowsOf(this.#history, this.#run) : [];
    tellRows(this.#telling, this.#files, rows, this.#history);
    if (violated.has('no-stray-writes')) this.#strays();
    const told = this.#telling.size;
    if (violated.has('integrity') || rows.some(({ place }) => place.kind === 'kept') || this.#telling.size === 0)
      this.#damage();
    this.#split();
    if (this.#telling.size === told && rows.every(({ place }) => place.kind === 'unknown'))
      tellCopies(this.#telling, this.#run.copies.torn());
    const explained = rows.some(({ place }) => place.kind !== 'unknown') || this.#telling.size > 0;
    for (const [invariant, all] of Map.groupBy(violations, (one) => one.invariant)) {
      if (explained && aboutFiles.has(invariant)) continue;
      for (const one of all.slice(0, circumstancesMax)) tellCircumstances(this.#telling, this.#run, this.#history, one);
    }
    const harm = harmOf(rows, violations, this.#run, this.#steps, this.#history);
    if (harm !== undefined) tellSlice(this.#telling, harm, this.#run, this.#steps, this.#history);
  }

  /** What may do harm, told by its first case. */
  hazards(violations: readonly Violation[]): void {
    const violated = new Set(violations.map(({ invariant }) => invariant));
    const lost = this.#first('lock-lost');
    if (violated.has('locks-held') && lost !== undefined) tellLockLost(this.#telling, lost);
    const file = this.#run.events.find((event) => event.kind === 'file-lost' && event.holders.length > 0);
    if (violated.has('no-deleted-files') && file?.kind === 'file-lost') this.#files.lost(file);
  }

  #first<K extends RunEvent['kind']>(kind: K): Extract<RunEvent, { kind: K }> | undefined {
    return this.#run.events.find((event): event is Extract<RunEvent, { kind: K }> => event.kind === kind);
  }

  #strays(): void {
    const { strayWrites } = this.#history;
    const [first] = strayWrites;
    if (first === undefined) return;
    const lost = this.#files.lostAt(first.lost.step);
    if (lost !== undefined) this.#files.lost(lost);
    tellStrayWrites(
      this.#telling,
      strayWrites.filter((one) => one.lost.step === first.lost.step),
    );
  }

  /** What can damage a database, as far as this run did it; the first case of each. */
  #damage(): void {
    const before = this.#telling.size;
    for (const event of this.#run.events)
      if (event.kind === 'wal-reset' && (skippedIn(event) > 0 || event.copies !== undefined)) {
        tellReset(this.#telling, event);
        break;
      }
    this.#unheld();
    const mispaired = this.#first('mispaired');
    if (mispaired !== undefined) this.#files.mispaired(mispaired);
    const second = this.#first('second-name');
    if (second !== undefined) this.#files.secondName(second);
    this.#overwrites();
    const written = this.#first('split-write');
    const index = this.#first('split-index');
    if (written !== undefined) {
      this.#files.splitWrite(written);
      if (index !== undefined) this.#files.splitIndex(index);
    }
    if (this.#telling.size > before) return;
    const granted = this.#first('granted-against');
    if (granted !== undefined) this.#files.granted(granted);
  }

  /** Those under somebody's feet before others, and of these the last: they are nearest to the harm. */
  #overwrites(): void {
    const all = this.#run.events.filter((event) => event.kind === 'overwritten');
    const under = all.filter(({ holders }) => holders.length > 0);
    for (const event of (under.length > 0 ? under : all).slice(-overwritesMax)) this.#files.overwritten(event);
  }

  /** Two who wrote: what one was granted under the commit of another, and how that went on. */
  #unheld(): void {
    const wrote = this.#first('wrote-unheld');
    if (wrote === undefined) return;
    tellWroteUnheld(this.#telling, wrote);
    const journal = this.#run.events.find(
      (event) =>
        event.kind === 'file-lost' &&
        event.name.endsWith('-journal') &&
        event.holders.some(({ lane }) => lane === wrote.lane) &&
        event.step < wrote.step,
    );
    if (journal?.kind === 'file-lost') this.#files.lost(journal);
    for (const what of ['SHARED', 'RESERVED', 'EXCLUSIVE']) {
      const granted = this.#run.events.find(
        (event) =>
          event.kind === 'granted-against' &&
          event.what === what &&
          event.step < wrote.step &&
          event.others.some(({ lost }) => lost === wrote.lost),
      );
      if (granted?.kind === 'granted-against') this.#files.granted(granted);
    }
  }

  /** The first new connection that a loss which has been told left with the wrong wal-index; where none is told, of any. */
  #split(): void {
    const splits = this.#run.events.filter((event) => event.kind === 'split-index');
    if (splits.some((event) => this.#telling.has(event))) return;
    const told = splits.find(({ lost }) => this.#files.isTold(lost));
    const split = told ?? (this.#telling.size === 0 ? splits[0] : undefined);
    if (split !== undefined) this.#files.splitIndex(split);
  }

  /** What the plan did, what lanes met afterwards, and what it came to. */
  end(violations: readonly Violation[]): void {
    const told = this.#telling.inOrder().flatMap(({ step }) => (step === null ? [] : [step]));
    tellFaults(this.#telling, this.#steps, this.#history);
    const checkpoints = this.#run.events.flatMap((event) =>
      event.kind === 'wal-reset' ? [{ from: event.checkpoint.step, to: event.endStep ?? event.step }] : [],
    );
    tellPreemptions(this.#telling, this.#steps, this.#history, checkpoints);
    tellDeaths(this.#telling, this.#steps, this.#history);
    tellRefusals(this.#telling, this.#history);
    tellWords(this.#telling, this.#steps, this.#history);
    tellErrors(this.#telling, this.#steps, this.#history, Math.min(...told, Infinity));
    for (const [invariant, [first, ...more]] of Map.groupBy(violations, (one) => one.invariant)) {
      if (first === undefined || invariant === toldByTheChain) continue;
      const said = first.message.replaceAll('\n', ' / ');
      const isLong = said.length > messageMax;
      const message = isLong ? `${said.slice(0, messageMax).replace(/\s+\S*$/, '')} …` : said;
      const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
      this.#telling.add(`violated ${invariant}`, {
        step: null,
        kind: 'violation',
        sentence: `Violated, ${invariant}: ${message}${rest}${isLong && rest === '' ? '' : '.'}`,
        lanes: [],
      });
    }
  }
}
