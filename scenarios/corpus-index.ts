// What each shipped plan must do: its hash, the invariants it violates, its size. `corpus/*.json` are plans that show what a
// report saw; `corpus/minimal/*.json` are minimal ones, one for each known failure (scenario × strategy × engine). What
// stays out: making them (make-corpus.ts), and checking them (corpus.test.ts).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { harmNames } from '../harness/model/invariant.ts';
import type { Plan } from '../harness/model/plan.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { readPlan } from '../harness/search/plan-file.ts';

export const corpusFolder = fileURLToPath(new URL('./corpus/', import.meta.url));
export const indexFile = 'index.json';

/** Folder of the minimal plans, below {@link corpusFolder}. */
export const minimalFolder = 'minimal';

const count = z.int().min(0);

/**
 * @property hash of the trace, on Linux x64
 * @property violates every invariant that it violates, in alphabetical order
 * @property shows the failure that it was shrunk to: some of `violates`; all of the harm for plans that were not shrunk
 */
export const entrySchema = z.strictObject({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  violates: z.array(z.string()).min(1),
  shows: z.array(z.string()).min(1),
  preemptions: count,
  faults: count,
  operations: count,
});
export type CorpusEntry = z.infer<typeof entrySchema>;

const indexSchema = z.strictObject({ format: z.literal(1), plans: z.record(z.string(), entrySchema) });
export type CorpusIndex = z.infer<typeof indexSchema>;

/** The index, by path below the corpus: `wal-unlink-wedge.json`, `minimal/….json`. */
export function readIndex(): CorpusIndex {
  return indexSchema.parse(JSON.parse(readFileSync(join(corpusFolder, indexFile), 'utf8')));
}

/** Paths of all plans there are, in order, below the corpus. */
export function corpusFiles(): readonly string[] {
  const plans = (folder: string) => readdirSync(join(corpusFolder, folder)).filter((name) => name.endsWith('.json'));
  const minimal = plans(minimalFolder).map((name) => `${minimalFolder}/${name}`);
  return [...plans('.').filter((name) => name !== indexFile), ...minimal].toSorted();
}

/** What a plan of this name shows, of all that it violates: the invariant that its name ends in, else all of the harm. */
export function showsOf(file: string, { invariants }: Scenario, violates: readonly string[]): readonly string[] {
  const named = /\.\d+\.([a-z][a-z-]*)\.json$/.exec(file)?.[1];
  if (named !== undefined && violates.includes(named)) return [named];
  return violates.filter((name) => harmNames(invariants).includes(name));
}

export function corpusPlan(file: string): Plan {
  return readPlan(join(corpusFolder, file));
}
