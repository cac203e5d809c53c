// Where the source of a SQLite version lies: in node_modules, or in the cache once it was fetched. What stays out:
// fetching it (fetch-release.ts) and compiling it (compile.ts).

import path from 'node:path';
import { harnessError } from '../errors/errors.ts';
import { readRegular } from '../host/regular-file.ts';
import { type ArtifactId, artifactPath, lookAt } from './cache.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { BYTES_MAX, sha256 } from './digests.ts';
import { installationDamaged, installedFile, packageDir } from './package-dir.ts';

/**
 * @property amalgamation absolute path of sqlite3.c
 * @property headers absolute path of the directory with the sqlite3.h of the same version
 * @property defines absolute path of the defines.gypi of the same better-sqlite3 release
 */
export interface SqliteSource {
  readonly amalgamation: string;
  readonly headers: string;
  readonly defines: string;
}

/** Names the fetched source of an entry in the cache. */
export function sourceArtifact(entry: CatalogueEntry): ArtifactId {
  return { kind: 'sqlite-source', inputs: [entry.release, entry.sha256], fileName: 'sqlite3.c' };
}

/**
 * The source of an entry; undefined when it has to be fetched first, also because what was fetched is damaged. An installed one
 * is not checked here, since a binding that is built already needs none.
 */
export function findSource(entry: CatalogueEntry): SqliteSource | undefined {
  if (entry.installedAs !== undefined) {
    const deps = path.join(packageDir(entry.installedAs), 'deps');
    const headers = path.join(deps, 'sqlite3');
    return { amalgamation: path.join(headers, 'sqlite3.c'), headers, defines: path.join(deps, 'defines.gypi') };
  }
  if (lookAt(sourceArtifact(entry)) !== 'whole') return undefined;
  const amalgamation = artifactPath(sourceArtifact(entry));
  const headers = path.dirname(amalgamation);
  return { amalgamation, headers, defines: path.join(headers, 'defines.gypi') };
}

/**
 * Checks all that is compiled of a source; the files along with a fetched one were checked by findSource.
 *
 * @returns the text of sqlite3.c
 * @throws a harness error when a file is not as it was published
 */
export function checkSource(entry: CatalogueEntry, source: SqliteSource): string {
  checkInstalled(entry);
  return readVerified(source.amalgamation, entry);
}

function checkInstalled({ installedAs }: CatalogueEntry): void {
  if (installedAs === undefined) return;
  for (const file of ['deps/defines.gypi', 'deps/sqlite3/sqlite3.h']) installedFile(installedAs, file);
}

/**
 * Reads an amalgamation and checks that it is the one its entry names.
 *
 * @returns the text of sqlite3.c
 * @throws a harness error that names the file and both hashes when they differ, or says that there is none
 */
export function readVerified(file: string, entry: CatalogueEntry): string {
  let bytes: Buffer;
  try {
    bytes = readRegular(file, BYTES_MAX);
  } catch (error) {
    throw installationDamaged(file, error);
  }
  const found = sha256(bytes);
  if (found !== entry.sha256) {
    throw harnessError(
      'SOURCE_MISMATCH',
      `The SQLite ${entry.name} source ${file} is not the one Lockstep knows: its sha256 is ${found}, expected ${entry.sha256}.`,
      entry.installedAs === undefined
        ? `Delete its folder and run \`lockstep engines add ${entry.name}\` again.`
        : 'Reinstall with `npm ci`; something changed the file after it was installed.',
    );
  }
  return bytes.toString('latin1');
}
