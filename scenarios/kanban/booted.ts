// What of a workload is still to come when the machine is on again: messages, and what people do, counted from then. What was under way is
// not done again. What stays out: which processes that makes (processes.ts).
import type { Workload, WorkloadStep } from './workload.ts';

/** A gateway, or its first process, after a boot: the process ids of an earlier one mean nobody any more. @param boot from 2 on */
export function bootedName(name: string, boot: number | undefined): string {
  return boot === undefined ? name : `${name}.boot-${boot}`;
}

function from<T extends { readonly atMs: number }>(all: readonly T[], nowMs: number): T[] {
  return all.filter(({ atMs }) => atMs >= nowMs).map((one) => ({ ...one, atMs: one.atMs - nowMs }));
}

/** @param nowMs virtual, from the run's start */
export function workloadFrom(workload: Workload, nowMs: number, boot: number): Workload {
  const { gateways, holders, operator, units } = workload;
  const isGateway = (name: string) => gateways.some((_, i) => name === `gateway-${i + 1}`);
  const renamed = (step: WorkloadStep): WorkloadStep => {
    if (step.act === 'kill' && isGateway(step.process)) return { ...step, process: bootedName(step.process, boot) };
    return 'gateway' in step && units === undefined ? { ...step, gateway: bootedName(step.gateway, boot) } : step;
  };
  return {
    ...workload,
    gateways: gateways.map((gateway) => ({ ...gateway, messages: from(gateway.messages, nowMs) })),
    ...(holders === undefined
      ? {}
      : {
          holders: holders.map(({ opensMs, writesMs }) => ({
            opensMs: Math.max(0, opensMs - nowMs),
            writesMs: writesMs.filter((ms) => ms >= nowMs).map((ms) => ms - nowMs),
          })),
        }),
    operator: from(operator, nowMs).map(renamed),
  };
}
