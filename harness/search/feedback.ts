// Feedback: streams of chance whose run reached something new are kept, and drawn from again with a few draws replaced ("Feedback-guided
// adaptive testing of distributed systems", NSDI 2026, over any base chooser). Runs come in generations of a fixed size: what one is made
// of depends on the generations before it alone, so that any number of jobs makes the same runs. Half of each generation is drawn anew:
// those runs are independent of each other, and only they count towards a pass. What the generations so far came to is a Corpus; whoever
// shares one between machines takes whole generations into it (campaign/generations.ts).
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

/**
 * What the generations so far have reached, as data.
 *
 * @property runsWith each feature, and in how many runs it was
 */
export interface CorpusState {
  readonly runsWith: readonly (readonly [number, number])[];
  readonly parents: readonly Parent[];
}

/** What whole generations have reached, and how the runs of the next one are drawn. */
export class Corpus {
  readonly #seed: number;
  readonly #generation: number;
  /** In how many runs each feature was. */
  readonly #runsWith: Map<number, number>;
  readonly #parents: Parent[];

  /**
   * @param generation how many runs one has
   * @param state of earlier generations; default: there was none
   */
  constructor(seed: number, generation: number, { runsWith, parents }: CorpusState = { runsWith: [], parents: [] }) {
    this.#seed = seed;
    this.#generation = generation;
    this.#runsWith = new Map(runsWith);
    this.#parents = [...parents];
  }

  get state(): CorpusState {
    return { runsWith: [...this.#runsWith], parents: this.#parents };
  }

  /** Takes a run in: those of a generation in the order of their numbers. */
  take({ recipe, draws, features }: Reached): void {
    const isNew = features.some((feature) => !this.#runsWith.has(feature));
    for (const feature of features) this.#runsWith.set(feature, (this.#runsWith.get(feature) ?? 0) + 1);
    if (!isNew) return;
    this.#parents.push({ recipe, draws, features });
    if (this.#parents.length > parentsMost) this.#parents.shift();
  }

  /** Of a run of the next generation. */
  recipeOf(run: number): Recipe {
    if (run < this.#generation || run % 2 === 0 || this.#parents.length === 0) return { root: run, changes: [] };
    const random = stream('feedback', this.#seed, run);
    const parent = this.#draw(random);
    return parent === undefined ? { root: run, changes: [] } : mutant(parent, random);
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

/** Of the runs of one search, from number `first` on. */
export class Feedback {
  readonly #corpus: Corpus;
  readonly #reached = new Map<number, Reached>();
  /** Runs below it have been taken in, in their order: whole generations. */
  #taken: number;

  constructor(seed: number, first = 0) {
    this.#corpus = new Corpus(seed, generationRuns);
    this.#taken = first;
  }

  add(reached: Reached): void {
    this.#reached.set(reached.run, reached);
    while (this.#isWhole()) {
      for (const end = this.#end(); this.#taken < end; this.#taken++) {
        const next = this.#reached.get(this.#taken);
        this.#reached.delete(this.#taken);
        if (next !== undefined) this.#corpus.take(next);
      }
    }
  }

  /** Of the generation that is next. */
  #end(): number {
    return (Math.floor(this.#taken / generationRuns) + 1) * generationRuns;
  }

  /** Has the generation that is next been made? */
  #isWhole(): boolean {
    for (let run = this.#taken, end = this.#end(); run < end; run++) if (!this.#reached.has(run)) return false;
    return true;
  }

  /** Can it be said how a run is drawn? Not before all of the generations before its own have been made. */
  isReady(run: number): boolean {
    return this.#taken >= Math.floor(run / generationRuns) * generationRuns;
  }

  /** Of a run that is ready. */
  recipeOf(run: number): Recipe {
    return this.#corpus.recipeOf(run);
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
