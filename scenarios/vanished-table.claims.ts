// What people say about vanished-table, cell by cell, for runs to confirm or refute.
import type { Claim, ClaimSource } from '../harness/model/claim.ts';

const report: ClaimSource = { by: 'reported', where: 'hermes-agent #83445' };
const fix: ClaimSource = { by: 'reported', where: 'hermes-agent #83619: the schema is made again' };
const recreation: ClaimSource = { by: 'reported', where: 'hermes-agent #30687: a new, empty board without a word' };
const measured: ClaimSource = { by: 'measured', where: 'the strategy that these measurements ask for' };

const engine = '3.50.4';

export const claims: readonly (Claim & Required<Pick<Claim, 'invariants'>>)[] = [
  {
    claim: 'a process that remembers having made the tables fails at every tick until it is restarted',
    source: report,
    strategy: 'safe-read',
    engine,
    expects: 'violation',
    invariants: ['no-wedge'],
  },
  {
    claim: 'with a sentinel table that is looked for, ticks go on',
    source: fix,
    strategy: 'sentinel-table+safe-read',
    engine,
    expects: 'none',
    invariants: ['no-wedge'],
  },
  {
    claim: 'the rows stay lost, and nobody is told: the board is empty from then on',
    source: recreation,
    strategy: 'sentinel-table+safe-read',
    engine,
    expects: 'violation',
    invariants: ['no-silent-loss'],
  },
  {
    claim: 'what upstream ships today makes an empty board in its place too',
    source: recreation,
    strategy: 'upstream',
    engine,
    expects: 'violation',
    invariants: ['no-silent-loss'],
  },
  {
    claim: 'a board that comes back by itself from a journal and snapshots neither wedges nor loses a row',
    source: measured,
    strategy: 'durable',
    engine,
    expects: 'none',
    invariants: ['no-wedge', 'no-silent-loss', 'acknowledged-commits', 'integrity'],
  },
];
