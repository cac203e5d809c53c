// Which scenarios are about the kanban system. What stays out: finding one by name (find.ts).
import type { Named, Scenario } from '../../harness/model/scenario.ts';
import { strategies } from '../../src/strategies/catalogue.ts';

/** Is this a scenario of the kanban system? Then its strategies are that system's, and can be combined and costed. */
export function isKanban({ strategies: own }: Scenario): boolean {
  return own.every((strategy) => (strategies as readonly Named[]).includes(strategy));
}
