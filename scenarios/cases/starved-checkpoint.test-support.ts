// Readers that always have a snapshot open starve every checkpoint (khive #1812).
import { z } from 'zod';
import type { Scenario } from '../../harness/model/scenario.ts';
import { generalInvariants } from '../../harness/judge/invariants/catalogue.ts';
import { invariant } from '../../harness/model/invariant.ts';

const module = new URL('./starved-checkpoint.program.ts', import.meta.url).href;
const workload = z.strictObject({
  seats: z.array(z.strictObject({ startMs: z.int().min(0), holdMs: z.int().min(1) })).max(12),
  everyMs: z.int().min(500),
});
type Workload = z.infer<typeof workload>;
const framesMost = 400;
const longestMs = 600_000;

const walBounded = invariant(
  'wal-bounded',
  'harm',
  'the WAL is not over 400 frames for more than ten minutes',
  function* ({ observations }) {
    let sinceMs: number | undefined;
    for (const { kind, data, nowMs, step } of observations) {
      if (kind !== 'checkpoint') continue;
      const { walFrames } = data as { walFrames: number };
      if (walFrames <= framesMost) sinceMs = undefined;
      else sinceMs ??= nowMs;
      if (sinceMs === undefined || nowMs - sinceMs <= longestMs) continue;
      yield { message: `the WAL has over ${framesMost} frames since ${sinceMs} ms, ${walFrames} now`, step };
      return;
    }
  },
);

export const starvedCheckpoint: Scenario = {
  name: 'starved-checkpoint',
  says: 'readers with long snapshots beside two writers and a checkpointer',
  source: 'khive #1812',
  engine: '3.50.4',
  database: 'app.db',
  strategies: [
    { name: 'none', says: 'PASSIVE checkpoints, snapshots for minutes' },
    { name: 'truncate-escalation', says: 'TRUNCATE where PASSIVE gets nowhere, with a busy timeout of 2 s' },
    { name: 'age-cap', says: 'a snapshot is given up and taken anew after 120 s' },
    { name: 'age-cap-and-gap', says: 'the same, by all readers at once, with a second between' },
  ],
  parameters: { gateways: 8, horizonMs: 2_400_000, stepsMax: 400_000 },
  programs: Object.fromEntries(
    ['setup', 'seat', 'writer', 'checkpointer'].map((program) => [program, { module, export: program }]),
  ),
  setup: () => ({ name: 'setup', program: 'setup', args: null }),
  workload,
  generate: (random, { gateways }): Workload => ({
    seats: Array.from({ length: gateways }, () => ({
      startMs: Math.floor(random() * 120_000),
      holdMs: 600_000 + Math.floor(random() * 3_000_000),
    })),
    everyMs: 4000 + Math.floor(random() * 6000),
  }),
  start: ({ workload: given, strategy }) => {
    const { seats, everyMs } = given as Workload;
    return [
      ...seats.map((seat, i) => ({ name: `seat-${i + 1}`, program: 'seat', args: { ...seat, strategy } })),
      ...[1, 2].map((i) => ({ name: `writer-${i}`, program: 'writer', args: { everyMs } })),
      { name: 'checkpointer', program: 'checkpointer', args: { strategy } },
    ];
  },
  queries: { t: "SELECT who || ':' || n FROM t NOT INDEXED" },
  invariants: [...generalInvariants, walBounded],
  marks: [
    {
      name: 'written-under-snapshot',
      says: 'a commit while a reader has a snapshot open',
      count: ({ observations }) => {
        const open = new Set<string>();
        let commits = 0;
        for (const { kind, lane } of observations) {
          if (kind === 'snapshot') open.add(lane);
          if (kind === 'released') open.delete(lane);
          if (kind === 'committed' && open.size > 0) commits++;
        }
        return commits;
      },
    },
  ],
  window: 'written-under-snapshot',
  symptoms: [],
  claims: [],
};
