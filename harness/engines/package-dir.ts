// Finds installed packages whose files this room reads, and checks those whose digests are known. What stays out: importing
// them.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { harnessError, type LockstepError } from '../errors/errors.ts';
import { machineLimit } from '../errors/machine-limits.ts';
import { fileDigest } from './digests.ts';
import { installedDigests } from './installed-digests.ts';

const require = createRequire(import.meta.url);

/**
 * What the published package carries of others that are only sources to Lockstep: in somebody's project they would compile
 * themselves when they are installed. In the checkout there is no such folder (tools/package/carried.ts).
 */
const carried = fileURLToPath(new URL('../../carried/', import.meta.url));

/**
 * The absolute path of an installed package, or of what Lockstep carries of it.
 *
 * @param name as in node_modules, so possibly an alias
 * @throws a harness error when the package is not installed
 */
export function packageDir(name: string): string {
  const own = path.join(carried, name);
  if (existsSync(own)) return own;
  try {
    return path.dirname(require.resolve(`${name}/package.json`));
  } catch (error) {
    throw installationDamaged(`the package ${name} in node_modules`, error);
  }
}

/** The version of an installed package, as in its package.json. Throws a harness error when that cannot be read. */
export function packageVersion(name: string): string {
  const file = path.join(packageDir(name), 'package.json');
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  } catch (error) {
    throw installationDamaged(file, error);
  }
}

/**
 * The absolute path of an installed file, which is as it was published.
 *
 * @param file relative to the package, with a digest in installed-digests.ts
 * @throws a harness error when it is not
 */
export function installedFile(name: string, file: string): string {
  const found = path.join(packageDir(name), file);
  try {
    if (fileDigest(found) === installedDigests[`${name}/${file}`]) return found;
  } catch (error) {
    throw installationDamaged(found, error);
  }
  throw installationDamaged(found);
}

/** @param what a file, or the name of something that is made of files */
export function installationDamaged(what: string, cause?: unknown): LockstepError {
  return (
    machineLimit(cause, `${what} could not be read`) ??
    harnessError(
      'INSTALLATION_DAMAGED',
      `Lockstep's installation is damaged: ${what} is missing, or is not what was installed.`,
      'Reinstall with `npm ci`; what does not lie in node_modules comes from the repository.',
      cause,
    )
  );
}
