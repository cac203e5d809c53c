// The programs that faults start, by name: what people do to a database beside the simulated system. They are lane
// programs as any other: plain, synchronous, on World alone. Each observes what came of it and returns, whatever that was.
import type { WorldProgram } from '../../../model/process.ts';

function at(url: URL, name: string): WorldProgram {
  return { module: url.href, export: name };
}

export const replaceDatabaseName = 'lockstep.replace-database';
export const sqlName = 'lockstep.sql';
export const holdFlockName = 'lockstep.hold-flock';

export const faultPrograms: { readonly [name: string]: WorldProgram } = {
  [replaceDatabaseName]: at(new URL('./replace-database.program.ts', import.meta.url), 'replaceDatabase'),
  [sqlName]: at(new URL('./sql.program.ts', import.meta.url), 'sql'),
  [holdFlockName]: at(new URL('./hold-flock.program.ts', import.meta.url), 'holdFlock'),
};
