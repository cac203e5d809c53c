// The policy axes: what a candidate fix may change about the reported system. One axis a line, its values with what
// they say; the first value of each axis is the system as reported. Adding a value is a line here and the code that
// reads it. What stays out: which combinations have names (catalogue.ts).
export const axes = {
  journal: {
    wal: 'PRAGMA journal_mode=WAL on every connect',
    delete: 'PRAGMA journal_mode=DELETE on every connect: a rollback journal',
  },
  probe: {
    'every-connect': 'every connect opens, reads and closes the database file raw to check its header',
    tracked: 'no raw read while this process has a connection open',
  },
} as const;

type Axes = typeof axes;
export type Axis = keyof Axes;

/** A choice for each axis. */
export type Policies = { readonly [A in Axis]: keyof Axes[A] };

/** The system as reported. */
export const asReported: Policies = { journal: 'wal', probe: 'every-connect' };
