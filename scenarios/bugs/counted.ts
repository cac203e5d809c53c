// What the mutants of a lock have in common: three processes that add one to a number in a file. What stays out: how each takes the lock
// wrong.
import type { PlantedBug } from './bug.ts';
import { brokenCount } from './facts.ts';
import { noise } from './work.program.ts';

export const counted = {
  kind: 'mutant',
  depth: 2,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^the file says \d+ after \d+ additions$/ },
  schema: `PRAGMA journal_mode=WAL; ${noise}`,
  queries: {},
  processes: (draw) =>
    ['a', 'b', 'c'].map((name) => ({ name, program: 'adder', args: { before: draw(1, 5), additions: draw(1, 2) } })),
  rule: 'no addition to a file under a lock is lost',
  broken: brokenCount,
} satisfies Omit<PlantedBug, 'name' | 'about'>;
