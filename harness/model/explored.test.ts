// The estimators on populations that are known: what they say of the unseen is near what there is.
import { describe, expect, test } from 'vitest';
import { type ExploredState, ExploredTally } from './explored.ts';
import { type Random, stream } from './random.ts';
import { chanceOfNew, isPlateau, leastInAll, newIn } from './unseen.ts';

const random = (n: number): Random => stream('costs', n, 1);

/** Runs that each show some species of a population, each with a chance of its own. */
function drawn(chances: readonly number[], runs: number, dice: Random) {
  return Array.from({ length: runs }, () => chances.flatMap((chance, species) => (dice() < chance ? [species] : [])));
}

function tallied(runs: readonly (readonly number[])[], state?: ExploredState): ExploredTally {
  const tally = new ExploredTally(state);
  for (const meetings of runs) tally.add({ meetings, order: meetings.join(), pairs: [] });
  return tally;
}

/** From frequent to rare, as in programs. */
const population = Array.from({ length: 400 }, (_, i) => 0.5 / (1 + i / 4));

describe('a population that is known', () => {
  test('how many there are in all is between what was seen and the truth, and nearer to it than what was seen', () => {
    const { explored } = tallied(drawn(population, 40, random(1)));
    const least = leastInAll(explored.meetings, explored.runs);
    expect(explored.meetings.seen).toBeLessThan(320);
    expect(least).toBeGreaterThan(explored.meetings.seen + 20);
    expect(least).toBeLessThan(population.length * 1.15);
  });

  test('the chance that one more run shows something new is that of many runs which were tried, and below its bound', () => {
    const dice = random(2);
    let [said, bounded, came] = [0, 0, 0];
    const times = 200;
    for (let time = 0; time < times; time++) {
      const runs = drawn(population, 120, dice);
      const { explored } = tallied(runs);
      const seen = new Set(runs.flat());
      const chance = chanceOfNew(explored.meetings, explored.runs);
      said += chance?.chance ?? NaN;
      bounded += chance?.most ?? NaN;
      if (drawn(population, 1, dice)[0]?.some((one) => !seen.has(one)) === true) came++;
    }
    expect(Math.abs(said - came) / times).toBeLessThan(0.1);
    expect(bounded).toBeGreaterThan(came);
  });

  test('so many new ones as are foretold do come in as many runs again', () => {
    const runs = drawn(population, 160, random(3));
    const [half, all] = [tallied(runs.slice(0, 80)).explored, tallied(runs).explored];
    const foretold = newIn(half.meetings, 80, 80);
    const came = all.meetings.seen - half.meetings.seen;
    expect(foretold).toBeGreaterThan(came / 1.5);
    expect(foretold).toBeLessThan(came * 1.5);
  });

  test('where all were seen often nothing is missing, and it is a plateau; few runs are none', () => {
    const few = Array.from({ length: 10 }, () => 0.6);
    const { explored } = tallied(drawn(few, 400, random(4)));
    expect(explored.meetings).toMatchObject({ seen: 10, once: 0, alone: 0 });
    expect(leastInAll(explored.meetings, explored.runs)).toBe(10);
    expect(newIn(explored.meetings, explored.runs, 400)).toBe(0);
    expect(isPlateau(explored)).toBe(true);
    expect(isPlateau(tallied(drawn(few, 30, random(4))).explored)).toBe(false);
    expect(isPlateau(tallied(drawn(population, 400, random(4))).explored)).toBe(false);
  });

  test('each run an order of its own: the next one is a new one too', () => {
    const { explored } = tallied(Array.from({ length: 50 }, (_, i) => [i]));
    expect(chanceOfNew(explored.orders, explored.runs)).toEqual({ chance: 1, most: 1 });
  });
});

test('without runs there is nothing to say', () => {
  const { explored } = new ExploredTally();
  expect(chanceOfNew(explored.meetings, 0)).toBeNull();
  expect(leastInAll(explored.meetings, 0)).toBe(0);
  expect(explored.curve).toEqual([]);
  expect(isPlateau(explored)).toBe(false);
});

test('a tally that goes on from its state is the same as one that never stopped', () => {
  const runs = drawn(population, 60, random(5));
  const state = JSON.parse(JSON.stringify(tallied(runs.slice(0, 25)).state)) as ExploredState;
  expect(tallied(runs.slice(25), state).explored).toEqual(tallied(runs).explored);
});

test('the curve never falls, and ends at the last run', () => {
  const { curve, meetings } = tallied(drawn(population, 100, random(6))).explored;
  const known = curve.map(([, seen]) => seen);
  expect(known).toEqual(known.toSorted((a, b) => a - b));
  expect(curve.slice(0, 6).map(([runs]) => runs)).toEqual([1, 2, 3, 4, 6, 8]);
  expect(curve.at(-1)).toEqual([100, meetings.seen]);
});

test('the most frequent pairs are kept', () => {
  const tally = new ExploredTally();
  const pairs = Array.from({ length: 150 }, (_, i) => `db\ta${i}\tb`);
  for (let run = 0; run < 150; run++) tally.add({ meetings: [], order: '', pairs: pairs.slice(run) });
  const shown = tally.explored.pairs;
  expect(shown).toHaveLength(100);
  expect(shown[0]).toEqual({ file: 'db', before: 'a149', after: 'b', runs: 150 });
});
