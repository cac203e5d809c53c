// What the steps of one run show, counted and listed for its history. One sink for all of it, before the tables take a step in.
// What stays out: what is known at the run's end only (autopsy.ts, look.ts).
import type { History } from '../model/history.ts';
import type { StartProcess } from '../model/process.ts';
import type { RawRecord } from '../model/record.ts';
import type { Scenario } from '../model/scenario.ts';
import type { StepLane, StepSink } from '../model/step.ts';
import { DatabasesUsed } from './databases-used.ts';
import { LaneEnds } from './lane-ends.ts';
import { MarkCounter } from './marks/catalogue.ts';
import { StepMarkCounter } from './scenario-marks.ts';
import { StrayWriteFinder } from './stray-writes.ts';
import type { Tables } from './tables.ts';
import { WrittenFiles } from './written-files.ts';

export class RunFacts implements StepSink {
  readonly #marks: MarkCounter;
  readonly #own: StepMarkCounter;
  readonly #strays: StrayWriteFinder;
  readonly #written = new WrittenFiles();
  readonly #databases = new DatabasesUsed();
  readonly #ends = new LaneEnds();

  constructor(scenario: Scenario, tables: Tables) {
    this.#marks = new MarkCounter(tables);
    this.#own = new StepMarkCounter(scenario);
    this.#strays = new StrayWriteFinder(tables.files);
  }

  see(step: number, record: Readonly<RawRecord>, lane: StepLane, nowMs: number): void {
    this.#marks.see(step, record, lane);
    this.#own.see(step, record, lane, nowMs);
    this.#strays.see(step, record, lane);
    this.#written.see(step, record, lane);
    this.#databases.see(step, record, lane);
    this.#ends.see(step, record, lane, nowMs);
  }

  /** @param started processes that the run began with */
  list(
    started: readonly StartProcess[],
  ): Pick<History, 'strayWrites' | 'written' | 'databases' | 'atWork' | 'laneEnds' | 'marks'> {
    return {
      strayWrites: this.#strays.list(),
      written: this.#written.list(),
      databases: this.#databases.list(),
      atWork: this.#databases.atWork(started),
      laneEnds: this.#ends.list(),
      marks: { ...this.#marks.counts(), ...this.#own.counts() },
    };
  }
}
