// The canary as a program of Node that knows nothing of Lockstep (node/wal-reset.mjs): the same workloads as wal-reset.ts. What is
// acknowledged the gate says itself. What stays out: whole transactions, of which nobody says what they hold.
import { fileURLToPath } from 'node:url';
import type { CommandProgram } from '../harness/model/process.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { walReset } from './wal-reset.ts';

const files = fileURLToPath(new URL('./node', import.meta.url));

function program(...words: readonly string[]): CommandProgram {
  return { command: ['node', 'wal-reset.mjs', ...words], host: 'node', files };
}

const told = ['transactions', 'payloadBytes', 'autocheckpointPages', 'sleepMs'].map((key) => `{args.${key}}`);

export const walResetNode: Scenario = {
  ...walReset,
  name: 'wal-reset-node',
  says: 'the canary as a program of Node that knows nothing of Lockstep',
  strategies: [{ name: 'wal', says: 'journal_mode=WAL, synchronous=NORMAL' }],
  programs: {
    ...walReset.programs,
    writer: program('writer', '{name}', ...told),
    checkpointer: program('checkpointer', '{args.checkpoints}', '{args.sleepMs}'),
  },
  queries: { t: [{ table: 't', prefix: '', key: 'id' }] },
  ledger: ['t.id'],
  claims: [],
};
