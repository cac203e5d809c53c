// What sentences of reports are made of: pieces, some of which name a strategy or a cell. What stays out: what they say (answer.ts and
// the files beside it).
import type { CellName } from './words.ts';

/** A piece of a sentence that names a strategy, or one of its cells: the page makes a link of it. */
export interface Link {
  readonly text: string;
  readonly strategy: string;
  readonly scenario?: string;
  readonly engine?: string;
}

export type SentenceKind =
  | 'coverage'
  | 'survived'
  | 'ablation'
  | 'choice'
  | 'failed'
  | 'partial'
  | 'found'
  | 'inconclusive'
  | 'missing'
  | 'error'
  | 'bound'
  | 'claims'
  | 'baseline';

/** @property text all pieces joined */
export interface Sentence {
  readonly kind: SentenceKind;
  readonly text: string;
  readonly pieces: readonly (string | Link)[];
}

export type Pieces = readonly (string | Link)[];

export function say(kind: SentenceKind, ...pieces: Pieces): Sentence {
  return { kind, text: pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join(''), pieces };
}

/** `a, b and c`, of pieces. */
export function series(items: readonly Pieces[]): Pieces {
  return items.flatMap((item, i) => [...(i === 0 ? [] : [i === items.length - 1 ? ' and ' : ', ']), ...item]);
}

export function linkTo({ scenario, strategy, engine }: CellName, text: string): Link {
  return { text, strategy, scenario, engine };
}

/** `a, b and c`, each a link to its strategy. */
export function named(strategies: readonly string[]): Pieces {
  return series(strategies.map((strategy) => [{ text: strategy, strategy }]));
}
