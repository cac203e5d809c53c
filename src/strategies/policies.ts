// The policy axes: what a candidate fix may change about the reported system. The first value of each axis is the system
// as reported. Adding a value is a line here and the code that reads it. What stays out: which choices have names
// (catalogue.ts).
export const axes = {
  journal: {
    says: 'journal mode that every connect sets',
    values: {
      wal: 'PRAGMA journal_mode=WAL, issued again on every connect',
      delete: 'PRAGMA journal_mode=DELETE, a rollback journal',
    },
  },
  probe: {
    says: 'raw reads of the database file, past SQLite',
    values: {
      'every-connect': 'every connect opens, reads and closes the file to check its header',
      tracked: 'none while this process has a connection open',
    },
  },
} as const;

type Axes = typeof axes;
export type Axis = keyof Axes;

/** A choice for each axis. */
export type Policies = { readonly [A in Axis]: keyof Axes[A]['values'] };

/** The system as reported. */
export const asReported: Policies = { journal: 'wal', probe: 'every-connect' };
