// Feedback: streams of chance whose run reached something new are kept, and drawn from again with a few draws replaced ("Feedback-guided
// adaptive testing of distributed systems", NSDI 2026, over any base chooser). Runs come in generations of a fixed size: what one is made
// of depends on the generations before it alone, so that any number of jobs makes the same runs. Half of each generation is drawn anew:
// those runs are independent of each other, and only they count towards a pass.
import { below, type Random, stream, type StreamName } from '../model/random.ts';
import type { Draws, Recipe } from './recipe.ts';

export const generationRuns = 16;

/** Draws that a mutant has replaced, and how often it is in the plan, not in the schedule. */
const replaced = { most: 5, inPlan: 0.25 } as const;

/** Streams of which plans are drawn. */
const planStreams: readonly StreamName[] = ['workload', 'faults', 'placed', 'parameters', 'swarm', 'io'];

/** So many parents are kept: the ones that came last go on. */
const parentsMost = 256;

interface Parent {
  readonly recipe: Recipe;
  readonly draws: Draws;
  readonly features: readonly number[];
}

/** What a run tells of itself. */
export interface Reached {
  readonly run: number;
  readonly recipe: Recipe;
  readonly draws: Draws;
  readonly features: readonly number[];
}

function generationOf(run: number): number {
  return Math.floor(run / generationRuns);
}

/** Of the runs of one search, from number `first` on. */
export class Feedback {
  readonly #seed: number;
  readonly #reached = new Map<number, Reached>();
  /** In how many runs each feature was. */
  readonly #runsWith = new Map<number, number>();
  readonly #parents: Parent[] = [];
  /** Runs below it have been taken in, in their order: whole generations. */
  #taken: number;

  constructor(seed: number, first = 0) {
    this.#seed = seed;
    this.#taken = first;
  }

  add(reached: Reached): void {
    this.#reached.set(reached.run, reached);
    while (this.#isWhole()) {
      for (const end = (generationOf(this.#taken) + 1) * generationRuns; this.#taken < end; this.#taken++) {
        const next = this.#reached.get(this.#taken);
        this.#reached.delete(this.#taken);
        if (next !== undefined) this.#take(next);
      }
    }
  }

  /** Has the generation that is next been made? */
  #isWhole(): boolean {
    const end = (generationOf(this.#taken) + 1) * generationRuns;
    for (let run = this.#taken; run < end; run++) if (!this.#reached.has(run)) return false;
    return true;
  }

  /** Can it be said how a run is drawn? Not before all of the generations before its own have been made. */
  isReady(run: number): boolean {
    return this.#taken >= generationOf(run) * generationRuns;
  }

  /** Of a run that is ready. */
  recipeOf(run: number): Recipe {
    const generation = generationOf(run);
    if (generation === 0 || run % 2 === 0 || this.#parents.length === 0) return { root: run, changes: [] };
    const random = stream('feedback', this.#seed, run);
    const parent = this.#draw(random);
    return parent === undefined ? { root: run, changes: [] } : mutant(parent, random);
  }

  #take({ recipe, draws, features }: Reached): void {
    const isNew = features.some((feature) => !this.#runsWith.has(feature));
    for (const feature of features) this.#runsWith.set(feature, (this.#runsWith.get(feature) ?? 0) + 1);
    if (!isNew) return;
    this.#parents.push({ recipe, draws, features });
    if (this.#parents.length > parentsMost) this.#parents.shift();
  }

  /** In proportion to how rare the rarest is that it has reached. */
  #draw(random: Random): Parent | undefined {
    const energy = this.#parents.map(
      ({ features }) => 1 / features.reduce((least, one) => Math.min(least, this.#runsWith.get(one) ?? 1), Infinity),
    );
    let at = random() * energy.reduce((sum, one) => sum + one, 0);
    return this.#parents.find((_, i) => (at -= energy[i] ?? 0) < 0) ?? this.#parents.at(-1);
  }
}

/** @returns the parent's recipe with some more draws replaced */
function mutant({ recipe, draws }: Parent, random: Random): Recipe {
  const inPlan = random() < replaced.inPlan ? planStreams.filter((name) => (draws[name] ?? 0) > 0) : [];
  const streams: readonly StreamName[] = inPlan.length > 0 ? inPlan : ['chooser'];
  const count = 1 + below(random, replaced.most);
  const changes = Array.from({ length: count }, () => {
    const name = streams[below(random, streams.length)] ?? 'chooser';
    return { stream: name, at: below(random, Math.max(1, draws[name] ?? 1)), value: random() };
  });
  return { ...recipe, changes: [...recipe.changes, ...changes] };
}
