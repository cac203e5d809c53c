// The folder of a comparison: `results.json`, written whole after every cell, `plans/` and `evidence/` of failing cells, and
// `index.html` at the end. What is there after a crash or a full disk is complete in itself, and `--resume` goes on from it.
// What stays out: what is in the documents.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { harnessError, usageError } from '../harness/errors/errors.ts';
import { planText } from '../harness/search/plan-file.ts';
import { writeWhole } from '../harness/host/write-whole.ts';
import { type Evidence, evidenceFormat } from '../reports/evidence.ts';
import { filesOf, type Results } from '../reports/results.ts';
import type { Held } from './hold-folder.ts';
import { leadsElsewhere } from './below.ts';
import type { CellName } from './cells.ts';
import { textOf } from './read.ts';
import type { FailureFiles } from './result-cells.ts';
import type { Failure, Violated } from './visit.ts';

export const resultsFile = 'results.json';
export const pageFile = 'index.html';

/** A name for files of a cell. Names of scenarios, strategies and engines have no slash. */
function slug({ scenario, strategy, engine }: CellName): string {
  return `${scenario}-${strategy}-${engine}`;
}

export class Store {
  readonly folder: string;
  readonly #held: Held;
  readonly #remedy: string;

  /** @param remedy what to do when there is no room for a file, as a sentence */
  constructor(folder: string, held: Held, remedy = 'Make room, and give the same command again.') {
    this.folder = folder;
    this.#held = held;
    this.#remedy = remedy;
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  /** The text of the result document that is here; undefined when there is none. */
  resultsText(): string | undefined {
    const path = this.path(resultsFile);
    return existsSync(path) ? textOf(path) : undefined;
  }

  /** Removes what an earlier comparison has left here, as far as its results name it. */
  clear(earlier: Results): void {
    for (const file of [...earlier.cells.flatMap(filesOf), pageFile, resultsFile])
      if (!leadsElsewhere(this.folder, file)) rmSync(this.path(file), { force: true });
  }

  keepResults(results: Results): void {
    this.write(resultsFile, `${JSON.stringify(results, null, 1)}\n`);
  }

  /** Where the files of a failing cell are, below the folder. */
  filesOf(cell: CellName, { full, timeline, violations }: Failure, violated: readonly Violated[]): FailureFiles {
    const name = slug(cell);
    const shown = new Set(violations.map(({ invariant }) => invariant));
    const others = violated.filter(({ invariant }) => !shown.has(invariant));
    return {
      plan: `plans/${name}.json`,
      full: full === null ? null : `plans/${name}.found.json`,
      evidence: timeline === null ? null : `evidence/${name}.json`,
      others: Object.fromEntries(
        others.flatMap((one) => (one.plan === null ? [] : [[one.invariant, `plans/${name}.${one.invariant}.json`]])),
      ),
    };
  }

  keepFailure(cell: CellName, failure: Failure, violated: readonly Violated[]): FailureFiles {
    const { plan, full, timeline } = failure;
    const files = this.filesOf(cell, failure, violated);
    for (const other of violated) {
      const file = files.others[other.invariant];
      if (other.plan !== null && file !== undefined) this.write(file, planText(other.plan));
    }
    this.write(files.plan, planText(plan));
    if (full !== null && files.full !== null) this.write(files.full, planText(full));
    if (timeline !== null && files.evidence !== null) {
      const evidence: Evidence = { format: evidenceFormat, plan, full, timeline };
      this.write(files.evidence, JSON.stringify(evidence));
    }
    return files;
  }

  /** Throws a usage error when a symbolic link leads a file of this folder out of it. */
  checkInside(file: string): void {
    if (!leadsElsewhere(this.folder, file)) return;
    throw usageError(
      'OUT_LINKED',
      `${this.path(file)} would be written outside of ${this.folder}, by a symbolic link.`,
      'Remove that link, or name another folder with --out.',
    );
  }

  /** Writes a file whole or not at all. Throws a harness error that says what is kept. */
  write(file: string, text: string): void {
    this.#held.check();
    this.checkInside(file);
    try {
      writeWhole(this.path(file), text);
    } catch (error) {
      throw harnessError(
        'RESULTS_UNWRITABLE',
        error instanceof Error ? error.message : String(error),
        this.#remedy,
        error,
      );
    }
  }
}
