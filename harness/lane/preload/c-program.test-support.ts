// Compiles the programs of the tests in C and C++, as their authors would: against sqlite3.h, linked with libsqlite3 dynamically.
import { basename, join } from 'node:path';
import { cachedArtifact } from '../../engines/cache.ts';
import { runCompiler } from '../../engines/compiler.ts';
import { sharedLibrary } from '../../engines/shared-library.ts';
import { sqliteHeaders } from '../../gate/build.ts';

/**
 * @param instead of libsqlite3, what it is linked with
 * @returns absolute path of the program
 */
export function cProgram(file: string, instead?: readonly string[]): Promise<string> {
  const source = join(import.meta.dirname, file);
  const isC = file.endsWith('.c');
  const name = basename(file, isC ? '.test-support.c' : '.test-support.cc');
  return cachedArtifact({
    kind: 'c-program',
    inputs: [{ file: source }, (instead ?? []).join(' ')],
    fileName: name,
    label: name,
    build: async (dir) => {
      const linked = instead ?? [join(await sharedLibrary('3.54.1'), 'libsqlite3.so.0')];
      await runCompiler(
        isC ? 'c' : 'c++',
        ['-O1', '-Wall', '-I', sqliteHeaders(), source, ...linked, '-lpthread', '-o', name],
        {
          cwd: dir,
          what: name,
        },
      );
    },
  });
}
