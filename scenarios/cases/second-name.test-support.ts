// A second name of a database has no journal beside it (toil #2947).
import { z } from 'zod';
import type { Scenario } from '../../harness/model/scenario.ts';
import { generalInvariants } from '../../harness/judge/invariants/catalogue.ts';
import { invariant } from '../../harness/model/invariant.ts';

const module = new URL('./second-name.program.ts', import.meta.url).href;
const workload = z.strictObject({ rows: z.int().min(1).max(1000), writes: z.boolean() });
type Workload = z.infer<typeof workload>;

const wholeRead = invariant('whole-read', 'harm', 'what the janitor reads is all old or all new', function* (history) {
  for (const { kind, data, step } of history.observations) {
    if (kind !== 'read') continue;
    const { old, fresh, sound } = data as { old: number; fresh: number; sound: string };
    if (sound !== 'ok') yield { message: `the janitor found the database malformed: ${sound}`, step };
    if (old > 0 && fresh > 0) yield { message: `the janitor read ${old} old rows and ${fresh} new ones`, step };
  }
});

export const secondName: Scenario = {
  name: 'second-name',
  says: 'a worker dies in COMMIT; a janitor opens the database by its other name',
  source: 'toil #2947',
  engine: '3.50.4',
  database: 'cache.db',
  strategies: [
    { name: 'alias', says: 'the janitor opens the hard link' },
    { name: 'alias-checked', says: 'the same, and an integrity_check before it reads' },
    { name: 'own-name', says: 'the janitor opens the name that the worker used' },
  ],
  parameters: { gateways: 1, horizonMs: 600_000, stepsMax: 200_000, sqlite: { pageBytes: 512, cachePages: 10 } },
  programs: Object.fromEntries(['setup', 'worker', 'janitor'].map((program) => [program, { module, export: program }])),
  setup: ({ workload: given }) => ({ name: 'setup', program: 'setup', args: { rows: (given as Workload).rows } }),
  workload,
  generate: (random): Workload => ({ rows: 50 + Math.floor(random() * 150), writes: random() < 0.5 }),
  faults: (random) => [
    {
      kind: 'kill',
      at: { lane: 'worker', op: 'write', role: random() < 0.7 ? 'db' : 'journal', nth: 1 + Math.floor(random() * 30) },
    },
  ],
  start: ({ workload: given, strategy }) => [
    { name: 'worker', program: 'worker', args: null },
    { name: 'janitor', program: 'janitor', args: { strategy, writes: (given as Workload).writes } },
  ],
  queries: { t: 'SELECT k FROM t NOT INDEXED', log: 'SELECT n FROM log' },
  invariants: [...generalInvariants, wholeRead],
  marks: [
    {
      name: 'hot-journal',
      says: 'there was a journal when the janitor came',
      count: ({ observations }) =>
        observations.filter(({ kind, data }) => kind === 'came' && (data as { journal: boolean }).journal).length,
    },
  ],
  window: 'hot-journal',
  symptoms: [],
  claims: [],
};
