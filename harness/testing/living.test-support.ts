// Lane programs for tests of how processes live together: groups, orphans, shared memory, periodic lanes.
import type { World } from '../lane/world.ts';
import type { Json } from '../model/values.ts';
import type { ProgramRef } from '../model/process.ts';

const module = new URL('./living.test-support.ts', import.meta.url).href;
const names = [
  'family',
  'standing',
  'stating',
  'senseless',
  'periodic',
  'writingOnce',
  'writingBetweenWaits',
  'waitingTwice',
] as const;

/** By the name under which a test starts them. */
export const livingPrograms: { readonly [name: string]: ProgramRef } = Object.fromEntries(
  names.map((name) => [name, { module, export: name }]),
);

/** Stands still until it is asked to stop. */
export function standing(world: World): void {
  while (!world.stopping()) world.sleep(1000);
}

/** Starts a child, one in a group of its own, a child of that group and a detached one; then kills the group. */
export function family(world: World): void {
  world.spawn('standing', 'child');
  world.spawn('standing', 'member', null, { group: 'unit' });
  world.spawn('standing', 'second', { told: 1 }, { group: 'unit' });
  world.spawn('standing', 'orphan', null, { detached: true });
  world.observe('processes', world.processes() as unknown as Json);
  world.step('everybody lives');
  world.observe('killed', world.killGroup('unit'));
  world.observe('killed again', world.killGroup('unit'));
  world.observe(
    'after',
    world.processes().map(({ name }) => name),
  );
}

/** Asks for what makes no sense, and says what it is told; nobody dies of it. */
export function senseless(world: World): void {
  world.spawn('standing', 'child');
  const asks: readonly (() => unknown)[] = [
    () => world.send('child', undefined as unknown as Json),
    () => world.spawn('standing', 'other', null, { group: 1 as unknown as string }),
    () => world.kill('child', 'SIGINT' as 'SIGTERM'),
    () => world.kill('child dear', 'SIGTERM'),
    () => world.wait('child', { timeoutMs: Number.NaN }),
    () => world.look('fine'),
  ];
  const said = asks.map((ask) => {
    try {
      ask();
      return 'done';
    } catch (error) {
      return (error as Error).message;
    }
  });
  world.observe('said', said);
  world.observe(
    'after',
    world.processes().map(({ name }) => name),
  );
}

/** What stat and exists say of a file that comes, changes, moves and goes. */
export function stating(world: World): void {
  const { files } = world;
  const said: Json[] = [];
  const say = (file: string) => said.push(files.exists(file), files.stat(file)?.mtimeNs ?? null);
  say('a');
  world.sleep(7);
  files.write('a', 'one');
  say('a');
  files.write('a', 'two');
  say('a');
  world.sleep(1);
  files.copy('a', 'b');
  say('b');
  files.rename('a', 'b');
  say('b');
  files.unlink('b');
  say('b');
  say('lab.db');
  world.observe('said', said);
}

interface PeriodicArgs {
  readonly everyMs: number;
  /** From the run's start; absent: no promise. */
  readonly quietUntilMs?: number;
}

/** Counts the rows every so often, and promises to be quiet. */
export function periodic(world: World, args: Json): void {
  const { everyMs, quietUntilMs } = args as unknown as PeriodicArgs;
  const began = world.now();
  const promise = quietUntilMs === undefined ? {} : { quietUntilMs: began + quietUntilMs };
  let ticks = 0;
  while (!world.stopping()) {
    const db = world.open('lab.db', { busyTimeoutMs: 60_000 });
    const rows = Number(db.get('SELECT count(*) AS n FROM t')?.['n']);
    db.close();
    ticks++;
    if (world.shared.get('rows') !== rows) {
      world.observe('rows', { rows, atMs: world.now() - began });
      world.shared.set('rows', rows);
    }
    world.sleep(everyMs, promise);
  }
  world.observe('ticks', ticks);
}

/** Writes one row at a certain time. */
export function writingOnce(world: World, atMs: Json): void {
  world.sleep(Number(atMs));
  const db = world.open('lab.db', { busyTimeoutMs: 60_000 });
  db.immediate(() => void db.run("INSERT INTO t VALUES(1, 'x')"));
  db.close();
}

/** Writes a row each time it has waited for a message in vain: it never sleeps. */
export function writingBetweenWaits(world: World, everyMs: Json): void {
  const db = world.open('lab.db', { busyTimeoutMs: 60_000 });
  for (let k = 1; !world.stopping(); k++) {
    world.receive({ timeoutMs: Number(everyMs) });
    db.immediate(() => void db.run('INSERT INTO t VALUES(?, ?)', k, 'x'));
  }
  db.close();
}

/** Reads what an earlier run may have left in the memory of this process. */
export function waitingTwice(world: World): void {
  world.observe('left', world.shared.get('left') ?? null);
  world.shared.set('left', 'by an earlier run');
  world.mutex('held', () => world.sleep(1));
}
