// An init lock that wedges, and its cure, which lets go of a half-made board (hermes-agent #36644).
import { z } from 'zod';
import type { Scenario } from '../../harness/model/scenario.ts';
import { generalInvariants } from '../../harness/judge/invariants/catalogue.ts';
import { invariant } from '../../harness/model/invariant.ts';

const module = new URL('./init-lock.program.ts', import.meta.url).href;
const workload = z.strictObject({
  gateways: z.int().min(1).max(20),
  slowMs: z.int().min(0),
  holdFromMs: z.int().min(1).nullable(),
});
type Workload = z.infer<typeof workload>;
const intervalMs = 20_000;

const ticksOn = invariant(
  'ticks-on',
  'harm',
  'a living process is never silent for three intervals',
  function* (history) {
    const last = new Map<string, { nowMs: number; step: number }>();
    for (const { kind, lane, nowMs, step } of history.observations) {
      if (kind !== 'tick' && kind !== 'up') continue;
      const before = last.get(lane);
      if (before !== undefined && nowMs - before.nowMs > 3 * intervalMs)
        yield { message: `${lane} was silent from ${before.nowMs} to ${nowMs} ms`, step: before.step };
      last.set(lane, { nowMs, step });
    }
    const endMs = Math.min(history.virtualMs, history.plan.parameters.horizonMs);
    for (const [lane, { nowMs, step }] of last)
      if (endMs - nowMs > 3 * intervalMs) yield { message: `${lane} is silent from ${nowMs} ms to the end`, step };
  },
);
const noFalseAlarm = invariant(
  'no-refusal',
  'harm',
  'a board that is only half made is not judged corrupt',
  function* ({ observations }) {
    const refused = observations.filter(({ kind }) => kind === 'refused');
    if (refused[0] !== undefined)
      yield { message: `${refused.length} verdicts of corruption about a sound board`, step: refused[0].step };
  },
);

export const initLock: Scenario = {
  name: 'init-lock',
  says: 'a lock round connects: somebody stands still in it, or twenty come at once',
  source: 'hermes-agent #36644',
  engine: '3.50.4',
  database: 'app.db',
  strategies: [
    { name: 'blocking', says: 'every connect waits for the lock without limit' },
    { name: 'bounded', says: 'the first connect waits 10 s, then goes on without it' },
    { name: 'bounded-skip', says: 'the first connect waits 10 s, then the tick is left out' },
  ],
  parameters: { gateways: 1, horizonMs: 300_000, stepsMax: 400_000 },
  programs: Object.fromEntries(['setup', 'gateway', 'holder'].map((program) => [program, { module, export: program }])),
  setup: () => ({ name: 'setup', program: 'setup', args: null }),
  workload,
  generate: (random): Workload =>
    random() < 0.5
      ? { gateways: 2 + Math.floor(random() * 3), slowMs: 100, holdFromMs: 30_000 + Math.floor(random() * 60_000) }
      : { gateways: 6 + Math.floor(random() * 8), slowMs: 1000 + Math.floor(random() * 20_000), holdFromMs: null },
  operations: (given) => (given as Workload).gateways,
  start: ({ workload: given, strategy }) => {
    const { gateways, slowMs, holdFromMs } = given as Workload;
    const holder = { name: 'holder', program: 'holder', args: { holdFromMs } };
    return [
      ...Array.from({ length: gateways }, (_, i) => ({
        name: `gateway-${i + 1}`,
        program: 'gateway',
        args: { strategy, slowMs, intervalMs },
      })),
      ...(holdFromMs === null ? [] : [holder]),
    ];
  },
  queries: { t: "SELECT who || ':' || n FROM t NOT INDEXED" },
  invariants: [...generalInvariants, ticksOn, noFalseAlarm],
  marks: [
    {
      name: 'lock-kept-from',
      says: 'a process found the lock taken for 10 s, by one that stands still or by many that make the board',
      count: ({ observations }) => observations.filter(({ kind }) => kind === 'lock-kept-from').length,
    },
  ],
  window: 'lock-kept-from',
  symptoms: [],
  claims: [],
};
