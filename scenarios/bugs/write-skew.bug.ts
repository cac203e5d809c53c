import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';

export const bug: PlantedBug = {
  name: 'write-skew',
  about: 'each of two doctors sees the other on call in one database and goes off in another',
  kind: 'planted',
  depth: 3,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^nobody is on call/ },
  schema: 'CREATE TABLE duty(n INTEGER PRIMARY KEY, on_call INT)',
  database: 'east.db',
  queries: {},
  processes: (draw) => [
    { name: 'east', program: 'doctor', args: { other: 'west', rounds: draw(2, 4) } },
    { name: 'west', program: 'doctor', args: { other: 'east', rounds: draw(2, 4) } },
  ],
  rule: 'one of the two is on call',
  broken: ({ observations }) => {
    const off = new Set<string>();
    for (const { kind, lane } of observations) {
      if (kind === 'off') off.add(lane);
      if (kind === 'on') off.delete(lane);
      if (off.size === 2) return 'nobody is on call, and each saw the other there';
    }
    return undefined;
  },
};

/** On call and off again, so often; its own word stands in a database of its own. */
export function doctor(world: World, args: Json): void {
  const { other, rounds, fixed } = args as Told<{ other: string; rounds: number }>;
  const open = (name: string) => {
    const db = world.open(`${name}.db`, { busyTimeoutMs: 60_000 });
    db.exec('CREATE TABLE IF NOT EXISTS duty(n INTEGER PRIMARY KEY, on_call INT)');
    return db;
  };
  const [own, others] = [open(world.process), open(other)];
  const say = (onCall: boolean) => {
    if (onCall) world.observe('on', null);
    own.run('INSERT INTO duty(on_call) VALUES(?)', onCall ? 1 : 0);
  };
  const isOn = () => Number(others.get('SELECT on_call FROM duty ORDER BY n DESC LIMIT 1')?.['on_call'] ?? 0) === 1;
  for (let n = 0; n < rounds; n++) {
    say(true);
    const lock = fixed ? world.flock('duty.lock', 'exclusive', { timeoutMs: 60_000, pollMs: 1 }) : undefined;
    if (isOn()) {
      say(false);
      world.observe('off', null);
      isOn();
      say(true);
    }
    lock?.release();
  }
  own.close();
  others.close();
}
