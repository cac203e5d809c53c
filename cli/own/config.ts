// The configuration of a person's own project, read. What stays out: where it is (find-config.ts), and loading the scenarios that it
// names (load.ts).
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Config } from '../../harness/api/config.ts';
import { checkEngineName } from '../../harness/engines/engine.ts';
import { usageError } from '../../harness/errors/errors.ts';
import { complaintsText } from '../../harness/model/reading/complaints.ts';
import { unloadable } from './unloadable.ts';

const schema: z.ZodType<Config> = z.strictObject({
  scenarios: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  engine: z.string().min(1).optional(),
});

/**
 * @property places absolute paths of files and folders that have scenarios
 * @property engine of all of these, where a command names none
 */
interface Read {
  readonly places: readonly string[];
  readonly engine: string | undefined;
}

/**
 * @param file absolute path of the configuration
 * @throws a usage error when the file throws, or exports by default what is no configuration
 */
export async function readConfig(file: string): Promise<Read> {
  const { default: given } = (await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw unloadable(`The configuration ${file}`, error);
  })) as { readonly default?: unknown };
  const { data, error } = schema.safeParse(given);
  if (data === undefined)
    throw usageError(
      'CONFIG_INVALID',
      `The configuration ${file} exports by default what is none:\n${complaintsText(error)}`,
      "Write it so: export default { scenarios: ['lockstep.scenario.ts'] }; with `engine` beside where another SQLite version is meant.",
      error,
    );
  const { scenarios, engine } = data;
  if (engine !== undefined) checkEngineName(engine);
  const places = typeof scenarios === 'string' ? [scenarios] : scenarios;
  return { places: places.map((place) => resolve(dirname(file), place)), engine };
}
