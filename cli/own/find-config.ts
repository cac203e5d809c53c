// Where the configuration of a person's own project is: `lockstep.config.ts` (or .mts, .js, .mjs) in the current folder or above it,
// up to the folder of the project or of its repository. What stays out: reading it (config.ts), which takes schemas.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const names = ['ts', 'mts', 'js', 'mjs'].map((ending) => `lockstep.config.${ending}`);

/** Above a folder that has one of these nothing is this project's any more. */
const borders = ['package.json', '.git'] as const;

/** The absolute path of the configuration that holds in a folder. */
export function findConfig(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = names.map((name) => join(at, name)).find((file) => existsSync(file));
    if (found !== undefined) return found;
    if (dirname(at) === at || borders.some((name) => existsSync(join(at, name)))) return undefined;
  }
}
