// Finds installed packages whose files this room reads. What stays out: importing them.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);

/**
 * The absolute path of an installed package.
 *
 * @param name as in node_modules, so possibly an alias
 * @throws Node's MODULE_NOT_FOUND when the package is not installed
 */
export function packageDir(name: string): string {
  return path.dirname(require.resolve(`${name}/package.json`));
}

/** The version of an installed package, as in its package.json. */
export function packageVersion(name: string): string {
  const manifest = JSON.parse(readFileSync(path.join(packageDir(name), 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
