// A bug with a known answer, for the benchmark of choosers (`lockstep bench --bugs`). One file a bug beside this one, NAME.bug.ts, and
// nothing else names it: catalogue.ts reads the folder. What stays out: searching (cli/bench/bugs/).
import type { Fault } from '../../harness/model/fault.ts';
import type { History } from '../../harness/model/history.ts';
import type { Queries } from '../../harness/model/queries.ts';
import type { Scenario } from '../../harness/model/scenario.ts';
import type { Json } from '../../harness/model/values.ts';

/**
 * @property kind engine: a defect of SQLite · use: SQLite used as it must not be · mutant: a fix as a bad patch would make it · planted: a
 *   mistake of concurrent programs
 * @property depth so many steps must come in a given order for it to show (bug depth of Burckhardt et al., ASPLOS 2010)
 * @property engine SQLite version
 * @property invariants a hit violates one of them
 * @property says what such a violation says
 */
interface Known {
  readonly name: string;
  readonly about: string;
  readonly kind: 'engine' | 'use' | 'mutant' | 'planted';
  readonly depth: 1 | 2 | 3 | 4;
  readonly engine: string;
  readonly signature: { readonly invariants: readonly string[]; readonly says: RegExp };
}

/**
 * A bug of a scenario that stands elsewhere.
 *
 * @property sound strategy and engine on which the same search must find nothing
 */
export interface ScenarioBug extends Known {
  readonly scenario: Scenario;
  readonly strategy: string;
  readonly sound: { readonly strategy: string; readonly engine: string };
}

/** Draws a whole number, both ends included. */
export type Draw = (least: number, most: number) => number;

/** What a planted bug's program is told: what its process says, and whether it is to do it right. */
export type Told<Args> = Args & { readonly fixed: boolean };

export interface PlantedProcess {
  readonly name: string;
  /** Name of a function that the bug's file exports. */
  readonly program: string;
  readonly args: { readonly [name: string]: Json };
}

/**
 * A small program with a bug in it, and without it: the programs are the functions that its file exports.
 *
 * @property schema SQL that makes `app.db`
 * @property queries asked of it at the end
 * @property vary settings of SQLite differ from run to run
 * @property rule what must hold: the invariant `planted`
 * @property broken how it does not, as a sentence; undefined where it holds
 */
export interface PlantedBug extends Known {
  readonly schema: string;
  readonly database?: string;
  readonly queries: Queries;
  readonly vary?: boolean;
  readonly processes: (draw: Draw) => readonly PlantedProcess[];
  readonly faults?: (draw: Draw) => readonly Fault[];
  readonly rule: string;
  readonly broken: (history: History) => string | undefined;
}

export type Bug = ScenarioBug | PlantedBug;
