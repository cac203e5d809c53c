// What people say about init-inode-swap, cell by cell, for runs to confirm or refute. Each claim says no more than its
// invariants test; what else its source saw stands with the source. Which way of replacing the file does what, no cell
// can say: the shipped plans do, one for each way.
import type { Claim, ClaimSource } from '../harness/model/claim.ts';

const engines = { reported: '3.50.4', current: '3.54.1' } as const;

const report: ClaimSource = { by: 'reported', where: 'hermes-agent #30445' };
const e8: ClaimSource = {
  by: 'measured',
  where: 'own experiment, file replaced under a live gateway: every way did damage, each of its own kind',
};
const inUse: ClaimSource = {
  by: 'documented',
  where: 'sqlite.org/howtocorrupt.html: unlinking or renaming a database file while in use',
};
const moved: ClaimSource = { by: 'documented', where: 'sqlite.org/rescode.html#readonly_dbmoved' };
const skipping: ClaimSource = {
  by: 'reported',
  where: 'hermes-agent #30445, asked for: gateways that do not dispatch skip the database',
};
const oneWriter: ClaimSource = { by: 'reported', where: 'hermes-agent #30445, asked for: a single-writer proxy' };
const workaround: ClaimSource = {
  by: 'reported',
  where: 'hermes-agent #30445, in use: every 6 h integrity_check, kill the holders, init, restart all',
};
const keeping: ClaimSource = {
  by: 'reported',
  where: 'hermes-agent #31158, asked for: a shared long-lived connection, or detect and reopen',
};
const recreation: ClaimSource = {
  by: 'reported',
  where: 'hermes-agent #33789 and #30687, asked for: no silent re-creation',
};

/** What goes wrong with what is written after a replacement. */
const damage = ['integrity', 'acknowledged-commits', 'no-stray-writes'] as const;

export const claims: readonly (Claim & Required<Pick<Claim, 'invariants'>>)[] = [
  {
    claim: '`kanban init` deletes the file and makes it anew under the gateways',
    source: report,
    strategy: 'wal',
    engine: engines.reported,
    expects: 'violation',
    invariants: ['init-keeps-the-file'],
  },
  {
    claim: 'when the file is replaced, old processes write to the stale inode, and the database breaks',
    source: report,
    strategy: 'wal',
    engine: engines.reported,
    expects: 'violation',
    invariants: damage,
  },
  {
    claim: 'the replacement alone does damage, without any raw read of the open database',
    source: e8,
    strategy: 'safe-read',
    engine: engines.reported,
    expects: 'violation',
    invariants: damage,
  },
  {
    claim: 'it does so on SQLite 3.54.1 too',
    source: inUse,
    strategy: 'safe-read',
    engine: engines.current,
    expects: 'violation',
    invariants: damage,
  },
  {
    claim: 'with journal_mode=DELETE no write reaches the stale inode: SQLite refuses it',
    source: moved,
    strategy: 'delete',
    engine: engines.reported,
    expects: 'none',
    invariants: ['no-stray-writes'],
  },
  {
    claim:
      'with journal_mode=DELETE and no raw read, what is acknowledged after a replacement is kept, and the database stays sound',
    source: { by: 'measured', where: 'own runs of the shipped plans, each way of replacing the file' },
    strategy: 'delete+safe-read',
    engine: engines.reported,
    expects: 'none',
    invariants: damage,
  },
  {
    claim: 'with gateways that do not dispatch kept away from the database, replacing it does no damage',
    source: skipping,
    strategy: 'participants',
    engine: engines.reported,
    expects: 'none',
    invariants: damage,
  },
  {
    claim: 'with one process that writes for all, replacing the file does no damage',
    source: oneWriter,
    strategy: 'proxy',
    engine: engines.reported,
    expects: 'none',
    invariants: damage,
  },
  {
    claim: 'with a shared long-lived connection, replacing the file does no damage',
    source: keeping,
    strategy: 'shared',
    engine: engines.reported,
    expects: 'none',
    invariants: damage,
  },
  {
    claim: 'with connections that are opened anew upon an I/O error, replacing the file does no damage',
    source: keeping,
    strategy: 'reopen',
    engine: engines.reported,
    expects: 'none',
    invariants: damage,
  },
  {
    claim: 'a board that a person took away is not made anew behind the gateways’ backs',
    source: recreation,
    strategy: 'quarantine',
    engine: engines.reported,
    expects: 'none',
    invariants: ['no-silent-loss'],
  },
  {
    claim: 'the check every 6 h keeps a replacement from doing damage',
    source: workaround,
    strategy: 'health-check',
    engine: engines.reported,
    expects: 'none',
    invariants: damage,
  },
  {
    claim: 'with the lean combination a replaced file stays sound, and nothing is written astray',
    source: { by: 'measured', where: 'the combination that our measurements recommended before durable' },
    strategy: 'lean',
    engine: engines.reported,
    expects: 'none',
    invariants: ['integrity', 'no-stray-writes'],
  },
  {
    claim: 'with the lean combination an older copy, copied over a live board, still takes acknowledged rows away',
    source: {
      by: 'measured',
      where: 'scenarios/corpus/minimal/init-inode-swap.lean.3.50.4.acknowledged-commits.json',
    },
    strategy: 'lean',
    engine: engines.reported,
    expects: 'violation',
    invariants: ['acknowledged-commits'],
  },
];
