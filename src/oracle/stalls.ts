// Stretches in which a watcher of a gateway does not tick at all, not even by failing: it stands still somewhere. Who waits
// may wait as long as its strategy promises, and no longer, whatever others do meanwhile; a wait without a limit promises
// nothing, so it excuses nothing. What stays out: ticks that fail, and why it stands still (the explanation of a run says).
import type { History, Strike } from '../../harness/model/history.ts';
import type { LoggedTick } from './gateway-log.ts';
import { axes, behaviourOf, type Axis } from '../policies/catalogue.ts';
import type { PolicyValue } from '../policies/axis.ts';
import { parseStrategy } from '../strategies/parse.ts';
import { processOf } from '../../harness/model/names.ts';

/** What a strategy promises of its waiting: so long at most, all its waits together; and values that promise nothing. */
export interface Patience {
  readonly waitsMsMost: number;
  readonly withoutLimit: readonly string[];
}

export function patienceOf(strategy: string): Patience {
  const policies = parseStrategy(strategy);
  const waits = (Object.keys(axes) as Axis[]).map((axis) => {
    const { waitsMsMost = 0 }: PolicyValue = behaviourOf(policies, axis);
    return { name: `${axis} ${policies[axis]}`, waitsMsMost };
  });
  return {
    waitsMsMost: waits.reduce((sum, { waitsMsMost }) => sum + (waitsMsMost ?? 0), 0),
    withoutLimit: waits.filter(({ waitsMsMost }) => waitsMsMost === null).map(({ name }) => name),
  };
}

/** @property step of the tick before, or of the gateway's start */
export interface Silence {
  readonly step: number;
  readonly fromMs: number;
  readonly untilMs: number;
  /** No tick came after it. */
  readonly toTheEnd: boolean;
}

/** From its start on, between its ticks, and up to the end. Wakings that the harness skipped are ticks. */
export function silencesOf(
  ticks: readonly LoggedTick[],
  start: { readonly step: number; readonly nowMs: number },
  untilMs: number,
): readonly Silence[] {
  const silences: Silence[] = [];
  let before = start;
  for (const tick of ticks) {
    if (tick.repeats === undefined)
      silences.push({ step: before.step, fromMs: before.nowMs, untilMs: tick.nowMs, toTheEnd: false });
    before = tick;
  }
  return [...silences, { step: before.step, fromMs: before.nowMs, untilMs, toTheEnd: true }];
}

/** For how long of a silence a fault held lanes of this very process: whoever may not run cannot tick. */
export function heldMs(
  gateway: string,
  { fromMs, untilMs }: Silence,
  { plan, strikes }: Pick<History, 'plan' | 'strikes'>,
): number {
  return strikes
    .filter((strike) => strike.kind === 'pause' && isAbout(gateway, strike, plan))
    .reduce((sum, { nowMs, liftedMs }) => {
      return sum + Math.max(0, Math.min(untilMs, liftedMs ?? untilMs) - Math.max(fromMs, nowMs));
    }, 0);
}

/** A pause that names no lane may have struck any. */
function isAbout(gateway: string, { fault }: Strike, { faults }: History['plan']): boolean {
  const told = faults[fault];
  if (told?.kind !== 'pause') return true;
  const lane = told.lane ?? ('lane' in told.at ? told.at.lane : undefined);
  return lane === undefined || processOf(lane) === gateway;
}
