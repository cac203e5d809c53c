// no-wedge: after the last fault, every living gateway ticks well again within three intervals of its dispatcher. A
// watcher violates it by a tail of ticks that all failed, or by ticking no more. What stays out: why.
import {
  failingTail,
  failuresOf,
  type GatewayLog,
  gatewayLogs,
  type Logged,
  type Watcher,
  watchers,
} from '../gateway/log.ts';

const intervals = 3;
const name = 'no-wedge';

/** Where a fault of a plan strikes, as far as it is known beforehand. */
interface Address {
  readonly timeMs?: number;
  readonly step?: number;
}

/** The part of a history that this reads. */
interface Seen {
  readonly virtualMs: number;
  readonly plan: { readonly faults: readonly { readonly at: object }[] };
  readonly observations: readonly Logged[];
  readonly deaths: readonly { readonly process: string }[];
}

interface Finding {
  readonly invariant: string;
  readonly message: string;
  readonly step: number | null;
}

/** When the last fault struck; 0 for one that is addressed by an operation. */
function lastFaultMs({ plan, observations }: Seen): number {
  const times = plan.faults.map(({ at }) => {
    const { timeMs, step } = at as Address;
    if (timeMs !== undefined) return timeMs;
    return step === undefined ? 0 : (observations.find((observation) => observation.step >= step)?.nowMs ?? 0);
  });
  return Math.max(0, ...times);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** A gateway and what to judge it by. */
interface Judged {
  readonly log: GatewayLog;
  readonly watcher: Watcher;
  readonly fromMs: number;
  readonly untilMs: number;
}

function judge({ log, watcher, fromMs, untilMs }: Judged): Omit<Finding, 'invariant'> | undefined {
  const { gateway, intervalMs } = log;
  const ticks = log.watchers[watcher];
  const tail = failingTail(ticks.filter(({ nowMs }) => nowMs >= fromMs));
  const [first] = tail;
  const last = tail.at(-1);
  // Three failing ticks of the dispatcher, and as long a time for a watcher with a shorter interval.
  if (first !== undefined && last !== undefined && last.nowMs - first.nowMs >= (intervals - 1) * intervalMs) {
    const message =
      `${gateway} is wedged: all ${tail.length} ticks of its ${watcher} from ${seconds(first.nowMs)} on failed ` +
      `(${failuresOf(tail)})`;
    return { message, step: first.step };
  }
  const silentFromMs = Math.max(fromMs, log.upMs, ticks.at(-1)?.nowMs ?? 0);
  if (untilMs - silentFromMs <= intervals * intervalMs) return undefined;
  const message = `the ${watcher} of ${gateway} does not tick any more since ${seconds(silentFromMs)}`;
  return { message, step: ticks.at(-1)?.step ?? null };
}

export const noWedge = {
  name,
  says: 'after the last fault, every living gateway ticks well again within three intervals',
  check(history: Seen): readonly Finding[] {
    const fromMs = lastFaultMs(history);
    const killed = new Set(history.deaths.map(({ process }) => process));
    return gatewayLogs(history.observations).flatMap((log) => {
      // One that was killed has no duty to tick; but what it did until then counts.
      const lastMs = Math.max(log.upMs, ...watchers.map((watcher) => log.watchers[watcher].at(-1)?.nowMs ?? 0));
      const untilMs = log.downMs ?? (killed.has(log.gateway) ? lastMs : history.virtualMs);
      return watchers.flatMap((watcher) => {
        const found = judge({ log, watcher, fromMs, untilMs });
        return found === undefined ? [] : [{ invariant: name, ...found }];
      });
    });
  },
};
