// Feedback on paper: what a generation is made of, and that the order in which its runs come back does not matter.
import { describe, expect, test } from 'vitest';
import { stream } from '../model/random.ts';
import { Feedback, generationRuns, type Reached } from './feedback.ts';
import { RecipeStreams } from './recipe.ts';

const fresh = (run: number) => ({ root: run, changes: [] });

/** Run 3 reaches something that no other does. */
function reached(feedback: Feedback, run: number): Reached {
  const recipe = feedback.recipeOf(run);
  const features = run === 3 ? [1, 2, 99] : [1, 2];
  return { run, recipe, draws: { chooser: 10, workload: 4 }, features };
}

const runs = (generation: number) => Array.from({ length: generationRuns }, (_, i) => generation * generationRuns + i);

describe('a generation', () => {
  test('is drawn anew at first, and then one half of it', () => {
    const feedback = new Feedback(7);
    for (const run of runs(0)) expect(feedback.recipeOf(run)).toEqual(fresh(run));
    for (const run of runs(0)) feedback.add(reached(feedback, run));
    const anew = runs(1).filter((run) => feedback.recipeOf(run).changes.length === 0);
    expect(anew).toEqual(runs(1).filter((run) => run % 2 === 0));
  });

  test('has as parents runs that reached something new, the rare more than others', () => {
    const feedback = new Feedback(7);
    for (const run of runs(0)) feedback.add(reached(feedback, run));
    const roots = [1, 2, 3, 4].flatMap((generation) => {
      const its = runs(generation).map((run) => feedback.recipeOf(run));
      for (const run of runs(generation)) feedback.add({ ...reached(feedback, run), features: [1, 2] });
      return its.filter(({ changes }) => changes.length > 0).map(({ root }) => root);
    });
    expect(roots.filter((root) => root !== 0 && root !== 3)).toEqual([]);
    expect(roots.filter((root) => root === 3).length).toBeGreaterThan(roots.length / 2);
  });

  test('waits for the one before it, and is the same in whichever order that comes back', () => {
    const recipes = [runs(0), runs(0).toReversed()].map((order) => {
      const feedback = new Feedback(7);
      for (const run of order) {
        expect(feedback.isReady(generationRuns)).toBe(false);
        feedback.add(reached(feedback, run));
      }
      expect(feedback.isReady(generationRuns)).toBe(true);
      // What comes back early of this generation is not yet made use of.
      feedback.add({ ...reached(feedback, generationRuns), features: [1234] });
      return runs(1).map((run) => feedback.recipeOf(run));
    });
    expect(recipes[0]).toEqual(recipes[1]);
  });

  test('is another one for another seed', () => {
    const [one, other] = [7, 8].map((seed) => {
      const feedback = new Feedback(seed);
      for (const run of runs(0)) feedback.add(reached(feedback, run));
      return runs(1).map((run) => feedback.recipeOf(run));
    });
    expect(one).not.toEqual(other);
  });
});

describe('a recipe', () => {
  test('replaces just its draws, and the others stay', () => {
    const streams = new RecipeStreams(1, { root: 5, changes: [{ stream: 'chooser', at: 2, value: 0.25 }] });
    const [random, plain] = [streams.of('chooser'), stream('chooser', 1, 5)];
    const drawn = Array.from({ length: 6 }, () => random());
    const asThey = Array.from({ length: 6 }, () => plain());
    expect(drawn).toEqual(asThey.with(2, 0.25));
    expect(streams.draws).toEqual({ chooser: 6 });
  });
});
