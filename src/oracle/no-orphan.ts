// no-orphan: no gateway outside its unit lives on beside the unit's own, where the strategy promises it. What a strategy
// promises, its policy `guard` says (the asks of #35240). refuse: a start from a shell does not come up while the unit's
// gateway is up, unless forced. adopt-kill: once the unit's gateway has come up, an older one from outside is gone.
// adopt-refuse: the two are never up together. watchdog: the one outside goes by itself. To be gone takes two periods of
// the watchdog at most, and a fault in force does not count. The system as reported promises nothing.
import type { History } from '../../harness/model/history.ts';
import { invariant } from '../../harness/model/invariant.ts';
import { watchdogIntervalMs } from '../programs/gateway/settings.ts';
import { behaviourOf, type Behaviour } from '../policies/catalogue.ts';
import { parseStrategy } from '../strategies/parse.ts';
import { calmFromMs } from './disturbances.ts';
import { type GatewayLife, gatewayLives } from './gateway-lives.ts';
import { seconds } from './said.ts';

const graceMs = 2 * watchdogIntervalMs;

/** A gateway that was started from a shell, and one of the same profile that its unit started. */
interface Pair {
  readonly orphan: GatewayLife;
  readonly own: GatewayLife;
}

function pairsOf(lives: readonly GatewayLife[]): readonly Pair[] {
  return lives
    .filter(({ unit }) => unit === null)
    .flatMap((orphan) =>
      lives.flatMap((own) => (own.unit !== null && own.profile === orphan.profile ? [{ orphan, own }] : [])),
    );
}

/** Does the policy promise that the first of the pair goes, once both are up? */
function mustGo({ adopts, watches }: Behaviour<'guard'>, { orphan, own }: Pair): boolean {
  return watches || adopts === 'refuse' || (adopts === 'kill' && orphan.upStep < own.upStep);
}

/** Until when a gateway lived, at the latest to the plan's end. */
function endMs({ plan, virtualMs }: Pick<History, 'plan' | 'virtualMs'>, { end }: GatewayLife): number {
  return Math.min(end?.nowMs ?? virtualMs, plan.parameters.horizonMs);
}

export const noOrphan = invariant(
  'no-orphan',
  'hazard',
  'no gateway outside its unit outlives a restart of the unit, where the strategy promises it',
  function* (history) {
    const guard = behaviourOf(parseStrategy(history.plan.strategy), 'guard');
    for (const { orphan, own } of pairsOf(gatewayLives(history))) {
      const besides =
        `${orphan.gateway}, of profile ${orphan.profile} and outside every unit, came up at ${seconds(orphan.upMs)}, and ` +
        `${own.gateway} of the unit ${own.unit} at ${seconds(own.upMs)}`;
      const ownIsUp = own.upStep < orphan.upStep && (own.end === undefined || own.end.step > orphan.upStep);
      if (guard.refusesWhenSupervised && ownIsUp && !orphan.forced) {
        yield { message: `${besides}: the start from a shell was not refused`, step: orphan.upStep };
      }
      if (!mustGo(guard, { orphan, own })) continue;
      const fromMs = calmFromMs(history.strikes, Math.max(orphan.upMs, own.upMs), graceMs);
      const untilMs = Math.min(endMs(history, orphan), endMs(history, own));
      if (untilMs - fromMs <= graceMs) continue;
      yield {
        message: `${besides}: both were up until ${seconds(untilMs)}, longer than ${seconds(graceMs)}`,
        step: Math.max(orphan.upStep, own.upStep),
      };
    }
  },
);
