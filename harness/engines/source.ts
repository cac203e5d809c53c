// Where the source of a SQLite version lies: in node_modules, or in the cache once it was fetched. What stays out:
// fetching it (fetch-release.ts) and compiling it (compile.ts).

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { harnessError } from '../errors.ts';
import { type ArtifactId, artifactPath } from './cache.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { packageDir } from './package-dir.ts';

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

/** The source of an entry; undefined when it has to be fetched first. Its hash is not checked here. */
export function findSource(entry: CatalogueEntry): SqliteSource | undefined {
  if (entry.installedAs !== undefined) {
    const deps = path.join(packageDir(entry.installedAs), 'deps');
    const headers = path.join(deps, 'sqlite3');
    return { amalgamation: path.join(headers, 'sqlite3.c'), headers, defines: path.join(deps, 'defines.gypi') };
  }
  const amalgamation = artifactPath(sourceArtifact(entry));
  if (!existsSync(amalgamation)) return undefined;
  const headers = path.dirname(amalgamation);
  return { amalgamation, headers, defines: path.join(headers, 'defines.gypi') };
}

/**
 * Reads an amalgamation and checks that it is the one its entry names.
 *
 * @returns the text of sqlite3.c
 * @throws a harness error that names the file and both hashes when they differ
 */
export async function readVerified(file: string, entry: CatalogueEntry): Promise<string> {
  const bytes = await readFile(file);
  const found = createHash('sha256').update(bytes).digest('hex');
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
