// Whether systemd starts a service again: Restart=, RestartForceExitStatus=, the start limit. Pure.
import type { Ending } from '../../../harness/lane/world.ts';
import type { Restart, UnitFile } from './settings.ts';

/** RestartForceExitStatus= of the reported unit file. */
const forcesRestart = 75;

/** Did it end as a service that did what it should? */
export function endedWell(ending: Ending): boolean {
  return ending.how === 'returned' || (ending.how === 'exited' && ending.code === 0);
}

/** Is a service that ended by itself, or was killed by somebody else, started again? */
export function restarts(restart: Restart, ending: Ending): boolean {
  if (ending.how === 'exited' && ending.code === forcesRestart) return true;
  return restart === 'always' || (restart === 'on-failure' && !endedWell(ending));
}

/**
 * StartLimitIntervalSec= and StartLimitBurst=: may it be started now? Every start counts, whoever asked for it. As in
 * systemd (ratelimit_below), an interval begins with the first start that lies in no other.
 *
 * @param startsMs virtual times of the starts so far, in order
 */
export function withinStartLimit(unit: UnitFile, startsMs: readonly number[], nowMs: number): boolean {
  const { startLimitIntervalMs: interval, startLimitBurst: burst } = unit;
  if (interval === 0) return true;
  let beganMs = -Infinity;
  let starts = 0;
  for (const startMs of startsMs) {
    if (startMs - beganMs > interval) [beganMs, starts] = [startMs, 0];
    starts++;
  }
  return nowMs - beganMs > interval || starts < burst;
}
