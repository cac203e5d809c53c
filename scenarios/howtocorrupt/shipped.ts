// The shipped plan of a wrong way: what is left of the first failure that was found.
import { join } from 'node:path';
import type { Plan } from '../../harness/model/plan.ts';
import { corpusFiles, corpusPlan, minimalFolder } from '../corpus-index.ts';

/**
 * @returns its path below the corpus; undefined where none is shipped
 */
export function shippedFile(scenario: string, way: string, engine: string): string | undefined {
  const begins = join(minimalFolder, `${scenario}.${way}.${engine}.`);
  return corpusFiles().find((file) => file.startsWith(begins));
}

export function shippedPlan(scenario: string, way: string, engine: string): Plan | undefined {
  const file = shippedFile(scenario, way, engine);
  return file === undefined ? undefined : corpusPlan(file);
}
