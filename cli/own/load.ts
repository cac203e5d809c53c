// A person's own scenarios: from the files and folders that --scenarios names, or that the configuration does. What stays out:
// what they are (harness/model/scenario.ts), and who uses them (scenarios/known.ts).
import { globSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type LockstepError, usageError } from '../../harness/errors/errors.ts';
import { machineLimit } from '../../harness/errors/machine-limits.ts';
import { scenariosIn } from '../../harness/search/load-scenarios.ts';
import { scenarios as shipped } from '../../scenarios/catalogue.ts';
import { type OwnScenario, useOwn } from '../../scenarios/known.ts';
import { readConfig } from './config.ts';
import { unloadable } from './unloadable.ts';

/** Files of scenarios in a folder, and in those in it. */
const ofFolder = '**/*.scenario.{ts,mts,js,mjs}';

const writeOne = '`npx lockstep init` writes one to begin with.';

/**
 * Loads them, and makes them known.
 *
 * @param given files and folders that a person names; none: those of the configuration
 * @param configFile the configuration that holds here, if there is one
 * @throws usage errors: a place that is not there or has none, a file that throws or exports none, a name that is taken
 */
export async function loadOwn(given: readonly string[], configFile: string | undefined): Promise<void> {
  const config = configFile === undefined ? undefined : await readConfig(configFile);
  const by = given.length > 0 ? ', which --scenarios names,' : `, which ${configFile} names,`;
  const places = given.length > 0 ? given : (config?.places ?? []);
  const files = places.flatMap((place) => filesIn(resolve(place), by));
  const found = new Map<string, OwnScenario & { readonly file: string }>();
  for (const one of await Promise.all([...new Set(files)].map(scenariosOf))) {
    for (const own of one) {
      const { name } = own.scenario;
      refuseTaken(own.file, name, found.get(name)?.file);
      found.set(name, own);
    }
  }
  const engine = config?.engine;
  useOwn(
    [...found.values()].map(({ scenario, module }) => ({
      module,
      scenario: engine === undefined ? scenario : { ...scenario, engine },
    })),
  );
}

/** @param by who names the place, for a sentence */
function filesIn(place: string, by: string): readonly string[] {
  const says = shown(place);
  let isFolder: boolean;
  try {
    isFolder = statSync(place).isDirectory();
  } catch (error) {
    throw (
      machineLimit(error, `${says} could not be read`) ??
      usageError('NO_SCENARIO_FILE', `There is no ${says}${by} to take scenarios from.`, writeOne, error)
    );
  }
  if (!isFolder) return [place];
  const files = globSync(ofFolder, { cwd: place, exclude: ['**/node_modules/**'] }).toSorted();
  if (files.length > 0) return files.map((name) => join(place, name));
  throw usageError(
    'NO_SCENARIO_FILE',
    `The folder ${says}${by} has no file of scenarios: none is called NAME.scenario.ts (or .mts, .js, .mjs).`,
    `Name a file by itself, or rename it. ${writeOne}`,
  );
}

async function scenariosOf(file: string): Promise<readonly (OwnScenario & { readonly file: string })[]> {
  const module = pathToFileURL(file).href;
  const found = await scenariosIn(module).catch((error: unknown) => {
    throw unloadable(`The file of scenarios ${shown(file)}`, error);
  });
  if (found.length > 0) return found.map((scenario) => ({ scenario, module, file }));
  throw usageError(
    'NO_SCENARIO',
    `The file ${shown(file)} exports no scenario.`,
    'Export what `defineScenario({ … })` of lockstep gives: export default defineScenario({ … }).',
  );
}

function refuseTaken(file: string, name: string, before: string | undefined): void {
  if (before !== undefined) throw taken(file, name, `and so does ${shown(before)}`);
  if (shipped.some((one) => one.name === name)) throw taken(file, name, 'and one of this name comes with Lockstep');
}

function taken(file: string, name: string, besides: string): LockstepError {
  return usageError(
    'SCENARIO_NAME_TAKEN',
    `${shown(file)} has a scenario "${name}", ${besides}: plans and results know scenarios by name.`,
    'Give it another name.',
  );
}

/** A path as a person would type it. */
function shown(path: string): string {
  const below = relative(process.cwd(), path);
  return below === '' ? '.' : below.startsWith('..') ? path : below;
}
