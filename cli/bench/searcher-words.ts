// What a searcher is told and tells (searcher-main.ts).
import type { ErrorSaid } from '../../harness/errors/errors.ts';
import type { RunnerOptions } from '../../harness/search/runner.ts';
import type { LaneBinaries } from '../../harness/run/pool.ts';

/** Ends the search that a searcher is in; a signal, so that it is heard in the middle of a run too. */
export const stopSignal = 'SIGUSR2';

export interface SearcherSetting {
  readonly scenarioModule: string;
  readonly scenario: string;
  readonly machine: LaneBinaries;
}

/**
 * A search up to the first hit; the searcher makes the runs `first`, `first + stride`, …
 *
 * @property runs at most this many
 * @property timeMs real milliseconds for runs and what confirms them: the last is cut off, and counts for nothing
 */
export interface SearchOrder {
  readonly options: RunnerOptions;
  readonly first: number;
  readonly stride: number;
  readonly runs?: number;
  readonly timeMs?: number;
}

export type ToSearcher = { readonly open: SearcherSetting } | { readonly search: SearchOrder };

/** `hit` comes as soon as there is one, `ended` when the searcher is free for the next search. */
export type FromSearcher =
  | { readonly hit: { readonly run: number } }
  | { readonly ended: { readonly runs: number; readonly steps: number } }
  | { readonly error: ErrorSaid };
