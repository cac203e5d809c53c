// Fetches the SQLite source of a better-sqlite3 release from the npm registry, with npm, which checks its integrity.
// What stays out: whether Lockstep knows that release, and where the source is kept (add.ts).

import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { execa, ExecaError } from 'execa';
import { withDir } from 'tmp-promise';
import { z } from 'zod';
import { harnessError, type LockstepError, usageError } from '../errors.ts';
import { PREBUILT_ENGINE } from './catalogue.ts';

const LIMIT_MS = 5 * 60_000;
const NPM_FLAGS = ['--json', '--ignore-scripts', '--fetch-retries=1', '--fetch-retry-mintimeout=1000'];
const MEMBERS = ['package/deps/sqlite3/sqlite3.c', 'package/deps/sqlite3/sqlite3.h', 'package/deps/defines.gypi'];

const npmFailure = z.object({ error: z.object({ code: z.string(), summary: z.string() }) });

/**
 * Puts `sqlite3.c`, `sqlite3.h` and `defines.gypi` of a release into a directory.
 *
 * @param release three numbers, such as `12.5.0`
 * @param dir an existing directory
 * @throws a usage error when the registry has no such release, or the release carries no amalgamation; a harness error
 *   when npm or tar is missing, or when the registry does not answer within five minutes
 */
export async function fetchRelease(release: string, dir: string): Promise<void> {
  await withDir(
    async ({ path: work }) => {
      const npmArgs = ['pack', `better-sqlite3@${release}`, ...NPM_FLAGS];
      await run('npm', npmArgs, work, (error) => npmError(release, error));
      const tarArgs = ['-xzf', `better-sqlite3-${release}.tgz`, ...MEMBERS];
      await run('tar', tarArgs, work, (error) => noAmalgamationError(release, error));
      for (const member of MEMBERS) await copyFile(path.join(work, member), path.join(dir, path.basename(member)));
    },
    { prefix: 'lockstep-fetch-', unsafeCleanup: true },
  );
}

async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  explain: (error: ExecaError) => LockstepError,
): Promise<void> {
  try {
    await execa(program, args, { cwd, stdin: 'ignore', timeout: LIMIT_MS });
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    if (error.code !== 'ENOENT') throw explain(error as ExecaError);
    throw harnessError(
      'PROGRAM_MISSING',
      `Fetching a SQLite version needs the program "${program}", which is not here.`,
      `Install ${program}; the engines that are installed already work without it.`,
      error,
    );
  }
}

function npmError(release: string, error: ExecaError): LockstepError {
  const { code, summary } = parseFailure(error);
  if (code === 'ETARGET' || code === 'E404') {
    return usageError(
      'NO_SUCH_RELEASE',
      `The npm registry has no better-sqlite3 release ${release}.`,
      'Look at `npm view better-sqlite3 versions` for the published ones.',
      error,
    );
  }
  return harnessError(
    'REGISTRY_UNREACHABLE',
    `better-sqlite3 ${release} could not be fetched from the npm registry: ${summary}`,
    `Check the network and npm's settings (\`npm ping\`). What is installed works without a network: engine ${PREBUILT_ENGINE}, and with a compiler the others that \`lockstep engines\` does not show as needs-fetch.`,
    error,
  );
}

function parseFailure(error: ExecaError): { readonly code: string; readonly summary: string } {
  const unknown = { code: 'unknown', summary: error.timedOut ? 'no answer within five minutes.' : error.shortMessage };
  try {
    return npmFailure.parse(JSON.parse(String(error.stdout))).error;
  } catch {
    return unknown;
  }
}

function noAmalgamationError(release: string, error: ExecaError): LockstepError {
  return usageError(
    'NO_AMALGAMATION',
    `better-sqlite3 ${release} does not carry SQLite as deps/sqlite3/sqlite3.c.`,
    'Give a newer release.',
    error,
  );
}
