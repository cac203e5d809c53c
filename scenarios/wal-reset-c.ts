// The canary as a program in C that knows nothing of Lockstep (c/wal-reset.c): the same workloads as wal-reset.ts. What is acknowledged the
// gate says itself. What stays out: whole transactions, of which nobody says what they hold.
import { join } from 'node:path';
import { cachedArtifact } from '../harness/engines/cache.ts';
import { runCompiler } from '../harness/engines/compiler.ts';
import { sharedLibrary } from '../harness/engines/shared-library.ts';
import { sqliteHeaders } from '../harness/gate/build.ts';
import type { CommandProgram } from '../harness/model/process.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { walReset } from './wal-reset.ts';

const source = join(import.meta.dirname, 'c', 'wal-reset.c');

/** Compiles it as its author would: against sqlite3.h, linked with libsqlite3 dynamically. Result: its absolute path. */
function compiled(): Promise<string> {
  return cachedArtifact({
    kind: 'c-program',
    inputs: [{ file: source }],
    fileName: 'wal-reset',
    label: 'the canary in C',
    build: async (dir) => {
      const library = join(await sharedLibrary('3.54.1'), 'libsqlite3.so.0');
      const words = ['-O1', '-Wall', '-I', sqliteHeaders(), source, library, '-o', 'wal-reset'];
      await runCompiler('c', words, { cwd: dir, what: 'the canary in C' });
    },
  });
}

const told = ['transactions', 'payloadBytes', 'autocheckpointPages', 'sleepMs'].map((key) => `{args.${key}}`);

/** @throws harness errors: no C compiler, a failed build, a cache that cannot be used */
export async function walResetC(): Promise<Scenario> {
  const file = await compiled();
  const program = (...words: readonly string[]): CommandProgram => ({ command: [file, ...words], host: 'preload' });
  return {
    ...walReset,
    name: 'wal-reset-c',
    says: 'the canary as a program in C that knows nothing of Lockstep',
    strategies: [{ name: 'wal', says: 'journal_mode=WAL, synchronous=NORMAL' }],
    programs: {
      ...walReset.programs,
      writer: program('{name}', ...told),
      checkpointer: program('checkpointer', '{args.checkpoints}', '{args.sleepMs}'),
    },
    queries: { t: [{ table: 't', prefix: '', key: 'id' }] },
    ledger: ['t.id'],
    claims: [],
  };
}
