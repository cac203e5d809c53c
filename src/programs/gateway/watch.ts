// A watcher of a gateway: ticks, sleeps, ticks again, until it is asked to stop. An error of the board is logged and never
// ends it, as reported; the log line is an observation. What stays out: what a tick does (the watchers beside this file).
import type { World } from '../../../harness/lane/world.ts';
import type { Pauses } from '../../policies/notify/notify.ts';
import { BoardError, boardCode } from '../../board-file/board-error.ts';
import { forever, Promises, type TickFailure, type TickReport } from '../process/quiet.ts';

/** Why a tick did nothing. */
export type Skipped = 'not-leader' | 'quarantined' | 'kanban-disabled';

/** A tick that was skipped, as its report. The clock will not change that. */
export interface SkippedTick extends TickReport {
  readonly skipped: Skipped;
}

export function skippedTick(skipped: Skipped): SkippedTick {
  return { idle: true, dueMs: forever, skipped };
}

/**
 * When the clock may change how a failing tick fails.
 *
 * @param statement the function that failed
 */
export type FailureDue = (statement: string) => number;

/** Runs a tick; leaves `tick` or `tick-failed`. `lane` is the watcher's name in the gateway. */
export function tick(
  world: World,
  lane: string,
  body: () => TickReport | SkippedTick,
  failureDue: FailureDue = () => forever,
): TickReport | TickFailure {
  const gateway = world.process;
  try {
    const report = body();
    world.observe('tick', { gateway, lane, ok: true, ...('skipped' in report && { skipped: report.skipped }) });
    return report;
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    const { code, statement, message } = error;
    if (code === boardCode.disabled) {
      const skipped = skippedTick('quarantined');
      world.observe('tick', { gateway, lane, ok: true, skipped: skipped.skipped });
      return skipped;
    }
    world.observe('tick-failed', { gateway, lane, code, statement, message });
    return { code, statement, dueMs: failureDue(statement) };
  }
}

/**
 * @property firstMs from the watcher's start to its first tick
 * @property pauses what comes between its ticks
 */
interface Rhythm {
  readonly lane: string;
  readonly firstMs: number;
  readonly pauses: Pauses;
}

/** Ticks until the gateway is asked to stop. */
export function watch(
  world: World,
  { lane, firstMs, pauses }: Rhythm,
  body: () => TickReport | SkippedTick,
  failureDue?: FailureDue,
): void {
  const promises = new Promises();
  world.sleep(firstMs);
  while (!world.stopping()) {
    pauses.begin();
    const beganMs = world.now();
    const report = tick(world, lane, body, failureDue);
    const quietUntilMs = promises.after({ tookMs: world.now() - beganMs, report });
    pauses.pause(quietUntilMs);
  }
  pauses.end();
}
