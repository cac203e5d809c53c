// The lives of gateways: what they logged (gateway-log.ts), and when each came up and came to its end, also by a death
// that it could not log. What stays out: judgement, and gateways that were refused and never came up.
import type { History } from '../../harness/model/history.ts';
import { type GatewayLog, gatewayLogs } from './gateway-log.ts';
import { wordsOf } from './said.ts';

/**
 * One gateway process.
 *
 * @property forced started with `--force`
 * @property end when it went down or died; undefined while it lived at the run's end
 */
export interface GatewayLife extends GatewayLog {
  readonly upStep: number;
  readonly forced: boolean;
  readonly end: { readonly step: number; readonly nowMs: number } | undefined;
}

/** The gateways of a run, in the order in which they came up. */
export function gatewayLives({
  observations,
  deaths,
}: Pick<History, 'observations' | 'deaths'>): readonly GatewayLife[] {
  const ends = new Map<string, GatewayLife['end']>(
    deaths.map(({ process, step, nowMs }) => [process, { step, nowMs }]),
  );
  for (const { data, step, nowMs } of wordsOf(observations, 'gateway-down')) ends.set(data.gateway, { step, nowMs });
  const ups = new Map(wordsOf(observations, 'gateway-up').map((up) => [up.data.gateway, up]));
  return gatewayLogs(observations).map((log) => {
    const up = ups.get(log.gateway);
    return { ...log, upStep: up?.step ?? 0, forced: up?.data.force ?? false, end: ends.get(log.gateway) };
  });
}
