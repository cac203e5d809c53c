// wal-unlink-wedge: a gateway whose threads connect per use and read the header raw, beside verifiers that come and go.
// The gateway cancels its own locks; a verifier takes itself for the last connection and unlinks -wal and -shm; from then
// on the gateway reads a WAL that is not there. What stays out: workload, symptoms and claims (the files beside this one).
import type { Scenario } from '../harness/explore/scenario.ts';
import type { Plan } from '../harness/explore/plan.ts';
import { generalInvariants } from '../harness/invariants/catalogue.ts';
import type { Json } from '../harness/lane/world.ts';
import { ledgerName, ledgerQuery } from '../src/board/write-txn.ts';
import type { BoardSettings } from '../src/board/settings.ts';
import type { GatewaySettings } from '../src/gateway/settings.ts';
import { noWedge } from '../src/invariants/no-wedge.ts';
import { programs } from '../src/programs.ts';
import { strategies } from '../src/strategies/catalogue.ts';
import { parseStrategy } from '../src/strategies/parse.ts';
import { claims } from './wal-unlink-wedge.claims.ts';
import { symptoms } from './wal-unlink-wedge.symptoms.ts';
import { generateWorkload, type Workload, workloadSchema } from './wal-unlink-wedge.workload.ts';

const database = 'kanban.db';

function boardOf(plan: Plan): BoardSettings {
  return { file: database, policies: parseStrategy(plan.strategy) };
}

function start(plan: Plan) {
  const workload = plan.workload as unknown as Workload;
  const board = boardOf(plan);
  const gateways = workload.gateways.map((gateway, i): [string, GatewaySettings] => [
    `gateway-${i + 1}`,
    { board, profile: `profile-${i + 1}`, ...gateway },
  ]);
  const operator = { file: database, gateways: Object.fromEntries(gateways), steps: workload.operator };
  return [
    ...gateways.map(([name, settings]) => ({ name, program: 'gateway', args: settings as unknown as Json })),
    { name: 'operator', program: 'operator', args: operator as unknown as Json },
  ];
}

export const walUnlinkWedge: Scenario = {
  name: 'wal-unlink-wedge',
  says: 'verifiers come and go beside a gateway; from some point on its every tick fails with disk I/O error until a restart',
  source: 'hermes-agent #31158 (2026-05-23, Linux, SQLite 3.50.4)',
  engine: '3.50.4',
  database,
  strategies,
  parameters: { gateways: 1, horizonMs: 480_000, stepsMax: 1_000_000 },
  programs,
  setup: (plan) => ({ name: 'init', program: 'init', args: boardOf(plan) as unknown as Json }),
  workload: workloadSchema,
  generate: (random, parameters) => generateWorkload(random, parameters),
  start,
  queries: { [ledgerName]: ledgerQuery },
  invariants: [...generalInvariants, noWedge],
  window: 'close-beside-holder',
  symptoms,
  claims,
};
