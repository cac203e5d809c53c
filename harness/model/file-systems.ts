// File systems as far as a power loss shows what they promise, and what is promised of commits on them. What stays out: states of a disk, as
// data (crash.ts): the declaration of a command needs no schemas.

/**
 * What a file system promises, as far as a power loss shows it.
 *
 * @property atomicBytes a write is torn at multiples of this only, counted from the file's beginning
 * @property order `none`: what is not synced is on the disk or not, each write and each name by itself · `ordered`: names, sizes and
 *   truncations get there in their order, and a file is longer only when what makes it longer is there · `writeback`: the same order, but
 *   what makes it longer may be missing, and zeros be there
 * @property syncs whether a sync does what it says
 * @property spoils a write that is cut off may spoil the rest of the sectors that it touches
 * @property promised what SQLite promises, as it is built everywhere, holds on it: a loss past the promise of a strategy fails. Where syncs lie, or a
 *   write spoils its neighbours (SQLITE_POWERSAFE_OVERWRITE is 1 unless told otherwise, sqlite.org/psow.html), nobody has promised
 *   anything, and what is lost is a figure
 */
export interface FileSystemModel {
  readonly says: string;
  readonly source: string;
  readonly atomicBytes: number;
  readonly order: 'none' | 'ordered' | 'writeback';
  readonly syncs: 'honest' | 'lying';
  readonly spoils: boolean;
  readonly promised: boolean;
}

/** Bytes of a sector of the disks that SQLite was written for, and the least that a disk writes. */
export const sectorBytes = 512;

/** The sector that SQLite's unix VFS counts with (os_unix.c, SQLITE_DEFAULT_SECTOR_SIZE), and that of most disks today. */
export const largeSectorBytes = 4096;

const asSqliteAssumes = {
  atomicBytes: sectorBytes,
  order: 'none',
  syncs: 'honest',
  spoils: false,
  promised: true,
} as const;

/** By name. The first is the default. */
export const fileSystemModels = {
  powersafe: {
    ...asSqliteAssumes,
    says: 'as SQLite assumes: writes between two syncs get there in any order; a write changes no byte outside of its range',
    source: 'sqlite.org/psow.html; sqlite.org/atomiccommit.html, section 2.0',
  },
  'no-powersafe-overwrite': {
    ...asSqliteAssumes,
    spoils: true,
    promised: false,
    says: 'a write that is under way when the power goes may spoil the rest of the sectors of 4096 bytes that it touches',
    source: 'sqlite.org/psow.html',
  },
  ordered: {
    ...asSqliteAssumes,
    order: 'ordered',
    says: 'ext4 with data=ordered: names and sizes get there in their order, and after the data that they stand for',
    source: 'docs.kernel.org/admin-guide/ext4.html, data=ordered',
  },
  writeback: {
    ...asSqliteAssumes,
    order: 'writeback',
    says: 'ext4 with data=writeback: names and sizes get there in their order, and data that make a file longer before or after',
    source: 'docs.kernel.org/admin-guide/ext4.html, data=writeback',
  },
  'lying-sync': {
    ...asSqliteAssumes,
    syncs: 'lying',
    promised: false,
    says: 'syncs answer at once, and do nothing',
    source: 'sqlite.org/howtocorrupt.html, section 3.1',
  },
  'atomic-4k': {
    ...asSqliteAssumes,
    atomicBytes: largeSectorBytes,
    says: 'as powersafe, and a block of 4096 bytes is written whole or not at all',
    source: 'sqlite.org/c3ref/c_iocap_atomic.html, SQLITE_IOCAP_ATOMIC4K',
  },
} as const satisfies { readonly [name: string]: FileSystemModel };

export type ModelName = keyof typeof fileSystemModels;
export const modelNames = Object.keys(fileSystemModels) as [ModelName, ...ModelName[]];

/**
 * What is promised of acknowledged commits when the power goes.
 *
 * - `acknowledged`: none is lost
 * - `order`: the last ones may be lost, and none before one that is there
 * - `nothing`: all may be lost, and the database unreadable
 */
export const durabilities = ['acknowledged', 'order', 'nothing'] as const;
export type Durability = (typeof durabilities)[number];

export const durabilitySays: { readonly [D in Durability]: string } = {
  acknowledged: 'no acknowledged commit is lost',
  order: 'the last acknowledged commits may be lost, none before one that is there, and the database is sound',
  nothing: 'all may be lost',
};

/** The file system under a run: its model, and who lies where syncs do. */
export interface FileSystem {
  readonly model: ModelName;
  readonly liars?: readonly string[] | undefined;
}

/**
 * What SQLite promises (sqlite.org/pragma.html#pragma_synchronous; sqlite.org/wal.html, section 3.2). With DELETE it takes EXTRA, which
 * syncs the folder when the journal has been unlinked: a journal that comes back rolls back the last commit. With TRUNCATE and
 * PERSIST, FULL syncs the journal that was cut, or its header (pager.c, pager_end_transaction and zeroJournalHdr).
 */
export function durabilityOf(
  journal: 'WAL' | 'DELETE' | 'TRUNCATE' | 'PERSIST',
  synchronous: 'OFF' | 'NORMAL' | 'FULL' | 'EXTRA',
): Durability {
  if (synchronous === 'OFF') return 'nothing';
  const levels = ['NORMAL', 'FULL', 'EXTRA'] as const;
  const least = { WAL: 'FULL', DELETE: 'EXTRA', TRUNCATE: 'FULL', PERSIST: 'FULL' } as const;
  return levels.indexOf(synchronous) >= levels.indexOf(least[journal]) ? 'acknowledged' : 'order';
}
