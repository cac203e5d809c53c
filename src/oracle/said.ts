// What each kind of observation of the simulated system says, and short ways to read and to tell it. What stays out:
// judgement, and what the observations of other programs say (harness/model/history.ts).
import type { Observation } from '../../harness/model/history.ts';

interface OfTask {
  readonly task: string;
  readonly run: number;
  readonly by: string;
}
interface OfBoard {
  readonly board: string;
  readonly by: string;
}
interface OfTick {
  readonly gateway: string;
  readonly lane: string;
}
interface OfCode {
  readonly code: string;
  readonly message?: string;
}
interface OfKeys {
  readonly table: string;
  readonly keys: readonly string[];
}

/** What the simulated system says, by kind. `quiet` is the harness's own word: wakings that were skipped, each like the last. */
export interface Said {
  readonly committing: OfKeys;
  readonly committed: OfKeys;
  readonly claimed: OfTask;
  readonly spawned: OfTask & { readonly worker: string };
  readonly 'run-ended': OfTask & { readonly outcome: string };
  readonly 'dispatch-begin': OfBoard;
  readonly 'dispatch-end': OfBoard;
  readonly 'gateway-up': {
    readonly gateway: string;
    readonly profile: string;
    readonly dispatchIntervalMs: number;
    readonly unit?: string | null;
    readonly detached?: boolean;
    readonly force?: boolean;
    readonly watchers?: readonly string[];
  };
  readonly 'gateway-down': { readonly gateway: string; readonly why?: string };
  readonly tick: OfTick & { readonly skipped?: string };
  readonly 'tick-failed': OfTick & OfCode & { readonly statement: string };
  readonly 'call-failed': OfCode;
  readonly 'corrupt-error': OfBoard & OfCode;
  readonly backup: { readonly by: string; readonly name: string; readonly bytes: number };
  readonly quarantined: OfBoard & { readonly fingerprint: string };
  /** A person's new board is about to take the place of the old one. */
  readonly 'board-renewing': OfBoard;
  readonly 'board-created': OfBoard & { readonly deliberate?: boolean };
  readonly 'rolled-back': OfKeys;
  readonly 'board-recovered': OfBoard & {
    readonly why: string;
    readonly sequence: number;
    readonly unlike: number;
    readonly aside: string | null;
    readonly lost: readonly string[];
    readonly unnamed?: number;
  };
  readonly 'board-repaired': OfBoard & {
    readonly aside: string;
    readonly rows: number;
    readonly unread: readonly string[];
  };
  readonly 'board-replaced': OfBoard & {
    readonly rescue: string;
    readonly rows: readonly string[];
    readonly message: string;
  };
  readonly 'board-gone': OfBoard & { readonly restorable: readonly string[]; readonly message: string };
  readonly 'unit-started': { readonly unit: string; readonly process: string; readonly restart: number };
  readonly 'unit-failed': { readonly unit: string; readonly reason: string };
  readonly 'unit-stopped': { readonly unit: string };
  readonly operator: { readonly act: string };
  readonly quiet: { readonly untilMs: number; readonly wakings: number };
}

/** An observation with its data, by kind. */
export type Word<K extends keyof Said = keyof Said> = K extends keyof Said
  ? Pick<Observation, 'step' | 'lane' | 'nowMs'> & { readonly kind: K; readonly data: Said[K] }
  : never;

/** The observations of these kinds, in order. */
export function wordsOf<K extends keyof Said>(
  observations: readonly Observation[],
  ...kinds: readonly K[]
): readonly Word<K>[] {
  const wanted: ReadonlySet<string> = new Set(kinds);
  return observations.filter(({ kind }) => wanted.has(kind)) as unknown as readonly Word<K>[];
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
