// What a run did to its disk, as a file system sees it: files (inodes), what was written to each, what was synced, and which name came
// to mean which file. The wal-index (-shm) is no part of it: nobody expects it to outlive its processes. What stays out: what of it
// outlives a power loss (harness/crash/).

/** What every operation has: the step that did it, and who took that. */
interface Done {
  readonly step: number;
  readonly lane: string;
}

/**
 * One operation. Files by number: one file may have several names, or none.
 *
 * - `write`: `extends` where it ends behind the file's end
 * - `truncate`: to `size` bytes
 * - `sync`: of the file's data; `sync-folder`: of the names in a folder ('' is the run's own)
 * - `link`: the name means this file from now on, be it made then, or linked
 * - `outside`: bytes changed by nobody in the run (a fault of the plan): they are on the disk at once
 */
export type DiskOperation = Done &
  (
    | {
        readonly kind: 'write';
        readonly file: number;
        readonly offset: number;
        readonly bytes: Buffer;
        readonly extends: boolean;
      }
    | { readonly kind: 'truncate'; readonly file: number; readonly size: number }
    | { readonly kind: 'sync'; readonly file: number }
    | { readonly kind: 'sync-folder'; readonly folder: string }
    | { readonly kind: 'link'; readonly name: string; readonly file: number }
    | { readonly kind: 'unlink'; readonly name: string }
    | { readonly kind: 'rename'; readonly name: string; readonly to: string; readonly file: number }
    | { readonly kind: 'outside'; readonly file: number; readonly bytes: Buffer }
  );

export type NameOperation = Extract<DiskOperation, { readonly kind: 'link' | 'unlink' | 'rename' }>;
export type DataOperation = Extract<DiskOperation, { readonly kind: 'write' | 'truncate' }>;

/**
 * A file of the run.
 *
 * @property name the first that it had
 * @property begins what is in it on the disk when the run begins; nothing of one that is made in the run
 * @property linksTo of a symbolic link, what it says; it has no bytes
 */
export interface DiskFile {
  readonly name: string;
  readonly begins: Buffer;
  readonly linksTo?: string;
}

/**
 * All that a run did to its disk, in order.
 *
 * @property names which file each name means when the run begins
 */
export interface DiskLog {
  readonly files: readonly DiskFile[];
  readonly names: ReadonlyMap<string, number>;
  readonly operations: readonly DiskOperation[];
}

export function isOnNames(operation: DiskOperation): operation is NameOperation {
  return operation.kind === 'link' || operation.kind === 'unlink' || operation.kind === 'rename';
}

export function isOnData(operation: DiskOperation): operation is DataOperation {
  return operation.kind === 'write' || operation.kind === 'truncate';
}

/** The folder that a name is in; '' for the run's own. */
export function folderOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}
