// Who uses a board first when a power loss has left it, under a strategy that keeps all beside it: a dispatcher's ticks, until the time is
// over in which the strategy promises that the board is back. What stays out: strategies that leave it to SQLite.
import type { Plan } from '../../harness/model/plan.ts';
import type { FirstUse } from '../../harness/model/scenario.ts';
import type { Json } from '../../harness/model/values.ts';
import { noSilentLoss } from '../../src/oracle/no-silent-loss.ts';
import { behaviourOf } from '../../src/policies/catalogue.ts';
import { parseStrategy } from '../../src/strategies/parse.ts';
import { durabilityUnder } from './durability.ts';
import { ownBoardOf } from './processes.ts';

/** Of a dispatcher (src/programs/gateway/settings.ts). */
const tickMs = 60_000;

export function firstUseUnder(plan: Plan): FirstUse | undefined {
  const { keepsAll, recoversMsMost } = behaviourOf(parseStrategy(plan.strategy), 'recovery');
  if (!keepsAll || recoversMsMost === null || durabilityUnder(plan.strategy) === 'nothing') return undefined;
  const ticks = 1 + Math.ceil(recoversMsMost / tickMs);
  const args = { board: ownBoardOf(plan), ticks, everyMs: tickMs } as unknown as Json;
  return {
    start: [{ name: 'first-use', program: 'first-ticks', args }],
    horizonMs: 2 * ticks * tickMs,
    invariants: [noSilentLoss],
  };
}
