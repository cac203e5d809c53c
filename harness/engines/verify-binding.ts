// Proves that a compiled binding loads in a process of its own, and that it is the SQLite that it should be. What
// stays out: whether that SQLite is correct.

import path from 'node:path';
import { execa, ExecaError } from 'execa';
import { harnessError } from '../errors.ts';
import { headerConstant } from './sqlite-header.ts';

const LIMIT_MS = 60_000;

/**
 * @param binding absolute path of the `.node` file
 * @param header the text of the sqlite3.h it was built with
 * @param what names the binding in an error, such as `engine 3.50.4`
 * @throws a harness error when it does not load, or answers with another version or source id
 */
export async function verifyBinding(binding: string, header: string, what: string): Promise<void> {
  const expected = `${headerConstant(header, 'SQLITE_VERSION')} ${headerConstant(header, 'SQLITE_SOURCE_ID')}`;
  const found = await probe(binding, what);
  if (found !== expected) {
    throw harnessError(
      'BINDING_MISMATCH',
      `The compiled ${what} calls itself SQLite ${found}, expected ${expected}.`,
      'Reinstall with `npm ci`; the source and its header may be of different versions.',
    );
  }
}

async function probe(binding: string, what: string): Promise<string> {
  try {
    const script = path.join(import.meta.dirname, 'probe-binding.ts');
    const { stdout } = await execa(process.execPath, [script, binding], { stdin: 'ignore', timeout: LIMIT_MS });
    return stdout;
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    throw harnessError(
      'BINDING_UNLOADABLE',
      `The compiled ${what} does not load: ${(error as ExecaError<{ encoding: 'utf8' }>).stderr?.trim() || error.shortMessage}`,
      'Compile with another compiler, named with CC and CXX; or set LOCKSTEP_CACHE to a disk that allows execution.',
      error,
    );
  }
}
