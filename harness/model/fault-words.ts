// The words of faults that others have to know too: in what ways they do what they do. What stays out: the shapes that they are parts of
// (fault.ts), which take a library of schemas.
import type { Operation } from './operations.ts';

/** What a file system can say that it has done, and not do. */
export const lies = ['lock', 'shmLock', 'write', 'truncate', 'sync', 'delete'] as const satisfies readonly Operation[];

/** Locks of a database by level (lockingv3.html) and of a wal-index by slot (walformat.html, section 2.3), as a lie names them. */
export const lockLevels = { SHARED: 1, RESERVED: 2, PENDING: 3, EXCLUSIVE: 4 } as const;
export const indexSlots = ['WRITE', 'CKPT', 'RECOVER', 'READ0', 'READ1', 'READ2', 'READ3', 'READ4'] as const;
export const lockNames: readonly string[] = [...Object.keys(lockLevels), ...indexSlots];

/** Over the header; the other ways damage one page of a b-tree. */
export const foreignBytes = 'foreign-bytes';
export const corruptWays = ['page-scramble', 'rowid-out-of-order', 'index-entry-dropped', foreignBytes] as const;

/** Ways of replacing a live database (run/faults/programs/replace-database.program.ts). */
export const replaceWays = ['rm', 'rm-all', 'mv-aside', 'mv-all', 'cp-over', 'restore', 'rebuild'] as const;

/** What can become of a file beside a database, or of all of them. */
export const fileDamages = ['flip', 'truncate', 'remove', 'remove-all'] as const;
