// Runs that are drawn from what earlier generations have reached: the same runs and the same corpus for any workers, in any order.
import { dir } from 'tmp-promise';
import { expect, test } from 'vitest';
import { Corpus } from '../harness/search/feedback.ts';
import { campaignIn } from './campaigns.ts';
import type { Database } from './store/database.ts';
import { openStore } from './store/open.ts';
import { newCampaign, specOf, workedOn } from './testing/campaign-lab.test-support.ts';
import { simulated } from './testing/simulated.test-support.ts';
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
      const made = await maker.make(cell, { first, count: generation }, () => false, corpus);
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
