// What people say about corrupt-board-storm, cell by cell, for runs to confirm or refute. Each claim says no more than its
// invariants test; what else its source saw stands with the source.
import type { Claim, ClaimSource } from '../harness/model/claim.ts';

const engine = '3.50.4';

const report: ClaimSource = { by: 'reported', where: 'hermes-agent #33789' };
const askedFor: ClaimSource = {
  by: 'reported',
  where:
    'hermes-agent #33789, asked for: the quarantine path, one backup per unchanged fingerprint, ONE actionable error',
};
const recreation: ClaimSource = {
  by: 'reported',
  where: 'hermes-agent #30687: a new, empty board in the place of a corrupt one',
};
const election: ClaimSource = {
  by: 'reported',
  where: 'hermes-agent #33789, asked for: one gateway dispatches, the others stay adapters',
};
const workaround: ClaimSource = { by: 'reported', where: 'hermes-agent #30445: a cron job every 6 h' };
const skipping: ClaimSource = {
  by: 'reported',
  where: 'hermes-agent #30445, asked for: kanban.enabled false per profile',
};
const killed: ClaimSource = {
  by: 'documented',
  where:
    'sqlite.org/transactional.html: changes are atomic even if the program crashes; own experiment, 27 SIGKILLs: integrity ok',
};
const rawRead: ClaimSource = {
  by: 'measured',
  where: 'own experiments: a raw read of the open database cancels the locks on it; hermes-agent #71724',
};

/** What a board that breaks by itself shows: at its end, or before the plan damages it. */
const breaks = ['integrity', 'acknowledged-commits', 'sound-until-damaged'] as const;

export const claims: readonly (Claim & Required<Pick<Claim, 'invariants'>>)[] = [
  {
    claim: 'gateways that meet a corrupt board refuse it, copy it and try again without bound',
    source: report,
    strategy: 'wal',
    engine,
    expects: 'violation',
    invariants: ['bounded-reaction'],
  },
  {
    claim: 'after recovery the board is valid but empty',
    source: report,
    strategy: 'wal',
    engine,
    expects: 'violation',
    invariants: ['no-silent-loss'],
  },
  {
    claim: 'with the corrupt board in quarantine there is one error a process and one backup',
    source: askedFor,
    strategy: 'quarantine',
    engine,
    expects: 'none',
    invariants: ['bounded-reaction'],
  },
  {
    claim: 'quarantine never strikes a healthy board',
    source: askedFor,
    strategy: 'quarantine',
    engine,
    expects: 'none',
    invariants: ['no-false-alarm'],
  },
  {
    claim: 'quarantine makes no new board in the place of a corrupt one',
    source: recreation,
    strategy: 'quarantine',
    engine,
    expects: 'none',
    invariants: ['no-silent-loss'],
  },
  {
    claim: 'with one leader a board the reaction to a corrupt board stays bounded',
    source: election,
    strategy: 'leader',
    engine,
    expects: 'none',
    invariants: ['bounded-reaction'],
  },
  {
    claim: 'with one leader for the shared root the reaction to a corrupt board stays bounded',
    source: { ...election, where: 'hermes-agent #33789: is one dispatcher per shared root the supported pattern?' },
    strategy: 'leader-root',
    engine,
    expects: 'none',
    invariants: ['bounded-reaction'],
  },
  {
    claim: 'with gateways that do not dispatch kept away from it the reaction to a corrupt board stays bounded',
    source: skipping,
    strategy: 'participants',
    engine,
    expects: 'none',
    invariants: ['bounded-reaction'],
  },
  {
    claim: 'a health check every 6 h bounds the reaction to a corrupt board',
    source: workaround,
    strategy: 'health-check',
    engine,
    expects: 'none',
    invariants: ['bounded-reaction'],
  },
  {
    claim: 'an OOM kill corrupts the board, with no raw read of the open database',
    source: { by: 'reported', where: 'hermes-agent #33789, by implication: after an OOM kill the board was corrupt' },
    strategy: 'safe-read',
    engine,
    expects: 'violation',
    invariants: breaks,
  },
  {
    // Rows are no part of it here: people move boards aside in this scenario, and the rows are then gone with them.
    claim: 'a killed process leaves a sound database, without raw reads',
    source: killed,
    strategy: 'safe-read',
    engine,
    expects: 'none',
    invariants: ['integrity'],
  },
  {
    claim: 'with the raw read of the reported gateways the board breaks by itself',
    source: rawRead,
    strategy: 'wal',
    engine,
    expects: 'violation',
    invariants: breaks,
  },
  {
    claim: 'quarantine keeps the board from breaking',
    source: askedFor,
    strategy: 'quarantine',
    engine,
    expects: 'none',
    invariants: breaks,
  },
  {
    claim: 'the lean combination bounds the reaction, raises no false alarm, and does not break the board',
    source: { by: 'measured', where: 'the combination that our measurements recommended before durable' },
    strategy: 'lean',
    engine,
    expects: 'none',
    invariants: ['bounded-reaction', 'no-false-alarm', 'integrity'],
  },
  {
    claim: 'the lean combination makes an empty board where a person moved a healthy one aside before any backup',
    source: { by: 'measured', where: 'scenarios/corpus/minimal/corrupt-board-storm.lean.3.50.4.no-silent-loss.json' },
    strategy: 'lean',
    engine,
    expects: 'violation',
    invariants: ['no-silent-loss'],
  },
];
