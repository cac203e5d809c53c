// The strategies that have names, each one axis away from the system as reported; and the axes as a list, for people.
// What stays out: combinations, which parse.ts makes out of these.
import { axes, type Policies } from './policies.ts';

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

/** Every axis with its values. */
export const policies = Object.entries(axes).map(([name, { says, values }]) => ({
  name,
  says,
  values: Object.entries(values).map(([value, meaning]) => ({ name: value, says: meaning })),
}));
