// What happens in the scenario wal-unlink-wedge: chat messages that create tasks, and a person who looks, reads and
// restarts. Its shape, and random ones of natural size. What stays out: the programs that act it out (src/).
import { z } from 'zod';
import { below } from '../harness/explore/random.ts';
import type { Parameters } from '../harness/explore/plan.ts';
import type { ChatMessage } from '../src/gateway/settings.ts';
import type { OperatorStep } from '../src/operator/operator.ts';

const milliseconds = z.int().min(0);

const message = z.strictObject({
  atMs: milliseconds,
  order: z.strictObject({
    thinkMs: milliseconds,
    heartbeats: z.int().min(0).max(100),
    verdict: z.enum(['complete', 'block']),
  }),
  afterPrevious: z.boolean(),
  leaks: z.boolean(),
});

const gateway = z.strictObject({
  spawnMs: milliseconds,
  workerStartMs: milliseconds,
  sendMs: milliseconds,
  messages: z.array(message).max(100),
});

const operatorStep = z.discriminatedUnion('act', [
  z.strictObject({ atMs: milliseconds, act: z.literal('look'), label: z.string().regex(/^[a-z-]+$/) }),
  z.strictObject({ atMs: milliseconds, act: z.literal('read') }),
  z.strictObject({ atMs: milliseconds, act: z.literal('restart'), gateway: z.string().regex(/^gateway-\d+$/) }),
]);

/** One entry of `gateways` a gateway, in order. */
export const workloadSchema = z.strictObject({
  gateways: z.array(gateway).min(1).max(16),
  operator: z.array(operatorStep),
});
export type Workload = z.infer<typeof workloadSchema>;

/** Label of the look that the person takes before the restart. */
export const beforeRestart = 'before-restart';

/**
 * All times lie on this grid. Statements take no virtual time, so lanes can meet only when they wake at the same moment:
 * on a fine grid they hardly ever would, and no schedule could put one inside the other.
 */
const gridMs = 500;

/** Two to five tasks a gateway in the first half, some of their helpers leaking; then the person, and a restart. */
export function generateWorkload(random: () => number, { gateways, horizonMs }: Parameters): Workload {
  const between = (from: number, to: number) => from + below(random, to - from + 1);
  const timeBetween = (fromMs: number, toMs: number) => gridMs * between(fromMs / gridMs, toMs / gridMs);
  const chance = (probability: number) => random() < probability;
  const halfMs = gridMs * Math.ceil(horizonMs / 2 / gridMs);
  const order = (): ChatMessage['order'] => ({
    thinkMs: timeBetween(500, 15_000),
    heartbeats: between(0, 2),
    verdict: chance(0.75) ? 'complete' : 'block',
  });
  const messages = (): Workload['gateways'][number]['messages'] => {
    const times = Array.from({ length: between(2, 5) }, () => timeBetween(500, halfMs));
    const leaky = chance(0.7) ? 0.6 : 0;
    return times
      .toSorted((a, b) => a - b)
      .map((atMs) => ({ atMs, order: order(), afterPrevious: chance(0.3), leaks: chance(leaky) }));
  };
  const lookMs = gridMs * Math.floor((horizonMs * 0.74) / gridMs);
  const person: OperatorStep[] = [
    { atMs: lookMs, act: 'look', label: beforeRestart },
    { atMs: lookMs + 1000, act: 'read' },
    { atMs: lookMs + 2000, act: 'restart', gateway: 'gateway-1' },
  ];
  return {
    gateways: Array.from({ length: gateways }, () => ({
      spawnMs: timeBetween(500, 3000),
      workerStartMs: timeBetween(500, 5000),
      sendMs: timeBetween(0, 500),
      messages: messages(),
    })),
    operator: person,
  };
}
