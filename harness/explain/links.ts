// What steps of one lane have from steps of another: bytes that were read, locks that were refused, lost or handed over, the wal-index,
// names of files, messages. The least that could have carried a cause from one process to another; within a lane anything may come
// of anything before. What stays out: which of them matter (slice.ts).
import { posix } from 'node:path';
import { parseRequest } from '../model/request.ts';
import type { FileEvent, FileTable, Inode, OpenFile } from '../observe/file-table.ts';
import type { LockEvent, LockTable } from '../observe/lock-table.ts';
import { argument, type TraceStep } from '../observe/trace.ts';
import type { TransactionEvent } from './transactions.ts';
import type { WalEvent } from './wals.ts';

/** A step of a lane. */
export interface Place {
  readonly step: number;
  readonly lane: string;
}

/**
 * @property from it did something to what `to`, of another lane, met
 * @property says of what, with both lanes: a clause without steps
 * @property about what else tells of it
 * @property weak no more than that one came after the other: a lock was handed over, or what was read cannot be told
 */
export interface Link {
  readonly from: Place;
  readonly to: Place;
  readonly says: (from: string, to: string) => string;
  readonly weak: boolean;
  readonly about: unknown;
}

interface Written extends Place {
  readonly from: number;
  readonly to: number;
}

/** Bytes are followed by blocks as large as the smallest page. */
const blockBytes = 512;

const changesName: ReadonlySet<string> = new Set(['delete', 'unlink', 'rename', 'copy', 'link', 'symlink']);
const meetsName: ReadonlySet<string> = new Set(['open', 'fileRead', 'exists', 'access', 'fdOpen']);

export class Links {
  readonly #disk: FileTable;
  readonly #locks: LockTable;
  readonly #links: Link[] = [];
  /** By file and block, what was written last. */
  readonly #written = new Map<Inode, Map<number, readonly Written[]>>();
  /** Who has done something to a thing last, by its name. */
  readonly #last = new Map<string, Place & { readonly does: string }>();
  /** Links that have been told, so that each is told by its first reader. */
  readonly #told = new Set<string>();
  /** The step before, which disk and locks have entered by now. */
  #before: TraceStep | undefined;

  constructor(disk: FileTable, locks: LockTable) {
    this.#disk = disk;
    this.#locks = locks;
  }

  all(): readonly Link[] {
    return this.#links;
  }

