// Runs that are drawn from what earlier generations have reached: the same runs and the same corpus for any workers, in any order.
import { dir } from 'tmp-promise';
import { describe, expect, test } from 'vitest';
import { Corpus } from '../harness/search/feedback.ts';
import { ExploredTally } from '../harness/model/explored.ts';
import type { RunReport } from '../harness/search/runner.ts';
import { firstAfterLook, looks, recipeAfter } from '../harness/search/stall.ts';
import { campaignIn } from './campaigns.ts';
import { generationsOf } from './generations.ts';
import { nextRanges } from './plan.ts';
import { RangeTally } from './range.ts';
import type { Database } from './store/database.ts';
import { openStore } from './store/open.ts';
import { newCampaign, specOf, workedOn } from './testing/campaign-lab.test-support.ts';
import { simulated, simulatedRun, window } from './testing/simulated.test-support.ts';
import { totalsOf } from './totals.ts';

const generation = 16;
const spec = specOf({ chooser: 'feedback', generation, runs: 3 * generation + 3, cells: specOf().cells.slice(0, 1) });
const [cell] = spec.cells;
if (cell === undefined) throw new Error('no cell');

async function inFolder<T>(body: (database: Database) => Promise<T>): Promise<T> {
  const { path, cleanup } = await dir({ unsafeCleanup: true });
  const database = await openStore(`${path}/store`, { connections: 1, stop: () => false });
  try {
    return await body(database);
  } finally {
    await database.close();
    await cleanup();
  }
}

/** What is left of a campaign: its runs, by their hashes, and the corpus. */
async function foundBy(database: Database, name: string) {
  const [total] = await totalsOf(database, await campaignIn(database, name));
  const [row] = await database.query(`SELECT generation, corpus FROM lockstep.corpora WHERE campaign = $1`, [name]);
  return { runs: total?.runs, hashes: total?.hashes, generation: row?.['generation'], corpus: row?.['corpus'] };
}

test('one worker and four find the same, from the same corpus, as a loop does', { timeout: 300_000 }, async () => {
  await inFolder(async (database) => {
    await newCampaign(database, 'one', spec);
    await newCampaign(database, 'four', spec);
    expect(await workedOn(database, 'one', { jobs: 1 })).toBe('done');
    const slow = () => simulated(spec, { msOfRun: 1 });
    expect(await workedOn(database, 'four', { jobs: 4, makeRuns: slow })).toBe('done');
    const [one, four] = [await foundBy(database, 'one'), await foundBy(database, 'four')];
    expect(four).toEqual(one);

    const corpus = new Corpus(spec.seed, generation);
    const maker = simulated(spec);
    let mutants = 0;
    for (let first = 0; first < 3 * generation; first += generation) {
      const going = { recipeOf: (run: number) => corpus.recipeOf(run), keptOf: ({ reached }: RunReport) => reached };
      const made = await maker.make(cell, { first, count: generation }, () => false, going);
      mutants += made.coverage.filter(({ recipe }) => recipe.changes.length > 0).length;
      for (const reached of made.coverage) corpus.take(reached);
    }
    expect(mutants).toBeGreaterThan(generation / 2);
    expect(one).toMatchObject({ runs: 3 * generation + 3, generation: 3, corpus: { ...corpus.state } });
  });
});

test('a range that cannot be made has reached nothing, and the next generation comes all the same', {
  timeout: 300_000,
}, async () => {
  await inFolder(async (database) => {
    await newCampaign(database, 'poison', spec);
    const makeRuns = () => simulated(spec, { broken: [1] });
    expect(await workedOn(database, 'poison', { jobs: 2, makeRuns })).toBe('done');
    const { runs, generation: whole } = await foundBy(database, 'poison');
    const [total] = await totalsOf(database, await campaignIn(database, 'poison'));
    expect(whole).toBe(3);
    expect(runs).toBe(3 * generation + 3 - (total?.setAside[0]?.count ?? 0));
    expect(total?.setAside).toHaveLength(1);
  });
});

describe('under `portfolio`', () => {
  const shared = specOf({ chooser: 'portfolio', runs: 300, cells: spec.cells });

  test('one worker and four make the runs of a search, whose shares change when coverage stalls', {
    timeout: 300_000,
  }, async () => {
    const tally = new ExploredTally();
    const range = new RangeTally(0, window);
    let stalled = 0;
    for (let run = 0; run < 300; run++) {
      const recipe = recipeAfter(tally.curve, run);
      if (recipe.stalled === true) stalled++;
      const report = simulatedRun(shared.seed, cell, run, recipe);
      tally.add(report.explored);
      range.add(report);
    }
    expect([stalled > 100, stalled < 250]).toEqual([true, true]);
    const hashes = range.result(0).hashes.toString('hex');
    await inFolder(async (database) => {
      for (const jobs of [1, 4]) {
        const name = `by-${jobs}`;
        await newCampaign(database, name, shared);
        const makeRuns = () => simulated(shared, { msOfRun: jobs === 1 ? 0 : 1 });
        expect(await workedOn(database, name, { jobs, makeRuns })).toBe('done');
        const found = await foundBy(database, name);
        expect([found.runs, found.hashes]).toEqual([300, hashes]);
        const left = await database.query('SELECT count(*)::int AS n FROM lockstep.coverage WHERE first < 256');
        expect(left[0]?.['n']).toBe(0);
      }
    });
  });

  test('a range ends where coverage is looked at, and none is planned whose runs could not know what a look showed', () => {
    const plan = (next: number, whole: number) =>
      nextRanges([{ cell: 'a', next, size: 3, weight: 0, generation: whole }], { ...shared, runs: null }, 100).jobs;
    const ends = plan(0, 0).map(({ first, count }) => first + count);
    expect(ends).toEqual(expect.arrayContaining([looks.least / 2, looks.least]));
    expect(ends.at(-1)).toBe(firstAfterLook(looks.least));
    expect(plan(firstAfterLook(looks.least), 1)).toEqual([]);
    expect(plan(firstAfterLook(looks.least), 2)[0]).toMatchObject({ first: firstAfterLook(looks.least) });
    // After the last look there is nothing to wait for.
    const last = Math.log2(looks.most / looks.least) + 2;
    expect(plan(looks.most, last)).toHaveLength(100);
  });

  test('a run is made when all is known that it goes by', () => {
    const generations = generationsOf(shared);
    if (generations === undefined) throw new Error('none');
    for (let look: number = looks.least; look <= looks.most; look *= 2) {
      const needed = generations.neededFor(firstAfterLook(look));
      expect(generations.endOf(needed - 1)).toBe(look);
      expect(generations.neededFor(firstAfterLook(look) - 1)).toBe(look === looks.least ? 0 : needed - 1);
    }
    for (let whole = 0; generations.endOf(whole) < Infinity; whole++) {
      const next = generations.plannedTo(whole);
      expect(generations.neededFor(next - 1)).toBeLessThanOrEqual(whole);
      expect(generations.neededFor(next)).toBeGreaterThan(whole);
    }
  });
});
