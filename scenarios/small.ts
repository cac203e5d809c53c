// Scenarios on a small scale: what takes an hour or a day in the report takes minutes here. For tests and for the corpus,
// where many short runs say more than a few long ones.
import type { Parameters } from '../harness/model/plan.ts';
import type { Scenario } from '../harness/model/scenario.ts';

const longestMs = 420_000;
const gatewaysMost = 3;

export function smallParameters({ parameters }: Scenario): Parameters {
  const { horizonMs, gateways } = parameters;
  return { ...parameters, horizonMs: Math.min(horizonMs, longestMs), gateways: Math.min(gateways, gatewaysMost) };
}