  /** Enters a step, before disk and locks do. */
  see(step: TraceStep): void {
    if (this.#before !== undefined) this.#index(this.#before);
    this.#before = step;
    const file = this.#disk.of(step);
    if (file !== undefined && (step.op === 'read' || step.op === 'fetch')) this.#reads(step, file);
    if (step.op === 'fileRead' || step.op === 'copy') this.#readsWhole(step);
    if (file !== undefined && step.op === 'write' && step.rc === 'SQLITE_OK') this.#writes(step, file);
    if (step.op === 'lock' || step.op === 'shmLock' || step.op === 'unlock') this.#lock(step, file);
    if (step.op === 'flock' || step.op === 'funlock') this.#flock(step);
    if (step.op === 'end' || step.op === 'close') this.#ends(step, file);
    if (step.op === 'ask' || step.op === 'start') this.#message(step);
    this.#name(step);
  }

  /** What the other books have found, once the run is over. */
  found(event: FileEvent | LockEvent | TransactionEvent | WalEvent): void {
    const { kind } = event;
    if (kind === 'granted-against') {
      const { name, what: granted } = event;
      for (const { what, lost } of event.others)
        if (lost !== undefined)
          this.#add(lost, event, (a, b) => `${a} lost ${what} on ${name}, so that ${b} was granted ${granted}`, {
            about: event,
          });
    } else if (kind === 'refused-write') {
      const { name, by } = event;
      this.#add(
        by,
        event,
        (a, b) => `${a} committed to ${name} what ${b} had not read, so that ${b} was refused to write`,
        {
          about: event,
        },
      );
    } else if (kind === 'overtaken') {
      const { name, between, read } = event;
      for (const { by } of between)
        this.#add(
          by,
          event,
          (a, b) => `${a} committed to ${name} what ${read.lane} had not read, before ${b} wrote by that`,
          {
            about: event,
          },
        );
    } else if (kind === 'wal-reset') {
      const { checkpoint, endStep, fresh, step } = event;
      const to = { step: endStep ?? step, lane: checkpoint.lane };
      this.#add(
        event,
        to,
        (a, b) => `${a} began ${fresh.wal.name} anew, while ${b} was inside a checkpoint of what had been in it`,
        {
          about: event,
        },
      );
    }
  }

  #add(from: Place, to: Place, says: Link['says'], { weak = false, about }: Partial<Link> = {}): void {
    const key = `${from.step} ${to.lane} ${weak}`;
    if (from.lane === to.lane || this.#told.has(key)) return;
    this.#told.add(key);
    const placeOf = ({ step, lane }: Place): Place => ({ step, lane });
    this.#links.push({ from: placeOf(from), to: placeOf(to), says, weak, about });
  }

  #reads(step: TraceStep, file: OpenFile): void {
    const [from, to] = extentOf(step);
    for (const written of this.#writtenIn(file.inode, from, to)) {
      const bytes = `${written.to - written.from} bytes at ${written.from}`;
      this.#add(written, step, (a, b) => `${a} wrote ${bytes} of ${file.name}, which ${b} read`);
    }
  }

  /** A raw read, of all that there is: what was written last stands for it. */
  #readsWhole(step: TraceStep): void {
    const name = posix.normalize(step.file ?? '');
    const inode = this.#disk.named(name);
    const all = inode === undefined ? [] : [...(this.#written.get(inode)?.values() ?? [])].flat();
    const last = all.reduce<Written | undefined>(
      (one, other) => (one && one.step > other.step ? one : other),
      undefined,
    );
    if (last !== undefined) this.#add(last, step, (a, b) => `${a} wrote to ${name}, which ${b} read as a plain file`);
  }

  *#writtenIn(inode: Inode, from: number, to: number): Iterable<Written> {
    const blocks = this.#written.get(inode);
    if (blocks === undefined) return;
    for (let block = Math.floor(from / blockBytes); block * blockBytes < to; block++)
      for (const written of blocks.get(block) ?? []) if (written.from < to && written.to > from) yield written;
  }

  #writes({ step, lane, ...rest }: TraceStep, { inode }: OpenFile): void {
    const [from, to] = extentOf({ step, lane, ...rest });
    const blocks = this.#written.get(inode) ?? new Map<number, readonly Written[]>();
    this.#written.set(inode, blocks);
    for (let block = Math.floor(from / blockBytes); block * blockBytes < to; block++) {
      const [first, last] = [block * blockBytes, (block + 1) * blockBytes];
      const covers = (one: Written): boolean => Math.max(one.from, first) >= from && Math.min(one.to, last) <= to;
      blocks.set(block, [...(blocks.get(block) ?? []).filter((one) => !covers(one)), { step, lane, from, to }]);
    }
  }

  #lock(step: TraceStep, file: OpenFile | undefined): void {
    if (file === undefined) return;
    if (step.rc === 'SQLITE_BUSY') {
      for (const { holder, since, what } of this.#locks.refusedBy(step, file))
        this.#add(
          { step: since, lane: holder.lane },
          step,
          (a, b) => `${a} had ${what} on ${file.name}, so that ${b} was refused`,
        );
      return;
    }
    if (step.rc !== 'SQLITE_OK') return;
    for (const [name, what, exclusive] of locksOf(step)) {
      const gives = step.op === 'unlock' || step.args?.['action'] === 'unlock';
      const key = `${name} ${file.name}`;
      if (gives) this.#last.set(key, { step: step.step, lane: step.lane, does: what });
      else if (exclusive) this.#handedOver(step, key, what, file.name);
    }
  }

  #handedOver(step: Place, key: string, what: string, name: string): void {
    const before = this.#last.get(key);
    if (before !== undefined)
      this.#add(before, step, (a, b) => `${a} gave back ${what} on ${name}, before ${b} took it`, { weak: true });
  }

  #flock({ step, lane, op, rc, file = '' }: TraceStep): void {
    const key = `flock ${posix.normalize(file)}`;
    if (op === 'funlock') this.#last.set(key, { step, lane, does: '' });
    else if (rc === 0) this.#handedOver({ step, lane }, key, 'the flock', file);
    else
      for (const [holder, { since }] of this.#locks.flocksOn(file))
        this.#add(
          { step: since, lane: holder },
          { step, lane },
          (a, b) => `${a} had the flock on ${file}, so that ${b} was refused`,
        );
  }

  /** What a connection still holds when it is closed, or its lane ends, is free. */
  #ends({ step, lane, op }: TraceStep, file: OpenFile | undefined): void {
    for (const open of op === 'end'
      ? this.#disk.open().filter((one) => one.lane === lane)
      : file === undefined
        ? []
        : [file])
      for (const { what } of this.#locks.heldBy(open))
        this.#last.set(`${what} ${open.name}`, { step, lane, does: what });
  }

  /** Memory, which no step shows: it is written under an exclusive lock in it, and read under a shared one (walformat.html, "WAL Locks"). */
  #index(step: TraceStep): void {
    for (const file of this.#disk.open()) {
      if (file.lane !== step.lane || file.shm === undefined) continue;
      const held = this.#locks.onIndex(file);
      const key = `index ${file.name}`;
      const before = this.#last.get(key);
      if (held === 'exclusive') this.#last.set(key, { step: step.step, lane: step.lane, does: '' });
      else if (held === 'shared' && before !== undefined)
        this.#add(before, step, (a, b) => `${a} could change the wal-index of ${file.name}, before ${b} read it`, {
          weak: true,
        });
    }
  }

  #message({ step, lane, op, text = '' }: TraceStep): void {
    const here = { step, lane };
    const begun = this.#last.get(`start ${lane}`);
    if (op === 'start') {
      if (begun !== undefined) this.#add(begun, here, (a, b) => `${a} started ${b}`);
      return;
    }
    const request = parseRequest(text);
    const mail = this.#last.get(`mail ${lane}`);
    if (request.kind === 'send') this.#last.set(`mail ${request.to}`, { ...here, does: 'sent' });
    else if (request.kind === 'spawn' || request.kind === 'exec')
      this.#last.set(`start ${request.name}`, { ...here, does: 'started' });
    else if ((request.kind === 'receive' || request.kind === 'events') && mail !== undefined)
      this.#add(mail, here, (a, b) => `${a} sent a message, which ${b} received`);
  }

  #name({ step, lane, op, rc, file, text }: TraceStep): void {
    if (file === undefined) return;
    const here = { step, lane };
    const name = posix.normalize(file);
    const before = this.#last.get(`name ${name}`);
    if (meetsName.has(op) && before !== undefined)
      this.#add(before, here, (a, b) => `${a} ${before.does} ${name}, before ${b} met that name`);
    if ((rc !== 0 && rc !== 'SQLITE_OK') || !(changesName.has(op) || op === 'fileWrite')) return;
    const names = text === undefined || op === 'fileWrite' ? [name] : [name, posix.normalize(text)];
    for (const one of names) this.#last.set(`name ${one}`, { ...here, does: doneTo[op] ?? `did a ${op} of` });
  }
}

