// Proves that a compiled binding loads in a process of its own, and that it is the SQLite that it should be. What
// stays out: whether that SQLite is correct.

import path from 'node:path';
import { harnessError } from '../errors/errors.ts';
import { machineLimit } from '../errors/machine-limits.ts';
import { coordinatorEnv } from '../host/child-env.ts';
import { runTool } from './run-tool.ts';
import { headerConstant } from './sqlite-header.ts';

const LIMIT_MS = 60_000;

/**
 * @param binding absolute path of the `.node` file
 * @param header the text of the sqlite3.h it was built with
 * @param what names the binding in an error, such as `engine 3.50.4`
 * @param signal ends it early
 * @throws a harness error when it does not load, or answers with another version or source id; the signal's reason
 */
export async function verifyBinding(
  binding: string,
  header: string,
  what: string,
  signal?: AbortSignal,
): Promise<void> {
  const expected = `${headerConstant(header, 'SQLITE_VERSION')} ${headerConstant(header, 'SQLITE_SOURCE_ID')}`;
  const found = await probe(binding, what, signal);
  if (found !== expected) {
    throw harnessError(
      'BINDING_MISMATCH',
      `The compiled ${what} calls itself SQLite ${found}, expected ${expected}.`,
      'Reinstall with `npm ci`; the source and its header may be of different versions.',
    );
  }
}

async function probe(binding: string, what: string, signal: AbortSignal | undefined): Promise<string> {
  const script = path.join(import.meta.dirname, 'probe-binding.ts');
  const run = { cwd: path.dirname(binding), limitMs: LIMIT_MS, signal, env: coordinatorEnv() };
  const { how, stdout, stderr } = await runTool(process.execPath, ['--no-warnings', script, binding], run);
  if (how === 'done') return stdout;
  const ended = typeof how === 'object' ? `it ended by ${how.signal}` : 'it did not say why';
  throw (
    machineLimit(stderr, `The compiled ${what} could not be tried`) ??
    harnessError(
      'BINDING_UNLOADABLE',
      `The compiled ${what} does not load: ${stderr.trim() || ended}`,
      'Compile with another compiler, named with CC and CXX; or set LOCKSTEP_CACHE to a disk that allows execution.',
    )
  );
}
