// SIGBUS under mmap, blamed on a checkpoint of a sibling (codebase-memory-mcp #314).
import { z } from 'zod';
import type { Scenario } from '../../harness/model/scenario.ts';
import { generalInvariants } from '../../harness/judge/invariants/catalogue.ts';

const module = new URL('./shrunk-mapping.program.ts', import.meta.url).href;
const workload = z.strictObject({ rows: z.int().min(1).max(5000), scans: z.int().min(1), atMs: z.int().min(0) });
type Workload = z.infer<typeof workload>;

export const shrunkMapping: Scenario = {
  name: 'shrunk-mapping',
  says: 'a reader with a mapping beside a sibling that makes the file shorter',
  source: 'codebase-memory-mcp #314',
  engine: '3.50.4',
  database: 'app.db',
  strategies: [
    { name: 'truncate-checkpoint', says: 'DELETE, VACUUM, wal_checkpoint(TRUNCATE)' },
    { name: 'passive', says: 'DELETE, VACUUM, wal_checkpoint(PASSIVE)' },
    { name: 'rewrite', says: 'the file is written anew in place, shorter' },
    { name: 'rewrite-no-mmap', says: 'the same, the reader without mmap' },
    { name: 'build-aside', says: 'VACUUM INTO another file, renamed when no reader has it open' },
  ],
  parameters: { gateways: 1, horizonMs: 600_000, stepsMax: 200_000 },
  programs: Object.fromEntries(['setup', 'reader', 'sibling'].map((program) => [program, { module, export: program }])),
  setup: ({ workload: given }) => ({ name: 'setup', program: 'setup', args: { rows: (given as Workload).rows } }),
  workload,
  generate: (random): Workload => ({
    rows: 500 + Math.floor(random() * 1000),
    scans: 5 + Math.floor(random() * 20),
    atMs: Math.floor(random() * 60),
  }),
  faults: (random) => [
    { kind: 'pause', at: { lane: 'reader', op: 'fetch', nth: 1 + Math.floor(random() * 200) }, ms: 5000 },
  ],
  start: ({ workload: given, strategy }) => {
    const { scans, atMs } = given as Workload;
    return [
      { name: 'reader', program: 'reader', args: { scans, mmap: strategy !== 'rewrite-no-mmap', strategy } },
      { name: 'sibling', program: 'sibling', args: { atMs, strategy } },
    ];
  },
  queries: { t: 'SELECT k FROM t NOT INDEXED' },
  invariants: generalInvariants,
  marks: [
    {
      name: 'shrunk-under-reader',
      says: 'the file became shorter while the reader read',
      count: ({ observations }) =>
        observations.filter(({ kind, data }) => {
          const { before, after } = (kind === 'shrunk' ? data : { before: 0, after: 0 }) as {
            before: number;
            after: number;
          };
          return after < before;
        }).length,
    },
  ],
  window: 'shrunk-under-reader',
  symptoms: [],
  claims: [],
};
