// A scenario of the kanban system: what all six incidents have in common. What stays out: what makes each of them up.
import type { Scenario } from '../../harness/model/scenario.ts';
import { varySqlite } from '../../harness/search/vary-sqlite.ts';
import { generalInvariants } from '../../harness/judge/invariants/catalogue.ts';
import type { Json } from '../../harness/model/values.ts';
import { ledgerParts, ledgerPartsOnServer } from '../../src/board-file/row-names.ts';
import { ledgerName } from '../../src/programs/board/write-txn.ts';
import { statusesName } from '../../src/oracle/no-silent-loss.ts';
import { underPromise, unlessBothLost } from '../../src/oracle/promise.ts';
import { kanbanInvariants } from '../../src/oracle/catalogue.ts';
import { programs } from '../../src/programs/catalogue.ts';
import { strategies } from '../../src/strategies/catalogue.ts';
import { durabilityUnder } from './durability.ts';
import { firstUseUnder } from './first-use.ts';
import { countOperations, essential, features, varyGateways } from './features.ts';
import { isOnServer } from './on-server.ts';
import { bootedOf, database, processesOf, setupOf } from './processes.ts';
import { type Workload, workloadSchema } from './workload.ts';

type Own = 'name' | 'says' | 'source' | 'engine' | 'parameters' | 'faults' | 'marks' | 'window' | 'symptoms' | 'claims';

/**
 * What an incident declares.
 *
 * @property serverWindow of its marks, the one that must be reached where the board is in a server; default: its window
 */
interface Incident extends Pick<Scenario, Own> {
  readonly serverWindow?: string;
  generate(...told: Parameters<Scenario['generate']>): Workload;
}

export function kanbanScenario({ serverWindow, ...incident }: Incident): Scenario {
  return {
    ...incident,
    database,
    strategies,
    programs,
    setup: setupOf,
    workload: workloadSchema as unknown as Scenario['workload'],
    vary: (random, parameters) => varyGateways(random, varySqlite(random, parameters)),
    features,
    essential,
    operations: (workload) => countOperations(workload as unknown as Workload),
    generate: (...told) => incident.generate(...told) as unknown as Json,
    start: processesOf,
    boot: bootedOf,
    durability: durabilityUnder,
    server: {
      needed: isOnServer,
      ...(serverWindow && { window: serverWindow }),
      queries: { [ledgerName]: ledgerPartsOnServer, [statusesName]: 'SELECT id, status FROM tasks' },
    },
    firstUse: firstUseUnder,
    queries: { [ledgerName]: ledgerParts, [statusesName]: 'SELECT id, status FROM tasks' },
    invariants: [
      ...generalInvariants.map((one) => underPromise(one)),
      ...kanbanInvariants.map((one) => unlessBothLost(one)),
    ],
  };
}
