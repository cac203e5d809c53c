// The binding that better-sqlite3 ships ready-made for this machine. What stays out: compiled ones (compile.ts).

import { createRequire } from 'node:module';
import path from 'node:path';
import { fileDigest } from './digests.ts';
import { installationDamaged, installedFile, packageDir } from './package-dir.ts';

/**
 * The absolute path of better-sqlite3's prebuilt binding for this platform, processor and C library; undefined when
 * it ships none. The package's own locator decides (lib/binding.js), so that Lockstep and a plain
 * `new Database()` agree.
 */
export function prebuiltBinding(): string | undefined {
  const locator = path.join(packageDir('better-sqlite3'), 'lib', 'binding.js');
  try {
    const { getPrebuildPath } = createRequire(import.meta.url)(locator) as { getPrebuildPath: () => string | null };
    return getPrebuildPath() ?? undefined;
  } catch (error) {
    throw installationDamaged(locator, error);
  }
}

/**
 * The content hash of a shipped binding: sha256 of the file, in hexadecimal.
 *
 * @throws a harness error when it is not the one that was published
 */
export function prebuiltHash(binding: string): string {
  return fileDigest(installedFile('better-sqlite3', path.join('prebuilds', path.basename(binding))));
}
