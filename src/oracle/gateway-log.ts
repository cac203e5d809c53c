// What gateways leave in a history, read back: ups, downs and the ticks of their watchers. For invariants and symptoms.
import type { Observation } from '../../harness/model/history.ts';

/**
 * One tick of a gateway's watcher. `code` and `statement` are there when it failed, `skipped` when it did nothing and says
 * why. `repeats` marks one that stands for so many wakings that the coordinator skipped, since each would have done what
 * the tick before did; its time is that up to which they were skipped.
 */
export interface LoggedTick {
  readonly step: number;
  readonly nowMs: number;
  readonly ok: boolean;
  readonly skipped?: string;
  readonly code?: string;
  readonly statement?: string;
  readonly repeats?: number;
}

/**
 * One gateway process.
 *
 * @property unit whose main process it was; null for one that a shell or the scenario started
 * @property detached it was left behind by a shell that has exited
 * @property downMs when it was asked to stop and did; undefined for one that was killed, or that a cut-off run left
 * @property whyDown stop, takeover or watchdog
 * @property runs the watchers that tick in it
 * @property watchers their ticks, by the watcher's name in the gateway
 */
export interface GatewayLog {
  readonly gateway: string;
  readonly profile: string;
  readonly unit: string | null;
  readonly detached: boolean;
  readonly upMs: number;
  readonly intervalMs: number;
  readonly downMs: number | undefined;
  readonly whyDown: string | undefined;
  readonly runs: readonly Watcher[];
  readonly watchers: { readonly [watcher in Watcher]: readonly LoggedTick[] };
}

export const watchers = ['dispatcher', 'notifier'] as const;
export type Watcher = (typeof watchers)[number];

/** What the observations that are read here say, all kinds together. */
interface Entry extends Omit<Observation, 'data' | 'lane'> {
  readonly lane?: string;
  readonly gateway?: string;
  readonly profile?: string;
  readonly unit?: string | null;
  readonly detached?: boolean;
  readonly why?: string;
  readonly watchers?: readonly string[];
  readonly code?: string;
  readonly statement?: string;
  readonly skipped?: string;
  readonly dispatchIntervalMs?: number;
  readonly untilMs?: number;
  readonly wakings?: number;
}

const kinds = new Set(['gateway-up', 'gateway-down', 'tick', 'tick-failed', 'quiet']);

/** The gateways of a run, in the order in which they came up. */
export function gatewayLogs(observations: readonly Observation[]): readonly GatewayLog[] {
  const logged = observations.filter(({ kind }) => kinds.has(kind)).map(entryOf);
  const byGateway = Map.groupBy(logged, ({ gateway }) => gateway);
  return logged
    .filter(({ kind }) => kind === 'gateway-up')
    .map((up) => gatewayLog(up, byGateway.get(up.gateway) ?? []));
}

/** Ticks name their watcher in `lane`; wakings that were skipped are told of a lane's full name. */
function entryOf({ step, nowMs, kind, lane, data }: Observation): Entry {
  if (kind !== 'quiet') return { step, nowMs, kind, ...(data as object) };
  const [gateway = '', watcher = ''] = lane.split('/');
  return { step, nowMs, kind, ...(data as object), gateway, lane: watcher };
}

/** @param own all that was said of this gateway */
function gatewayLog(up: Entry, own: readonly Entry[]): GatewayLog {
  const { gateway = '', profile = '', unit = null, detached = false, nowMs, dispatchIntervalMs = 0 } = up;
  const down = own.find(({ kind }) => kind === 'gateway-down');
  return {
    gateway,
    profile,
    unit,
    detached,
    upMs: nowMs,
    intervalMs: dispatchIntervalMs,
    downMs: down?.nowMs,
    whyDown: down?.why,
    runs: watchers.filter((watcher) => up.watchers?.includes(watcher) ?? true),
    watchers: { dispatcher: ticksOf(own, 'dispatcher'), notifier: ticksOf(own, 'notifier') },
  };
}

function ticksOf(own: readonly Entry[], watcher: Watcher): readonly LoggedTick[] {
  const ticks: LoggedTick[] = [];
  for (const { kind, lane, step, nowMs, code = '', statement = '', skipped, untilMs, wakings } of own) {
    if (lane !== watcher) continue;
    const last = ticks.at(-1);
    if (kind === 'tick') ticks.push({ step, nowMs, ok: true, ...(skipped !== undefined && { skipped }) });
    if (kind === 'tick-failed') ticks.push({ step, nowMs, ok: false, code, statement });
    if (kind === 'quiet' && last !== undefined)
      ticks.push({ ...last, step, nowMs: untilMs ?? nowMs, repeats: wakings ?? 1 });
  }
  return ticks;
}

/** The ticks at the end of a watcher's life that all failed. */
export function failingTail(ticks: readonly LoggedTick[]): readonly LoggedTick[] {
  return ticks.slice(ticks.findLastIndex(({ ok }) => ok) + 1);
}

/** A failing tail as text: the codes in it and the functions that met them. */
export function failuresOf(tail: readonly LoggedTick[]): string {
  return [...new Set(tail.map(({ code, statement }) => `${code} in ${statement}`))].join(', ');
}
