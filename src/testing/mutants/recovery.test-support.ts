// Broken ways to know one's file, to keep a board from being made anew, to bring it back, and to mend it.
import { listing } from '../../board-file/recovery/folder.ts';
import { putInPlace } from '../../board-file/recovery/put-in-place.ts';
import { makeTruth } from '../../board-file/recovery/truth.ts';
import { none as noIdentity } from '../../policies/identity/none.ts';
import { beforeTransaction } from '../../policies/identity/before-transaction.ts';
import { mendNow, repair } from '../../policies/corruption/repair.ts';
import { journal } from '../../policies/recovery/journal.ts';
import type { Recording, Recovery } from '../../policies/recovery/recovery.ts';
import { snapshots } from '../../policies/recovery/snapshots.ts';
import { leader } from '../../policies/recreation/leader.ts';
import { isMissing, registry } from '../../policies/recreation/registry.ts';
import type { Mutant } from './mutant.test-support.ts';

const written: Recording = { write: () => undefined, takeBack: () => undefined };

/** Recordings of the journal with something left out. */
function recordedWithout(broken: Partial<Recording>): Recovery {
  return {
    ...journal,
    begun(use, connection) {
      const begun = journal.begun(use, connection);
      return begun && { recording: (work) => ({ ...begun.recording(work), ...broken }) };
    },
  };
}

/** Whatever board is there is taken for the one that was left. */
function notCompared(fix: Recovery): Recovery {
  return {
    ...fix,
    opened(use, connection) {
      const isKnown = !fix.mayCreate(use);
      return isKnown || fix.opened(use, connection);
    },
    begun: (use, connection) => fix.begun(use, connection) ?? { recording: () => written },
  };
}

/** The newest snapshot, and nothing of what has been committed since; and that is taken for the board as it was left. */
const snapshotAlone: Recovery = {
  ...notCompared(journal),
  opening(use) {
    const { world, file } = use;
    if ((world.files.stat(file)?.size ?? 0) > 0) return true;
    const found = listing(world, file);
    if (found.snapshots.length === 0) return false;
    journal.locked(use, 'recover', () => {
      if (makeTruth(world, file, { ...found, segments: [] }) !== undefined) putInPlace(world, file);
    });
    return true;
  },
};

/** As where a transaction that is tried again is added to what its first try has written down. */
const writtenTwice: Recovery = {
  ...journal,
  begun(use, connection) {
    const begun = journal.begun(use, connection);
    if (begun === undefined) return undefined;
    return {
      recording: (work) => begun.recording({ ...work, statements: [...work.statements, ...work.statements] }),
    };
  },
};

export const recoveryMutants: readonly Mutant[] = [
  { fix: 'identity', name: 'not-asked', says: 'nobody asks which file it is', broken: { identity: noIdentity } },
  {
    fix: 'identity-commit',
    name: 'not-at-commit',
    says: 'the file is looked at before BEGIN, and not before the COMMIT is acknowledged',
    broken: { identity: beforeTransaction },
  },
  {
    fix: 'registry',
    name: 'forgotten',
    says: 'nobody writes down that a board has been made',
    broken: { recreation: { ...registry, known: () => undefined } },
  },
  {
    fix: 'leader-memory',
    name: 'own-alone',
    says: 'a process asks its own memory, and never whether a leader lives',
    broken: {
      recreation: { ...leader, opening: (use) => !isMissing(use) && leader.opening(use), creating: () => undefined },
    },
  },
  {
    fix: 'snapshots',
    name: 'not-compared',
    says: 'a board that is missing comes back, and one that is older is taken as it is',
    broken: { recovery: notCompared(snapshots) },
  },
  {
    fix: 'recovery',
    name: 'not-compared',
    says: 'the board’s row is written, and never compared with the journal',
    broken: { recovery: notCompared(journal) },
  },
  {
    fix: 'recovery',
    name: 'not-taken-back',
    says: 'the line of a COMMIT that failed stays in the journal',
    broken: {
      recovery: recordedWithout({ takeBack: () => undefined }),
    },
  },
  {
    fix: 'recovery',
    name: 'not-written',
    says: 'the line is never written, as where a write is left to a buffer that nobody flushes',
    broken: {
      recovery: recordedWithout({ write: () => undefined }),
    },
  },
  {
    fix: 'recovery',
    name: 'written-twice',
    says: 'what a transaction did is in the journal twice, and comes back twice',
    broken: { recovery: writtenTwice },
  },
  {
    fix: 'recovery',
    name: 'snapshot-alone',
    says: 'an older state comes back: the snapshot without the journal',
    broken: { recovery: snapshotAlone },
  },
  {
    fix: 'recovery',
    name: 'not-audited',
    says: 'the board’s row is compared with the journal, and its rows never with what they should be',
    broken: {
      recovery: { ...journal, opened: (use, connection) => journal.opened({ ...use, dispatches: false }, connection) },
    },
  },
  {
    fix: 'repair',
    name: 'without-lock',
    says: 'each process that meets the damage mends it, beside the others',
    broken: {
      corruption: {
        ...repair,
        mend(use, error, means) {
          if (error.code !== 'KANBAN_DB_CORRUPT' && !error.code.startsWith('SQLITE_CORRUPT')) return false;
          mendNow(use, error, means);
          return true;
        },
      },
    },
  },
];
