// What a run of the kanban system may do without, and how large a workload is: what the search switches off at random and
// shrinking takes away. What stays out: kinds of faults, which every scenario shares (harness/search/swarm.ts).
import { gatewaysMax } from '../../harness/model/gateways.ts';
import type { Parameters } from '../../harness/model/plan.ts';
import { below, type Random } from '../../harness/model/random.ts';
import type { Feature } from '../../harness/model/scenario.ts';
import type { Json } from '../../harness/model/values.ts';
import type { Workload, WorkloadGateway, WorkloadMessage } from './workload.ts';

function feature(name: string, says: string, without: (workload: Workload) => Workload): Feature {
  return { name, says, without: (workload) => without(workload as unknown as Workload) as unknown as Json };
}

function messages(change: (message: WorkloadMessage) => WorkloadMessage): (workload: Workload) => Workload {
  return (workload) => ({
    ...workload,
    gateways: workload.gateways.map((gateway) => ({ ...gateway, messages: gateway.messages.map(change) })),
  });
}

function gateways(change: (gateway: WorkloadGateway) => WorkloadGateway): (workload: Workload) => Workload {
  return (workload) => ({ ...workload, gateways: workload.gateways.map(change) });
}

export const features: readonly Feature[] = [
  feature(
    'leaks',
    'helpers of chats leave their connection open',
    messages((message) => ({ ...message, leaks: false })),
  ),
  feature(
    'parents',
    'a task waits for the one before it',
    messages((message) => ({ ...message, afterPrevious: false })),
  ),
  feature(
    'heartbeats',
    'workers say now and then that they live',
    messages((message) => ({ ...message, order: { ...message.order, heartbeats: 0 } })),
  ),
  feature(
    'thinking',
    'workers take their time',
    messages((message) => ({ ...message, order: { ...message.order, thinkMs: 0 } })),
  ),
  feature(
    'sending',
    'a chat takes time to take a message',
    gateways((gateway) => ({ ...gateway, sendMs: 0 })),
  ),
  feature('command-line', 'a person types kanban commands', (workload) => ({
    ...workload,
    operator: workload.operator.filter((step) => step.act !== 'kanban' || step.command.verb === 'init'),
  })),
  feature('systemctl', 'a person restarts, stops or starts a unit', (workload) => ({
    ...workload,
    operator: workload.operator.filter((step) => step.act !== 'systemctl'),
  })),
  feature('more-holders', 'others beside the first keep a connection for long', (workload) =>
    workload.holders === undefined ? workload : { ...workload, holders: workload.holders.slice(0, 1) },
  ),
];

/** What makes up the incidents, or is a feature of its own; a look is the harness's. If no task is ever done, little else comes to pass. */
export const essential: readonly string[] = [
  'act=look',
  'act=restart',
  'act=kill',
  'act=replace',
  'act=gateway-run',
  'act=gateway-restart',
  'act=systemctl',
  'command.verb=init',
  'order.verdict=complete',
];

/** As many gateways as asked for, or one more or less. */
export function varyGateways(random: Random, parameters: Parameters): Parameters {
  const more = below(random, 4) - 1;
  return { ...parameters, gateways: Math.max(1, Math.min(gatewaysMax, parameters.gateways + (more === 2 ? 0 : more))) };
}

/** Messages in the chats, heartbeats of the workers that they lead to, rows of holders, and steps of people that do something. */
export function countOperations({ gateways: all, holders = [], operator }: Workload): number {
  const ordered = all.flatMap((gateway) => gateway.messages.map(({ order }) => 1 + order.heartbeats));
  const typed = operator.filter(({ act }) => act !== 'look' && act !== 'read');
  const written = holders.flatMap(({ writesMs }) => writesMs);
  return ordered.reduce((sum, count) => sum + count, 0) + written.length + typed.length;
}
