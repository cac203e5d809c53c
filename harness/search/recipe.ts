// How a run is drawn: from the streams of chance of a run number, with some draws in them replaced. What stays out: which draws to replace
// (feedback.ts), and what is drawn (draw-plan.ts, run/choosers/).
import { type Random, stream, type StreamName } from '../model/random.ts';

/**
 * JSON, so that it can be handed to another process.
 *
 * @property root number of the run whose streams these are
 * @property changes draws that are others: the `at`th of a stream, from 0 on, is `value`, in [0, 1)
 * @property stalled coverage had, before this run (stall.ts): its schedule is another chooser's
 */
export interface Recipe {
  readonly root: number;
  readonly changes: readonly { readonly stream: StreamName; readonly at: number; readonly value: number }[];
  readonly stalled?: boolean;
}

/** How many draws a run took of each stream. */
export type Draws = { readonly [name in StreamName]?: number };

/** The streams of one run, which count what is drawn from them. */
export class RecipeStreams {
  readonly #recipe: Recipe;
  readonly #seed: number;
  readonly #drawn = new Map<StreamName, number>();

  constructor(seed: number, recipe: Recipe) {
    this.#seed = seed;
    this.#recipe = recipe;
  }

  /** Each stream is asked for once. */
  of(name: StreamName): Random {
    const { root, changes } = this.#recipe;
    const random = stream(name, this.#seed, root);
    const others = new Map(changes.flatMap((one) => (one.stream === name ? [[one.at, one.value] as const] : [])));
    return () => {
      const at = this.#drawn.get(name) ?? 0;
      this.#drawn.set(name, at + 1);
      const value = random(); // of a draw that is replaced too: those after it stay as they are
      return others.get(at) ?? value;
    };
  }

  get draws(): Draws {
    return Object.fromEntries(this.#drawn);
  }
}
