// What scenarios vary without a word of their own. What stays out: drawing all of a plan (draw-plan.ts).
import type { Parameters } from '../model/plan.ts';
import { below, type Random } from '../model/random.ts';

/** The least and the largest that SQLite has, and those in use. */
const pageSizes = [512, 1024, 2048, 4096, 8192, 65_536] as const;

/**
 * Settings of SQLite that differ from run to run: for scenarios' `vary`. Small pages and caches and early checkpoints
 * bring about in a few rows what takes thousands with SQLite's own settings.
 */
export function varySqlite(random: Random, parameters: Parameters): Parameters {
  const pick = <T>(values: readonly T[]): T | undefined => values[below(random, values.length)];
  const pageBytes = pick(pageSizes);
  const cachePages = pick([1, 2, 8, 64, undefined]);
  const autocheckpointPages = pick([0, 1, 4, 16, 64, 256, undefined]);
  const sqlite = {
    ...(pageBytes === undefined ? {} : { pageBytes }),
    ...(cachePages === undefined ? {} : { cachePages }),
    ...(autocheckpointPages === undefined ? {} : { autocheckpointPages }),
  };
  return { ...parameters, sqlite };
}
