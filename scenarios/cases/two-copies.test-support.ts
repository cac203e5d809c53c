// A backup of a live WAL database by copying two files (neotoma #2075).
import { z } from 'zod';
import type { Scenario } from '../../harness/model/scenario.ts';
import { generalInvariants } from '../../harness/judge/invariants/catalogue.ts';

const module = new URL('./two-copies.program.ts', import.meta.url).href;
const workload = z.strictObject({
  commits: z.array(z.int().min(0).max(500)).min(1).max(4),
  afterMs: z.int().min(0),
  betweenMs: z.int().min(1),
});
type Workload = z.infer<typeof workload>;

export const twoCopies: Scenario = {
  name: 'two-copies',
  says: 'two writers, and a backup that copies the database and then its -wal',
  source: 'neotoma #2075',
  engine: '3.50.4',
  database: 'backup.db',
  strategies: [
    { name: 'two-copies', says: 'cp db, cp -wal; checkpoints every 8 pages' },
    { name: 'two-copies-at-once', says: 'the same, with nothing between the copies: only I/O takes time' },
    { name: 'two-copies-no-checkpoint', says: 'the same without checkpoints' },
    { name: 'in-pieces', says: 'the same as two-copies, read 4 KB at a time' },
    { name: 'vacuum-into', says: 'VACUUM INTO; checkpoints every 8 pages' },
  ],
  parameters: { gateways: 1, horizonMs: 600_000, stepsMax: 200_000 },
  programs: Object.fromEntries(['setup', 'writer', 'backup'].map((program) => [program, { module, export: program }])),
  setup: () => ({ name: 'setup', program: 'setup', args: null }),
  workload,
  generate: (random): Workload => ({
    commits: [0, 0].map(() => 20 + Math.floor(random() * 60)),
    afterMs: 5 + Math.floor(random() * 60),
    betweenMs: 1 + Math.floor(random() * 30),
  }),
  operations: (given) => (given as Workload).commits.reduce((sum, n) => sum + n, 0),
  start: ({ workload: given, strategy }) => {
    const { commits, ...times } = given as Workload;
    const pages = strategy === 'two-copies-no-checkpoint' ? 0 : 8;
    return [
      ...commits.map((n, i) => ({ name: `writer-${i + 1}`, program: 'writer', args: { commits: n, pages } })),
      { name: 'backup', program: 'backup', args: { strategy, ...times } },
    ];
  },
  queries: { t: "SELECT writer || ':' || n FROM t NOT INDEXED" },
  invariants: generalInvariants,
  marks: [
    {
      name: 'wrote-meanwhile',
      says: 'a writer committed while the backup was being made',
      count: ({ observations }) => {
        const from = observations.findIndex(({ kind }) => kind === 'backup-begins');
        const to = observations.findIndex(({ kind }) => kind === 'backup-ends');
        return from < 0
          ? 0
          : observations.slice(from, to < 0 ? undefined : to).filter(({ kind }) => kind === 'wrote').length;
      },
    },
    {
      name: 'wal-reset-meanwhile',
      says: 'the WAL began anew while the backup was being made',
      count: ({ observations }) =>
        observations.filter(({ kind, data }) => kind === 'backup-ends' && data === true).length,
    },
  ],
  window: 'wrote-meanwhile',
  symptoms: [],
  claims: [],
};
