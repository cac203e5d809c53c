// The folder of a comparison: `results.json`, written whole after every cell, `plans/` and `evidence/` of failing cells, and
// `index.html` at the end. What is there after a crash or a full disk is complete in itself, and `--resume` goes on from it.
// What an earlier comparison left there is moved into `earlier/`, as whole as it was.
// What stays out: what is in the documents.
import { existsSync, renameSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { harnessError, usageError } from '../harness/errors/errors.ts';
import { makeFolders } from '../harness/host/make-folders.js';
import { planText } from '../harness/search/plan-file.ts';
import { writeWhole } from '../harness/host/write-whole.ts';
import { type Evidence, evidenceFormat } from '../reports/evidence.ts';
import { readResults } from '../reports/read-results.ts';
import { filesOf, type Results } from '../reports/results.ts';
import type { Held } from './hold-folder.ts';
import { leadsElsewhere } from './below.ts';
import { type CellName, planFileOf, slugOf } from './cells.ts';
import { textOf } from './read.ts';
import type { FailureFiles, OtherPlans } from './result-cells.ts';
import type { Failure, Violated } from './visit.ts';

export const resultsFile = 'results.json';
export const pageFile = 'index.html';

/** Below it a folder for each comparison that a later one found here, named by the time of its run. */
const earlierFolder = 'earlier';

/** The folders of a comparison besides its own. */
const subfolders = ['plans', 'evidence'] as const;

/** When a comparison began, as its results say; undefined where they say nothing of the kind. */
function timeOf(results: Results | undefined): Date | undefined {
  const at = new Date(results?.about.at ?? Number.NaN);
  return Number.isNaN(at.getTime()) ? undefined : at;
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

  /**
   * Moves what an earlier comparison has left here into a folder of its own below, so that nothing of it is written over: page,
   * results, and as far as these name them plans and evidence. It is gone on with when it was cut short.
   *
   * @returns the path of that folder; undefined when there was nothing
   * @throws a usage error when a symbolic link leads it elsewhere; a harness error when it cannot be moved
   */
  setAside(): string | undefined {
    const documents = [pageFile, resultsFile].filter((file) => existsSync(this.path(file)));
    const earlier = this.#earlier();
    const [first] = documents;
    if (first === undefined || (earlier !== undefined && earlier.cells.length + earlier.costs.length === 0))
      return undefined;
    // The results come last: as long as they are here, the next command goes on with the rest.
    const named = new Set(earlier?.cells.flatMap(filesOf)); // two cells may name one file
    const files = [...named, ...documents].filter((file) => existsSync(this.path(file)));
    const folder = this.#freeFolder(timeOf(earlier) ?? statSync(this.path(first)).mtime, files);
    for (const file of files) this.#move(file, join(folder, file));
    for (const name of subfolders) this.#removeIfEmpty(name);
    return this.path(folder);
  }

  /** The results that are here; undefined when there are none, or none of ours. */
  #earlier(): Results | undefined {
    try {
      return readResults(this.resultsText() ?? '', resultsFile);
    } catch {
      return undefined;
    }
  }

  /** A folder in {@link earlierFolder} that has none of the files. A colon is no good in names of files. */
  #freeFolder(at: Date, files: readonly string[]): string {
    const name = join(earlierFolder, at.toISOString().replace(/\.\d+/, '').replaceAll(':', '-'));
    for (let n = 1; ; n++) {
      const folder = n === 1 ? name : `${name}-${n}`;
      if (!files.some((file) => existsSync(this.path(join(folder, file))))) return folder;
    }
  }

  #move(file: string, to: string): void {
    if (leadsElsewhere(this.folder, file)) return;
    this.checkInside(to);
    try {
      makeFolders(resolve(dirname(this.path(to))));
      renameSync(this.path(file), this.path(to));
    } catch (error) {
      throw harnessError(
        'RESULTS_NOT_KEPT',
        `${this.path(file)} of an earlier comparison could not be moved to ${this.path(to)}: ${error instanceof Error ? error.message : String(error)}`,
        'Make room there, or name another folder with --out.',
        error,
      );
    }
  }

  /** A folder that was emptied here; one that holds more, or is a link, stays. */
  #removeIfEmpty(name: string): void {
    try {
      rmdirSync(this.path(name));
    } catch {
      // It is somebody's.
    }
  }

  keepResults(results: Results): void {
    this.write(resultsFile, `${JSON.stringify(results, null, 1)}\n`);
  }

  /** Where the files of a failing cell are, below the folder. */
  filesOf(cell: CellName, { full, timeline, violations }: Failure, violated: readonly Violated[]): FailureFiles {
    const name = slugOf(cell);
    return {
      plan: planFileOf(cell),
      full: full === null ? null : `plans/${name}.found.json`,
      evidence: timeline === null ? null : `evidence/${name}.json`,
      others: this.#othersOf(cell, violations, violated),
    };
  }

  #othersOf(cell: CellName, violations: Failure['violations'], violated: readonly Violated[]): OtherPlans {
    const shown = new Set(violations.map(({ invariant }) => invariant));
    const others = violated.filter(({ invariant, plan }) => plan !== null && !shown.has(invariant));
    return Object.fromEntries(others.map(({ invariant }) => [invariant, `plans/${slugOf(cell)}.${invariant}.json`]));
  }

  /** Plans of what was found beside the failure that is shown, which violates `violations`. */
  keepOthers(cell: CellName, violations: Failure['violations'], violated: readonly Violated[]): OtherPlans {
    const others = this.#othersOf(cell, violations, violated);
    for (const { invariant, plan } of violated) {
      const file = others[invariant];
      if (plan !== null && file !== undefined) this.write(file, planText(plan));
    }
    return others;
  }

  keepFailure(cell: CellName, failure: Failure, violated: readonly Violated[]): FailureFiles {
    const { plan, full, timeline, violations } = failure;
    const files = this.filesOf(cell, failure, violated);
    this.keepOthers(cell, violations, violated);
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
