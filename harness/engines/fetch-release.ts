// Fetches the SQLite source of a better-sqlite3 release from the npm registry, with npm, which checks its integrity.
// What stays out: whether Lockstep knows that release, and where the source is kept (add.ts).

import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { harnessError, type LockstepError, usageError } from '../errors/errors.ts';
import { machineLimit } from '../errors/machine-limits.ts';
import { PREBUILT_ENGINE } from './catalogue.ts';
import { runTool, type ToolEnd } from './run-tool.ts';
import { inScratch } from './scratch.ts';

const LIMIT_MS = 5 * 60_000;
const NPM_FLAGS = ['--json', '--ignore-scripts', '--fetch-retries=1', '--fetch-retry-mintimeout=1000'];
const MEMBERS = ['package/deps/sqlite3/sqlite3.c', 'package/deps/sqlite3/sqlite3.h', 'package/deps/defines.gypi'];

const npmFailure = z.object({ error: z.object({ code: z.string(), summary: z.string() }) });

/**
 * Puts `sqlite3.c`, `sqlite3.h` and `defines.gypi` of a release into a directory.
 *
 * @param release three numbers, such as `12.5.0`
 * @param dir an existing directory
 * @param signal ends it early
 * @throws a usage error when the registry has no such release, or the release carries no amalgamation; a harness error
 *   when npm or tar is missing, or when the registry does not answer within five minutes; the signal's reason
 */
export async function fetchRelease(release: string, dir: string, signal?: AbortSignal): Promise<void> {
  await inScratch(async (work) => {
    const npmArgs = ['pack', `better-sqlite3@${release}`, ...NPM_FLAGS];
    await run('npm', npmArgs, work, signal, (end) => npmError(release, end));
    const tarArgs = ['-xzf', `better-sqlite3-${release}.tgz`, ...MEMBERS];
    await run('tar', tarArgs, work, signal, () => noAmalgamationError(release));
    for (const member of MEMBERS) await copyFile(path.join(work, member), path.join(dir, path.basename(member)));
  });
}

async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  signal: AbortSignal | undefined,
  explain: (end: ToolEnd) => LockstepError,
): Promise<void> {
  const end = await runTool(program, args, { cwd, signal, limitMs: LIMIT_MS });
  if (end.how === 'done') return;
  if (end.how !== 'missing') throw explain(end);
  throw harnessError(
    'PROGRAM_MISSING',
    `Fetching a SQLite version needs the program "${program}", which is not here.`,
    `Install ${program}; the engines that are installed already work without it.`,
  );
}

function npmError(release: string, end: ToolEnd): LockstepError {
  const { code, summary } = parseFailure(end);
  if (code === 'ETARGET' || code === 'E404') {
    return usageError(
      'NO_SUCH_RELEASE',
      `The npm registry has no better-sqlite3 release ${release}.`,
      'Look at `npm view better-sqlite3 versions` for the published ones.',
    );
  }
  const doing = `better-sqlite3 ${release} could not be fetched from the npm registry`;
  return (
    machineLimit(code, doing) ??
    harnessError(
      'REGISTRY_UNREACHABLE',
      `${doing}: ${summary}`,
      `Check the network and npm's settings (\`npm ping\`). What is installed works without a network: engine ${PREBUILT_ENGINE}, and with a compiler the others that \`lockstep engines\` does not show as needs-fetch.`,
    )
  );
}

function parseFailure({ how, stdout, stderr }: ToolEnd): { readonly code: string; readonly summary: string } {
  if (how === 'late') return { code: 'unknown', summary: 'no answer within five minutes.' };
  if (typeof how === 'object') return { code: 'unknown', summary: `npm was killed by ${how.signal}.` };
  try {
    return npmFailure.parse(JSON.parse(stdout)).error;
  } catch {
    const said = stderr.trim();
    return { code: 'unknown', summary: said === '' ? 'npm did not say why.' : (said.split('\n').at(-1) ?? said) };
  }
}

function noAmalgamationError(release: string): LockstepError {
  return usageError(
    'NO_AMALGAMATION',
    `better-sqlite3 ${release} does not carry SQLite as deps/sqlite3/sqlite3.c.`,
    'Give a newer release.',
  );
}
