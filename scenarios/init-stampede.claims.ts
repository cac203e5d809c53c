// What people say about init-stampede, cell by cell, for runs to confirm or refute.
import type { Claim, ClaimSource } from '../harness/model/claim.ts';

const stampede: ClaimSource = { by: 'reported', where: 'hermes-agent #61231: nine workers, 8 timeouts, 251 backups' };
const bounded: ClaimSource = { by: 'reported', where: 'hermes-agent #36644, #50353' };
const atomic: ClaimSource = {
  by: 'documented',
  where: 'sqlite.org/isolation.html and lockingv3.html: readers see whole transactions only',
};

const engine = '3.50.4';
const current = '3.54.1';
const judged = ['no-false-alarm', 'bounded-reaction'] as const;

export const claims: readonly (Claim & Required<Pick<Claim, 'invariants'>>)[] = [
  {
    claim: 'first openers that go on without the init lock judge a half-made board corrupt, and copy it',
    source: stampede,
    strategy: 'full-sync+safe-read',
    engine,
    expects: 'violation',
    invariants: judged,
  },
  {
    claim: 'where each opener also reads the header raw the board breaks, and is copied again and again',
    source: stampede,
    strategy: 'full-sync',
    engine,
    expects: 'violation',
    invariants: ['integrity', 'bounded-reaction'],
  },
  {
    claim: 'they do where the page count is read raw after each commit, as it was at the time of the report',
    source: stampede,
    strategy: 'full-sync+post-commit',
    engine,
    expects: 'violation',
    invariants: ['no-false-alarm'],
  },
  {
    claim: 'no opener ever sees a half-made board, lock or no lock, as long as nobody reads the file past SQLite',
    source: atomic,
    strategy: 'safe-read',
    engine: current,
    expects: 'none',
    invariants: [...judged, 'integrity', 'acknowledged-commits'],
  },
  {
    claim: 'a lock that is waited for without limit has nobody fall through, and no board judged corrupt',
    source: bounded,
    strategy: 'blocking-init+safe-read',
    engine,
    expects: 'none',
    invariants: judged,
  },
  {
    claim: 'what upstream ships today stands the stampede',
    source: { by: 'reported', where: 'hermes-agent #50353, #71724, #68654 (merged)' },
    strategy: 'upstream',
    engine,
    expects: 'none',
    invariants: [...judged, 'integrity', 'acknowledged-commits'],
  },
];
