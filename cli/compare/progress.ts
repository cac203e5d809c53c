// What a person sees while a comparison goes on: on a terminal one line that lives (cells done, failures so far, time left)
// and a line for each failure; elsewhere a plain line for each cell that is done. What stays out: the results.
import type { ResultCell } from '../../reports/results.ts';
import type { Output } from '../output.ts';
import { foundBy, missingWords } from '../../reports/words.ts';
import { percent } from '../../harness/model/percent.ts';
import { clock, verdictWord } from '../words.ts';
import { type CellName, keyOf } from '../../compare/cells.ts';

/**
 * @property cells of the whole
 * @property known what earlier runs of the same comparison have found
 * @property open cells that are to be visited
 * @property bound that a pass must keep to
 * @property timeMs that is left; null when only the number of runs is bounded
 */
interface ProgressOptions {
  readonly cells: number;
  readonly known: readonly ResultCell[];
  readonly open: number;
  readonly bound: number;
  readonly timeMs: number | null;
}

/** A cell in one line. */
function cellLine(output: Output, cell: ResultCell, bound: number): string {
  const head = `${verdictWord(output, cell.verdict)}  ${keyOf(cell)}`;
  if (cell.verdict === 'error') return `${head}: ${cell.error?.message.split('\n')[0] ?? ''}`;
  if (cell.verdict === 'fail') {
    const names = [...new Set(cell.violations.map(({ invariant }) => invariant))].join(', ');
    return `${head}: ${names}; ${foundBy(cell)}`;
  }
  const replays = cell.reachedByReplay === 0 ? '' : ` and ${cell.reachedByReplay} times by replays`;
  const window = `window reached ${cell.reached} times${replays}`;
  const worth = cell.upperBound === null ? missingWords(cell, bound) : `failure rate ≤ ${percent(cell.upperBound)}`;
  return `${head}: ${cell.runs} ${cell.runs === 1 ? 'run' : 'runs'}, ${window}, ${worth}`;
}

/** Where no terminal is, a line of progress comes after so much silence: long cells are no hang. */
const quietMsMost = 30_000;

export class Progress implements Disposable {
  readonly #output: Output;
  readonly #options: ProgressOptions;
  readonly #began = performance.now();
  readonly #known = new Map<string, ResultCell>();
  readonly #ticking: NodeJS.Timeout;
  readonly #seen = new Set<string>();
  readonly #finished = new Set<string>();
  /** The lines of cells that were said. */
  readonly #told = new Set<string>();
  #saidMs = performance.now();
  #doing = '';

  constructor(output: Output, options: ProgressOptions) {
    this.#output = output;
    this.#options = options;
    for (const cell of options.known) this.#known.set(keyOf(cell), cell);
    this.#ticking = setInterval(() => {
      this.#show();
      if (!output.live && performance.now() - this.#saidMs > quietMsMost) this.#say();
    }, 500);
  }

  /** A worker went to a cell. */
  begins(cell: CellName): void {
    this.#doing = keyOf(cell);
    this.#show();
  }

  /** @param final its line may be said; it is said anew where it changes after that */
  took(cell: ResultCell, final: boolean): void {
    this.#known.set(keyOf(cell), cell);
    this.#seen.add(keyOf(cell));
    if (final) this.#finished.add(keyOf(cell));
    const line = cellLine(this.#output, cell, this.#options.bound);
    if (final && !this.#told.has(line) && (!this.#output.live || cell.verdict === 'fail' || cell.verdict === 'error')) {
      this.#told.add(line);
      this.#tell(line);
    }
    this.#show();
  }

  /** Something else is being done. */
  says(what: string): void {
    this.#doing = what;
    this.#show();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#ticking);
    this.#output.clearStatus();
  }

  #tell(line: string): void {
    this.#saidMs = performance.now();
    this.#output.progress(line);
  }

  #say(): void {
    this.#tell(this.#line());
  }

  #show(): void {
    this.#output.status(this.#line());
  }

  #line(): string {
    const { cells, open, timeMs } = this.#options;
    const elapsedMs = performance.now() - this.#began;
    const count = (verdict: string) => [...this.#known.values()].filter((cell) => cell.verdict === verdict).length;
    const seen = this.#seen.size;
    const leftMs = timeMs === null ? (elapsedMs / Math.max(1, seen)) * (open - seen) : timeMs - elapsedMs;
    const left = timeMs === null && seen === 0 ? '' : `, ${clock(leftMs)} left`;
    const settled = this.#finished.size === seen ? '' : ` (${this.#finished.size} settled)`;
    const done = `${cells - open + seen}/${cells} cells${settled}`;
    return `${done}, ${count('fail')} failed, ${count('inconclusive')} inconclusive${left}  ${this.#doing}`;
  }
}