const doneTo: { readonly [op: string]: string } = {
  delete: 'deleted',
  unlink: 'unlinked',
  rename: 'renamed',
  copy: 'copied',
  link: 'linked',
  symlink: 'linked',
  fileWrite: 'wrote over',
};

function extentOf(step: TraceStep): readonly [from: number, to: number] {
  const from = argument(step, 'offset');
  return [from, from + argument(step, 'length')];
}

const slotNames = ['WRITE', 'CKPT', 'RECOVER', 'READ0', 'READ1', 'READ2', 'READ3', 'READ4'];

/** The locks that a step takes or gives back: name, what it is called, and whether nobody else can have it meanwhile. */
function* locksOf(step: TraceStep): Iterable<readonly [name: string, what: string, exclusive: boolean]> {
  if (step.op === 'shmLock') {
    const exclusive = step.args?.['mode'] === 'exclusive';
    const from = argument(step, 'slot');
    for (const what of slotNames.slice(from, from + argument(step, 'count'))) yield [what, what, exclusive];
    return;
  }
  const level = String(step.args?.['level']);
  if (step.op === 'lock') yield [level, level, level !== 'SHARED'];
  // What is given back down to a level is all above it.
  else
    for (const what of level === 'NONE' ? ['SHARED', 'RESERVED', 'EXCLUSIVE'] : ['RESERVED', 'EXCLUSIVE'])
      yield [what, what, true];
}
