// The canary: two writers and a checkpointer on one WAL database. Nothing in it is placed; on SQLite up to 3.51.2 a
// blind search must find the WAL-reset bug, or the search has gone blind.
import { z } from 'zod';
import { varySqlite } from '../harness/search/vary-sqlite.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { generalInvariants } from '../harness/judge/invariants/catalogue.ts';
import { boundedList } from '../harness/model/reading/bounded-list.ts';

const module = new URL('./wal-reset.program.ts', import.meta.url).href;

const workload = z.strictObject({
  writers: boundedList(
    z.strictObject({
      transactions: z.int().min(1).max(500),
      payloadBytes: z.int().min(1).max(4000),
      autocheckpointPages: z.int().min(0).max(1_000_000),
      sleepMs: z.int().min(1).max(1e9),
    }),
    16,
    'writers',
    1,
  ),
  checkpoints: z.int().min(0).max(100_000),
  sleepMs: z.int().min(1).max(1e9),
});
type Workload = z.infer<typeof workload>;

/** Small, and different in every run. */
function generate(random: () => number): Workload {
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  const sleepMs = between(1, 2);
  const writer = {
    transactions: between(3, 6),
    payloadBytes: between(100, 300),
    autocheckpointPages: between(3, 7),
    sleepMs,
  };
  return { writers: [writer, writer], checkpoints: between(6, 10), sleepMs };
}

const bugDocumented = 'sqlite.org/wal.html, "The WAL-reset bug": 3.7.0 to 3.51.2, fixed in 3.51.3';

/** What "loses committed rows" looks like: gone, or in an index only, or behind a page that cannot be read. */
const loss = { invariants: ['integrity', 'acknowledged-commits', 'whole-transactions'] } as const;

export const walReset: Scenario = {
  name: 'wal-reset',
  says: 'two writers and a checkpointer: the canary, which a blind search must find up to SQLite 3.51.2',
  source: 'sqlite.org/wal.html, section on the WAL-reset bug',
  engine: '3.51.2',
  database: 'board.db',
  strategies: [{ name: 'wal', says: 'journal_mode=WAL, synchronous=NORMAL', sharesName: true }],
  parameters: { gateways: 1, horizonMs: 3_600_000, stepsMax: 1_000_000 },
  programs: {
    setup: { module, export: 'setup' },
    writer: { module, export: 'writer' },
    checkpointer: { module, export: 'checkpointer' },
  },
  setup: () => ({ name: 'setup', program: 'setup', args: null }),
  workload,
  generate,
  vary: varySqlite,
  operations: (given) => {
    const { writers, checkpoints } = given as Workload;
    return checkpoints + writers.reduce((sum, { transactions }) => sum + transactions, 0);
  },
  start: ({ workload: given }) => {
    const { writers, checkpoints, sleepMs } = given as Workload;
    return [
      ...writers.map((args, i) => ({ name: `writer-${i + 1}`, program: 'writer', args })),
      { name: 'checkpointer', program: 'checkpointer', args: { checkpoints, sleepMs } },
    ];
  },
  durability: () => 'order',
  queries: { t: [{ table: 't', prefix: '', key: "writer || ':' || n" }] },
  invariants: generalInvariants,
  window: 'wal-reset-in-checkpoint',
  symptoms: [],
  claims: [
    {
      ...loss,
      claim: 'SQLite 3.50.4 loses committed rows when the WAL is reset inside a checkpoint',
      source: { by: 'documented', where: bugDocumented },
      strategy: 'wal',
      engine: '3.50.4',
      expects: 'violation',
    },
    {
      ...loss,
      claim: 'SQLite 3.51.2 loses committed rows when the WAL is reset inside a checkpoint',
      source: { by: 'documented', where: bugDocumented },
      strategy: 'wal',
      engine: '3.51.2',
      expects: 'violation',
    },
    {
      ...loss,
      claim: 'SQLite 3.54.1 loses nothing when the WAL is reset inside a checkpoint',
      source: { by: 'documented', where: bugDocumented },
      strategy: 'wal',
      engine: '3.54.1',
      expects: 'none',
    },
  ],
};
