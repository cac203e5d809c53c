// The canary as a program of Python that knows nothing of Lockstep (python/wal-reset.py): the same workloads as wal-reset.ts. What is
// acknowledged the gate says itself. What stays out: whole transactions, of which nobody says what they hold.
import { fileURLToPath } from 'node:url';
import type { CommandProgram } from '../harness/model/process.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { walReset } from './wal-reset.ts';

const files = fileURLToPath(new URL('./python', import.meta.url));

function program(python: string, ...words: readonly string[]): CommandProgram {
  return { command: [python, 'wal-reset.py', ...words], host: 'python', files };
}

/** @param python the interpreter, by name or path */
export function walResetPython(python = 'python3'): Scenario {
  const told = ['transactions', 'payloadBytes', 'autocheckpointPages', 'sleepMs'].map((key) => `{args.${key}}`);
  return {
    ...walReset,
    name: 'wal-reset-python',
    says: 'the canary as a program of Python that knows nothing of Lockstep',
    strategies: [{ name: 'wal', says: 'journal_mode=WAL, synchronous=NORMAL' }],
    programs: {
      ...walReset.programs,
      writer: program(python, 'writer', '{name}', ...told),
      checkpointer: program(python, 'checkpointer', '{args.checkpoints}', '{args.sleepMs}'),
    },
    queries: { t: [{ table: 't', prefix: '', key: 'id' }] },
    ledger: ['t.id'],
    claims: [],
  };
}
