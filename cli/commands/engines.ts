// lockstep engines: lists SQLite versions, builds them, adds further ones.
import { addEngine } from '../../harness/engines/add.ts';
import { ensureEngines } from '../../harness/engines/ensure.ts';
import { listEngines, statusSays } from '../../harness/engines/list.ts';
import { machinesOf } from '../../harness/run/machines.ts';
import { Building } from '../building.ts';
import type { Interrupt } from '../interrupt.ts';
import type { Output } from '../output.ts';

export function list(output: Output): number {
  const engines = listEngines();
  output.result({ format: 1, engines });
  if (output.json) return 0;
  output.table([
    ['engine', 'better-sqlite3', 'state', 'WAL-reset bug', ''],
    ...engines.map(({ name, release, status, walResetBug, isDefault, says }) => [
      isDefault ? output.paint('bold', name) : name,
      release,
      statusSays[status],
      walResetBug ? 'yes' : 'no',
      says,
    ]),
  ]);
  output.say();
  output.say(
    '`lockstep engines build NAME…` compiles, `engines add VERSION` fetches another; each also exists as NAME+shm (deep).',
  );
  return 0;
}

export async function build(output: Output, { signal }: Interrupt, names: readonly string[]): Promise<number> {
  const wanted =
    names.length > 0
      ? names
      : listEngines().flatMap(({ name, status }) => (status === 'needs-build' || status === 'damaged' ? [name] : []));
  using building = new Building(output);
  const built = await ensureEngines(wanted, { progress: building.says, signal });
  // All else that runs on them need a compiler for: the gate, and the host that lanes run in.
  if (wanted.length > 0) await machinesOf(wanted, { progress: building.says, signal });
  const engines = [...built.values()].map(({ name, version, variant, hash }) => ({ name, version, variant, hash }));
  output.result({ format: 1, engines });
  if (!output.json)
    output.say(engines.length === 0 ? 'Nothing to build.' : `Ready: ${engines.map(({ name }) => name).join(', ')}.`);
  return 0;
}

export async function add(output: Output, { signal }: Interrupt, version: string): Promise<number> {
  using building = new Building(output);
  const { name, hash } = await addEngine(version, { progress: building.says, signal });
  output.result({ format: 1, engine: name, hash });
  if (!output.json) output.say(`Ready: ${name}. Use it with --engine ${name}.`);
  return 0;
}
