// What gateways leave in a history, read back: ups, downs and the ticks of their watchers. For invariants and symptoms; takes the
// part of a history that it needs, since src/ knows nothing of how histories are made.
import type { Json } from '../../harness/lane/world.ts';

/** An observation of a history. */
export interface Logged {
  readonly step: number;
  readonly nowMs: number;
  readonly kind: string;
  readonly data: Json;
}

/** One tick of a gateway's watcher. `code` and `statement` are there when it failed. */
export interface LoggedTick {
  readonly step: number;
  readonly nowMs: number;
  readonly ok: boolean;
  readonly code?: string;
  readonly statement?: string;
}

/**
 * One gateway process.
 *
 * @property downMs when it was asked to stop and did; undefined for one that was killed, or that a cut-off run left
 * @property watchers their ticks, by the watcher's name in the gateway
 */
export interface GatewayLog {
  readonly gateway: string;
  readonly upMs: number;
  readonly intervalMs: number;
  readonly downMs: number | undefined;
  readonly watchers: { readonly [watcher in Watcher]: readonly LoggedTick[] };
}

export const watchers = ['dispatcher', 'notifier'] as const;
export type Watcher = (typeof watchers)[number];

interface GatewayData {
  readonly gateway?: string;
  readonly lane?: string;
  readonly code?: string;
  readonly statement?: string;
  readonly dispatchIntervalMs?: number;
}

type Entry = GatewayData & Omit<Logged, 'data'>;

/** The gateways of a run, in the order in which they came up. */
export function gatewayLogs(observations: readonly Logged[]): readonly GatewayLog[] {
  const logged = observations.map(({ step, nowMs, kind, data }) => ({ step, nowMs, kind, ...(data as GatewayData) }));
  return logged
    .filter(({ kind }) => kind === 'gateway-up')
    .map(({ gateway = '', nowMs, dispatchIntervalMs = 0 }) => {
      const own = logged.filter((entry) => entry.gateway === gateway);
      const ticksOf = (watcher: Watcher): LoggedTick[] =>
        own.filter(({ lane }) => lane === watcher).flatMap((entry) => tickOf(entry) ?? []);
      return {
        gateway,
        upMs: nowMs,
        intervalMs: dispatchIntervalMs,
        downMs: own.find(({ kind }) => kind === 'gateway-down')?.nowMs,
        watchers: { dispatcher: ticksOf('dispatcher'), notifier: ticksOf('notifier') },
      };
    });
}

function tickOf({ kind, step, nowMs, code = '', statement = '' }: Entry): LoggedTick | undefined {
  if (kind === 'tick') return { step, nowMs, ok: true };
  return kind === 'tick-failed' ? { step, nowMs, ok: false, code, statement } : undefined;
}

/** The ticks at the end of a watcher's life that all failed. */
export function failingTail(ticks: readonly LoggedTick[]): readonly LoggedTick[] {
  return ticks.slice(ticks.findLastIndex(({ ok }) => ok) + 1);
}

/** A failing tail as text: the codes in it and the functions that met them. */
export function failuresOf(tail: readonly LoggedTick[]): string {
  return [...new Set(tail.map(({ code, statement }) => `${code} in ${statement}`))].join(', ');
}
