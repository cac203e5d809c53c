// The disk as it goes: what of a run's operations is on it for certain, and what is still under way, by the rules of a file system's
// model. What stays out: which of what is under way gets lost (crash-states.ts), and the files that come of it (image.ts).
import { type FileSystem, type FileSystemModel, fileSystemModels } from '../model/file-systems.ts';
import {
  type DataOperation,
  type DiskLog,
  type DiskOperation,
  folderOf,
  isOnData,
  isOnNames,
  type NameOperation,
} from '../model/disk.ts';
import { FileBytes } from '../model/file-bytes.ts';
import { processOf } from '../model/names.ts';

/** What a journal of a file system orders: names, and sizes. */
export function isMetadata(operation: DiskOperation): boolean {
  return isOnNames(operation) || operation.kind === 'truncate' || (operation.kind === 'write' && operation.extends);
}

export function changeNames(names: Map<string, number>, operation: NameOperation): void {
  if (operation.kind !== 'link') names.delete(operation.name);
  if (operation.kind === 'link') names.set(operation.name, operation.file);
  if (operation.kind === 'rename') names.set(operation.to, operation.file);
}

export function changeBytes(bytes: FileBytes, operation: DataOperation): void {
  if (operation.kind === 'truncate') bytes.truncate(operation.size);
  else bytes.write(operation.offset, operation.bytes);
}

/** A file on the disk; `version` is another as soon as its bytes are others. */
interface OnDisk {
  bytes: FileBytes;
  version: number;
}

/** The disk when the power goes before this operation. */
export function diskBefore(log: DiskLog, system: FileSystem, before: number): DurableDisk {
  const disk = new DurableDisk(log, system);
  disk.goTo(before);
  return disk;
}

export class DurableDisk {
  readonly log: DiskLog;
  readonly model: FileSystemModel;
  readonly #liars: readonly string[] | undefined;
  readonly #files: readonly OnDisk[];
  readonly #names: Map<string, number>;
  #pending: number[] = [];
  /** Of those, writes of which the size is on the disk. */
  readonly #sized = new Set<number>();
  #next = 0;

  constructor(log: DiskLog, { model, liars }: FileSystem) {
    this.log = log;
    this.model = fileSystemModels[model];
    this.#liars = liars;
    this.#files = log.files.map(({ begins }) => ({ bytes: new FileBytes(begins), version: 0 }));
    this.#names = new Map(log.names);
  }

  /** Operations that have happened and of which nobody knows whether they are on the disk, in order. */
  get pending(): readonly number[] {
    return this.#pending;
  }

  /** Which file each name means on the disk. */
  get names(): ReadonlyMap<string, number> {
    return this.#names;
  }

  /** A file on the disk. @throws Error for one that the log does not have */
  file(number: number): { readonly bytes: Buffer; readonly version: number } {
    const { bytes, version } = this.#at(number);
    return { bytes: bytes.bytes, version };
  }

  operation(number: number): DiskOperation {
    const found = this.log.operations[number];
    if (found === undefined) throw new Error(`The run has no operation ${number} on its disk.`);
    return found;
  }

  /** Is it one of those that a journal of the file system has yet to write, in their order? */
  isOrdered(number: number): boolean {
    return this.model.order !== 'none' && !this.#sized.has(number) && isMetadata(this.operation(number));
  }

  /** All operations before this one have happened. It goes on only. */
  goTo(before: number): void {
    while (this.#next < Math.min(before, this.log.operations.length)) this.#happens(this.#next++);
  }

  #at(number: number): OnDisk {
    const found = this.#files[number];
    if (found === undefined) throw new Error(`The run has no file ${number}.`);
    return found;
  }

  #happens(number: number): void {
    const operation = this.operation(number);
    if (operation.kind === 'outside') {
      // Nobody in the run wrote it: what was under way is overtaken.
      this.#pending = this.#pending.filter((one) => !this.#isDataOf(one, operation.file));
      const file = this.#at(operation.file);
      Object.assign(file, { bytes: new FileBytes(operation.bytes), version: file.version + 1 });
    } else if (operation.kind !== 'sync' && operation.kind !== 'sync-folder') {
      this.#pending.push(number);
    } else if (!this.#lies(operation)) {
      if (this.model.order === 'writeback') this.#size(operation);
      this.#harden((one) => this.#isSynced(one, operation));
    }
  }

  #lies(sync: Extract<DiskOperation, { readonly kind: 'sync' | 'sync-folder' }>): boolean {
    if (this.model.syncs === 'honest') return false;
    if (this.#liars === undefined) return true;
    const of = sync.kind === 'sync' ? (this.log.files[sync.file]?.name ?? '') : sync.folder;
    return this.#liars.includes(processOf(sync.lane)) || this.#liars.includes(of);
  }

  #isSynced(number: number, sync: Extract<DiskOperation, { readonly kind: 'sync' | 'sync-folder' }>): boolean {
    if (sync.kind === 'sync' && this.#isDataOf(number, sync.file)) return true;
    const operation = this.operation(number);
    // A journal is written as a whole.
    if (this.model.order !== 'none') return this.isOrdered(number);
    if (sync.kind === 'sync' || !isOnNames(operation)) return false;
    return folderOf(operation.kind === 'rename' ? operation.to : operation.name) === sync.folder;
  }

  /** The journal makes files longer; the bytes of those that are not synced themselves come when they come. */
  #size(sync: DiskOperation): void {
    for (const number of this.#pending) {
      const operation = this.operation(number);
      if (operation.kind !== 'write' || !operation.extends || this.#sized.has(number)) continue;
      if (sync.kind === 'sync' && sync.file === operation.file) continue;
      const file = this.#at(operation.file);
      file.bytes.truncate(Math.max(file.bytes.size, operation.offset + operation.bytes.length));
      file.version++;
      this.#sized.add(number);
    }
  }

  #harden(isHard: (number: number) => boolean): void {
    const { order } = this.model;
    const hard = new Set(this.#pending.filter(isHard));
    // What lies beneath gets there with it: a disk keeps no older bytes for later.
    const beneath = order === 'none' ? [] : this.#pending.filter((one) => this.#isBeneath(one, hard));
    for (const number of beneath) hard.add(number);
    for (const number of this.#pending) {
      const operation = this.operation(number);
      if (!hard.has(number)) continue;
      if (isOnNames(operation)) changeNames(this.#names, operation);
      if (!isOnData(operation)) continue;
      const file = this.#at(operation.file);
      changeBytes(file.bytes, operation);
      file.version++;
    }
    const changed = [...hard].some((number) => isOnNames(this.operation(number)));
    this.#pending = this.#pending.filter((number) => !hard.has(number));
    if (changed) this.#forgetNameless();
  }

  /** What was written to a file that no name can mean any more, such as a -wal that was unlinked, is on no disk that anybody reads. */
  #forgetNameless(): void {
    const named = new Set(this.#names.values());
    for (const number of this.#pending) {
      const operation = this.operation(number);
      if (operation.kind === 'link' || operation.kind === 'rename') named.add(operation.file);
    }
    this.#pending = this.#pending.filter((number) => {
      const operation = this.operation(number);
      return !isOnData(operation) || named.has(operation.file);
    });
  }

  #isBeneath(number: number, hard: ReadonlySet<number>): boolean {
    const operation = this.operation(number);
    if (!isOnData(operation)) return false;
    return [...hard].some((later) => later > number && this.#isDataOf(later, operation.file));
  }

  #isDataOf(number: number, file: number): boolean {
    const operation = this.operation(number);
    return isOnData(operation) && operation.file === file;
  }
}
