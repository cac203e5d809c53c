// The strategies that have names: each changes one axis of the system as reported. What stays out: combinations, which
// parse.ts makes out of these.
import type { Policies } from './policies.ts';

/**
 * @property changes axes that differ from the system as reported
 */
export interface Strategy {
  readonly name: string;
  readonly says: string;
  readonly changes: Partial<Policies>;
}

/** The first is the default. */
export const strategies: readonly Strategy[] = [
  { name: 'wal', says: 'as reported: WAL, and a raw header read on every connect', changes: {} },
  { name: 'safe-read', says: 'no raw read of a database that this process has open', changes: { probe: 'tracked' } },
  { name: 'delete', says: 'journal_mode=DELETE instead of WAL', changes: { journal: 'delete' } },
];
