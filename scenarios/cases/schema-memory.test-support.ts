// Which paths have their schema is remembered; the file is another one by then (hermes-agent #83445).
import { z } from 'zod';
import type { Scenario } from '../../harness/model/scenario.ts';
import { generalInvariants } from '../../harness/judge/invariants/catalogue.ts';
import { invariant } from '../../harness/model/invariant.ts';

const module = new URL('./schema-memory.program.ts', import.meta.url).href;
const workload = z.strictObject({ tickers: z.int().min(1).max(8), removeMs: z.int().min(1) });
type Workload = z.infer<typeof workload>;

const ticksAgain = invariant(
  'ticks-again',
  'harm',
  'the last three ticks of a process do not all fail',
  function* (history) {
    const ticks = new Map<string, { ok: boolean; step: number; error: string }[]>();
    for (const { kind, lane, data, step } of history.observations) {
      if (kind !== 'tick') continue;
      const { ok, error } = data as { ok: boolean; error: string };
      ticks.set(lane, [...(ticks.get(lane) ?? []), { ok, step, error }]);
    }
    for (const [lane, all] of ticks) {
      const last = all.slice(-3);
      if (last.length === 3 && last.every(({ ok }) => !ok))
        yield { message: `${lane} fails at every tick to the end: ${last[0]?.error}`, step: last[0]?.step ?? 0 };
    }
  },
);

export const schemaMemory: Scenario = {
  name: 'schema-memory',
  says: 'a person removes the database under processes that remember having made its schema',
  source: 'hermes-agent #83445',
  engine: '3.50.4',
  database: 'app.db',
  strategies: [
    { name: 'path-memory', says: 'the schema step is skipped for a path that had it once' },
    { name: 'exists-check', says: 'the same, unless the file is missing before the open' },
    { name: 'sentinel-table', says: 'the same, unless the table is missing' },
  ],
  parameters: { gateways: 1, horizonMs: 600_000, stepsMax: 200_000 },
  programs: Object.fromEntries(['setup', 'ticker', 'person'].map((program) => [program, { module, export: program }])),
  setup: () => ({ name: 'setup', program: 'setup', args: null }),
  workload,
  generate: (random): Workload => ({
    tickers: 1 + Math.floor(random() * 3),
    removeMs: 100_000 + Math.floor(random() * 300_000),
  }),
  operations: (given) => (given as Workload).tickers,
  start: ({ workload: given, strategy }) => {
    const { tickers, removeMs } = given as Workload;
    return [
      ...Array.from({ length: tickers }, (_, i) => ({
        name: `ticker-${i + 1}`,
        program: 'ticker',
        args: { strategy },
      })),
      { name: 'person', program: 'person', args: { removeMs } },
    ];
  },
  queries: { t: "SELECT who || ':' || n FROM t NOT INDEXED" },
  invariants: [...generalInvariants, ticksAgain],
  marks: [
    {
      name: 'removed-unused',
      says: 'the database was removed while no process had it open',
      count: ({ looks }) =>
        looks.filter(({ label, openFiles }) => label === 'removing' && !openFiles.some(({ file }) => file === 'app.db'))
          .length,
    },
  ],
  window: 'removed-unused',
  symptoms: [],
  claims: [],
};
