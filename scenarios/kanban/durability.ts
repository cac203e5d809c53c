// What a strategy of the kanban system promises when the power goes: by its journal mode and how it syncs. What stays out: what SQLite
// promises of each (harness/model/crash.ts).
import { type Durability, durabilityOf } from '../../harness/model/file-systems.ts';
import { behaviourOf } from '../../src/policies/catalogue.ts';
import { parseStrategy } from '../../src/strategies/parse.ts';

export function durabilityUnder(strategy: string): Durability {
  const policies = parseStrategy(strategy);
  return durabilityOf(behaviourOf(policies, 'journal').mode, behaviourOf(policies, 'synchronous').level);
}
