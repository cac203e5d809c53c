// The locks of a run: what SQLite in each process believes it holds, what the kernel holds for it, and where the two part.
// A POSIX lock belongs to a process and a file, and is gone when that process closes any descriptor of the file (fcntl(2);
// howtocorrupt.html, section 2.2). Lock bytes and levels: os_unix.c and lockingv3.html; wal-index locks: walformat.html,
// section 2.3. And flock(2)s. What stays out: the kernel's view of them (look.ts), and what comes of it.
import { posix } from 'node:path';
import { flockRefused } from '../model/operations.ts';
import type { BelievedLock } from '../model/history.ts';
import { walSlot } from '../model/record.ts';
import type { FileTable, Inode, OpenFile } from './file-table.ts';
import { Lives } from './lives.ts';
import { type OfdLock, OfdLocks } from './ofd-locks.ts';
import { argument, type TraceStep } from './trace.ts';
import { processOf } from '../model/names.ts';

const pendingByte = 0x40000000;

/** Bytes from `from` to `to`, both included. */
export interface LockBytes {
  readonly from: number;
  readonly to: number;
}

const sharedBytes: LockBytes = { from: pendingByte + 2, to: pendingByte + 511 };
const reservedByte: LockBytes = { from: pendingByte + 1, to: pendingByte + 1 };
const slotNames = ['WRITE', 'CKPT', 'RECOVER', 'READ0', 'READ1', 'READ2', 'READ3', 'READ4'];
const slotsFrom = 120;
const deadManSwitch = 128;

type Level = 'SHARED' | 'RESERVED' | 'EXCLUSIVE';

/** A lock that a connection believes it holds. `lost`: the kernel does not hold it any more. */
export interface Belief extends LockBytes {
  readonly holder: OpenFile;
  readonly what: string;
  readonly since: number;
  /** The kernel grants it to one process at a time. */
  readonly exclusive: boolean;
  readonly lost: LockLost | undefined;
}

/**
 * A process opened and closed a file on which connections of its own held locks.
 *
 * @property descriptor it had held the descriptor that it closed
 * @property stays locks of open file descriptions on the same bytes, of the same process
 */
export interface LockLost {
  readonly kind: 'lock-lost';
  readonly step: number;
  readonly lane: string;
  readonly name: string;
  /** By the lock-cancel fault. */
  readonly injected: boolean;
  readonly descriptor: boolean;
  readonly held: readonly Belief[];
  readonly stays: readonly OfdLock[];
}

/** A lock was granted that contradicts what another process believes it holds. */
export interface GrantedAgainst {
  readonly kind: 'granted-against';
  readonly step: number;
  readonly lane: string;
  readonly name: string;
  readonly what: string;
  readonly others: readonly Belief[];
}

/** A connection that believed it held EXCLUSIVE wrote to the database while the kernel held nothing for it. */
export interface WroteUnheld {
  readonly kind: 'wrote-unheld';
  readonly step: number;
  readonly lane: string;
  readonly name: string;
  readonly lost: LockLost;
  lastStep: number;
  writes: number;
}

export type LockEvent = LockLost | GrantedAgainst | WroteUnheld;

/** A flock(2): since which step. */
export interface HeldFlock {
  readonly since: number;
  readonly exclusive: boolean;
}

/** A lock, and where the kernel dropped it. */
interface Held extends LockBytes {
  readonly what: string;
  readonly since: number;
  readonly exclusive: boolean;
  lost: LockLost | undefined;
}

/** What one connection believes it holds: on its database by level, on the wal-index by slot. */
interface Holding {
  readonly levels: Map<Level, Held>;
  readonly slots: Map<number, Held>;
  /** The grant that contradicts others, as long as that lock is held. */
  against: GrantedAgainst | undefined;
  unheld: WroteUnheld | undefined;
}

/** What closes a file as a plain file, and so drops locks. */
const closes: ReadonlySet<string> = new Set(['raw', 'fileRead', 'fileWrite', 'copy', 'funlock', 'fdClose']);

const ofdRead = 'EXCLUSIVE, over the read lock of an open file description,';

/** Levels of another process that a granted level contradicts. */
const contradicted: { readonly [level in Level]: readonly Level[] } = {
  SHARED: ['EXCLUSIVE'],
  RESERVED: ['EXCLUSIVE', 'RESERVED'],
  EXCLUSIVE: ['EXCLUSIVE', 'RESERVED', 'SHARED'],
};

export class LockTable {
  readonly #files: FileTable;
  readonly #tell: (event: LockEvent) => void;
  readonly #holdings = new WeakMap<OpenFile, Holding>();
  readonly #lives = new Lives();
  readonly #ofd: OfdLocks;
  /** By file: lanes. */
  readonly #flocks = new Map<string, Map<string, HeldFlock>>();

  /** @param tell told of each event, in order; default: nobody */
  constructor(files: FileTable, tell: (event: LockEvent) => void = () => undefined) {
    this.#files = files;
    this.#tell = tell;
    this.#ofd = new OfdLocks(files, (file) => this.holdsAny(file));
  }

  /** The contradicting grant under which a lane works now. */
  againstOf(lane: string): GrantedAgainst | undefined {
    for (const file of this.#files.open().toReversed()) {
      const { against } = this.#of(file);
      if (against?.lane === lane) return against;
    }
    return undefined;
  }

  /** All that a connection believes it holds. */
  heldBy(file: OpenFile): readonly Belief[] {
    const { levels, slots } = this.#of(file);
    return [...levels.values(), ...slots.values()].map((held) => beliefOf(file, held));
  }

  /** What other connections, of this process or another, hold that a refused request contradicts. */
  refusedBy(step: TraceStep, file: OpenFile): readonly Belief[] {
    const others = this.#files.open().filter((other) => other.role === 'db' && other !== file);
    if (step.op === 'lock') {
      const level = String(step.args?.['level']);
      const against = isLevel(level) ? contradicted[level] : [];
      const ofd = level === 'EXCLUSIVE' ? this.#ofd.on(file.inode, sharedBytes) : [];
      return [
        ...others
          .filter(({ inode }) => inode === file.inode)
          .flatMap((other) => this.heldBy(other).filter(({ what }) => against.some((one) => one === what))),
        ...ofd.map((one) => ({ ...one, what: ofdRead, exclusive: false, lost: undefined })),
      ];
    }
    const slots = slotNames.slice(argument(step, 'slot'), argument(step, 'slot') + argument(step, 'count'));
    const exclusive = step.args?.['mode'] === 'exclusive';
    return others
      .filter(({ shm }) => shm !== undefined && shm === file.shm)
      .flatMap((other) =>
        this.heldBy(other).filter((held) => slots.includes(held.what) && (exclusive || held.exclusive)),
      );
  }

  /** Is a connection of this lane inside a checkpoint: has it CKPT and not RECOVER, which a recovery takes too? */
  checkpoints(file: OpenFile): boolean {
    const { slots } = this.#of(file);
    return slots.get(walSlot.checkpoint)?.exclusive === true && !slots.has(walSlot.recover);
  }

  /** Has a connection a lock on its database? */
  holdsAny(file: OpenFile): boolean {
    return this.#of(file).levels.size > 0;
  }

  /** Has a connection CKPT, be it in a recovery? */
  hasCheckpointLock(file: OpenFile): boolean {
    return this.#of(file).slots.get(walSlot.checkpoint)?.exclusive === true;
  }

  /** The strongest lock that a connection has on its wal-index. */
  onIndex(file: OpenFile): 'exclusive' | 'shared' | 'none' {
    const held = [...this.#of(file).slots.values()];
    if (held.some(({ exclusive }) => exclusive)) return 'exclusive';
    return held.length > 0 ? 'shared' : 'none';
  }

  /** What the kernel should know of each living process, if nothing has gone astray. */
  believed(): readonly BelievedLock[] {
    return this.#files.open().flatMap((file) => (file.role === 'db' ? this.#believedOf(file) : []));
  }

  /** Who has a flock(2) on a file. */
  flocksOn(file: string): ReadonlyMap<string, HeldFlock> {
    return this.#flocks.get(posix.normalize(file)) ?? new Map();
  }

  /** Would another flock(2) on a file be refused, whoever asks for it? */
  refusesFlock(file: string, mode: 'shared' | 'exclusive'): boolean {
    const held = [...this.flocksOn(file).values()];
    return held.some(({ exclusive }) => exclusive || mode === 'exclusive');
  }

  /** Enters a step, before the table of files does. */
  see(step: TraceStep): void {
    if (step.op === 'flock' && step.rc === 0) this.#flocked(step);
    else if (step.op === 'funlock' && step.text !== flockRefused)
      this.#flocks.get(posix.normalize(step.file ?? ''))?.delete(step.lane);
    else if (step.op === 'start' || step.op === 'end') this.#ended(this.#lives.see(step));
    else if (step.op === 'fdLock') this.#relocked(step);
    if (closes.has(step.op) && (step.rc === 0 || step.op === 'fdClose')) this.#cancelled(step);
    this.#entered(step);
    this.#ofd.see(step);
  }

  #entered(step: TraceStep): void {
    const file = this.#files.of(step);
    if (file === undefined || step.rc !== 'SQLITE_OK') return;
    if (step.op === 'lock') this.#locked(step, file, String(step.args?.['level']));
    else if (step.op === 'unlock') this.#unlocked(file, String(step.args?.['level']));
    else if (step.op === 'shmLock') this.#slots(step, file);
    else if (step.op === 'shmUnmap') this.#of(file).slots.clear();
    else if (step.op === 'write' && file.role === 'db') this.#written(step, file);
  }

  #flocked({ file = '', lane, step, text }: TraceStep): void {
    const name = posix.normalize(file);
    const holders = this.#flocks.get(name) ?? new Map<string, HeldFlock>();
    this.#flocks.set(name, holders.set(lane, { since: step, exclusive: text !== 'shared' }));
  }

  #ended(process: string | undefined): void {
    this.#ofd.ended(process);
    for (const holders of this.#flocks.values())
      for (const lane of holders.keys()) if (processOf(lane) === process) holders.delete(lane);
  }

  #believedOf(file: OpenFile): readonly BelievedLock[] {
    const { process, bears, shm } = file;
    const { levels, slots } = this.#of(file);
    const onFile = [...levels.values()].filter(({ what }) => what !== 'SHARED' || !levels.has('EXCLUSIVE'));
    const onIndex = [...slots].toSorted(([a], [b]) => a - b).map(([, held]) => held);
    const byte = { what: 'dead-man switch', from: deadManSwitch, to: deadManSwitch };
    const lockOn =
      (name: string) =>
      ({ what, from, to }: LockBytes & { readonly what: string }): BelievedLock => ({
        process,
        file: name,
        what,
        from,
        to,
      });
    return [...onFile.map(lockOn(bears)), ...(shm === undefined ? [] : [...onIndex, byte].map(lockOn(shm.name)))];
  }

  #of(file: OpenFile): Holding {
    const known = this.#holdings.get(file);
    if (known !== undefined) return known;
    const holding = { levels: new Map(), slots: new Map(), against: undefined, unheld: undefined };
    this.#holdings.set(file, holding);
    return holding;
  }

  /** The connections of a process to one file, which share their locks. */
  #group({ process, inode }: Pick<OpenFile, 'process' | 'inode'>): readonly OpenFile[] {
    return this.#files.open().filter((one) => one.role === 'db' && one.process === process && one.inode === inode);
  }

  /** Names of what a step closes, and the files that they mean: of a descriptor the file that it was opened for. */
  #closedBy(step: TraceStep): readonly (readonly [string, Inode | undefined])[] {
    const { op, lane, opener = lane, handle = 0, file = '', text = '' } = step;
    if (op === 'fdClose') return [[posix.normalize(file), this.#files.descriptorAt(opener, handle)?.inode]];
    const names = op === 'copy' ? [file, text] : [file];
    return names.map((one) => posix.normalize(one)).map((name) => [name, this.#files.named(name)]);
  }

  /** Whatever is closed, locks of the whole process on that file are gone. */
  #cancelled(step: TraceStep): void {
    for (const [name, inode] of this.#closedBy(step)) {
      if (inode === undefined) continue; // a file that nobody has met: nobody holds a lock on it
      const dropped: (readonly [OpenFile, Held])[] = [];
      for (const file of this.#files.open()) {
        if (file.role !== 'db' || file.process !== processOf(step.lane)) continue;
        const { levels: byLevel, slots } = this.#of(file);
        const locks = file.inode === inode ? byLevel : file.shm === inode ? slots : new Map<number, Held>();
        for (const held of locks.values()) if (held.lost === undefined) dropped.push([file, held]);
      }
      if (dropped.length === 0) continue;
      const lost: LockLost = {
        kind: 'lock-lost',
        step: step.step,
        lane: step.lane,
        name,
        injected: step.op === 'raw',
        descriptor: step.op === 'fdClose',
        stays: dropped.flatMap(([{ process }, held]) =>
          this.#ofd.on(inode, held).filter(({ holder }) => holder.process === process),
        ),
        held: dropped.map(([holder, held]) => beliefOf(holder, held)),
      };
      for (const [, held] of dropped) held.lost = lost;
      this.#tell(lost);
    }
  }

  #locked(step: TraceStep, file: OpenFile, level: string): void {
    if (!isLevel(level)) return;
    const holding = this.#of(file);
    const others = this.#believedByOthers(file, level);
    const sharing = this.#group(file).find((one) => one !== file && this.#of(one).levels.has('SHARED'));
    // A second SHARED of a process is counted, not asked for (os_unix.c, unixLock).
    const lost = level === 'SHARED' && sharing !== undefined ? this.#of(sharing).levels.get('SHARED')?.lost : undefined;
    const bytes = level === 'RESERVED' ? reservedByte : sharedBytes;
    const exclusive = level !== 'SHARED';
    if (!holding.levels.has(level))
      holding.levels.set(level, { ...bytes, what: level, since: step.step, exclusive, lost });
    if (level === 'EXCLUSIVE') this.#realAgain(file);
    this.#contradicts(step, file, level, others);
  }

  #contradicts(step: TraceStep, file: OpenFile, what: string, others: readonly Belief[]): void {
    if (others.length === 0) return;
    const name = step.op === 'shmLock' ? (file.shm?.name ?? '') : file.inode.name;
    const granted = { kind: 'granted-against', step: step.step, lane: step.lane, name, what, others } as const;
    if (step.op === 'lock') this.#of(file).against = granted;
    this.#tell(granted);
  }

  /** The highest level that each connection of another process believes it holds, where it contradicts. */
  #believedByOthers(file: OpenFile, level: Level): readonly Belief[] {
    return this.#files.open().flatMap((other) => {
      if (other.role !== 'db' || other.inode !== file.inode || other.process === file.process) return [];
      const { levels: believed } = this.#of(other);
      const highest = contradicted[level].find((one) => believed.has(one));
      const held = highest === undefined ? undefined : believed.get(highest);
      return held === undefined ? [] : [beliefOf(other, held)];
    });
  }

  /** The kernel holds the bytes of SHARED again: for EXCLUSIVE, or given back to SHARED from there (unixLock, posixUnlock). */
  #realAgain(file: OpenFile): void {
    for (const one of this.#group(file)) {
      const shared = this.#of(one).levels.get('SHARED');
      if (shared !== undefined) shared.lost = undefined;
    }
  }

  /** A program has taken the lock of its process on the bytes of SHARED once more (fcntl(2), F_SETLK). */
  #relocked(step: TraceStep): void {
    const { lane, opener = lane, handle = 0, role, args, rc } = step;
    const file = this.#files.at(opener, handle);
    if (file === undefined || role !== 'db' || rc !== 0) return;
    if (args?.['owner'] !== 'process' || args['action'] !== 'lock') return;
    const from = argument(step, 'offset');
    if (from <= sharedBytes.from && from + argument(step, 'length') > sharedBytes.to) this.#realAgain(file);
  }

  #unlocked(file: OpenFile, level: string): void {
    const holding = this.#of(file);
    const wasHigher = holding.levels.has('RESERVED') || holding.levels.has('EXCLUSIVE');
    holding.levels.delete('RESERVED');
    holding.levels.delete('EXCLUSIVE');
    holding.against = holding.unheld = undefined;
    if (level !== 'SHARED') holding.levels.delete('SHARED');
    else if (wasHigher) this.#realAgain(file);
  }

  #slots(step: TraceStep, file: OpenFile): void {
    const { slots } = this.#of(file);
    const from = argument(step, 'slot');
    const exclusive = step.args?.['mode'] === 'exclusive';
    for (let slot = from; slot < from + argument(step, 'count'); slot++) {
      if (step.args?.['action'] !== 'lock') {
        slots.delete(slot);
        continue;
      }
      const others = this.#slotOfOthers(file, slot, exclusive);
      const sharing = this.#files
        .open()
        .find(
          (one) =>
            one !== file && one.process === file.process && one.shm === file.shm && this.#of(one).slots.has(slot),
        );
      const lost = !exclusive && sharing !== undefined ? this.#of(sharing).slots.get(slot)?.lost : undefined;
      const byte = slotsFrom + slot;
      slots.set(slot, { what: slotNames[slot] ?? '', from: byte, to: byte, since: step.step, exclusive, lost });
      this.#contradicts(step, file, slotNames[slot] ?? '', others);
    }
  }

  #slotOfOthers(file: OpenFile, slot: number, exclusive: boolean): readonly Belief[] {
    const believed: Belief[] = [];
    for (const other of this.#files.open()) {
      if (other.role !== 'db' || other.process === file.process || other.shm !== file.shm) continue;
      const held = this.#of(other).slots.get(slot);
      if (held !== undefined && (exclusive || held.exclusive)) believed.push(beliefOf(other, held));
    }
    return believed;
  }

  #written(step: TraceStep, file: OpenFile): void {
    const holding = this.#of(file);
    const lost = holding.levels.get('EXCLUSIVE')?.lost;
    if (lost === undefined) return;
    if (holding.unheld === undefined) {
      const { step: first, lane } = step;
      const name = file.inode.name;
      holding.unheld = { kind: 'wrote-unheld', step: first, lane, name, lost, lastStep: first, writes: 0 };
      this.#tell(holding.unheld);
    }
    holding.unheld.writes++;
    holding.unheld.lastStep = step.step;
  }
}

function isLevel(level: string): level is Level {
  return level in contradicted;
}

function beliefOf(holder: OpenFile, { what, since, exclusive, from, to, lost }: Held): Belief {
  return { holder, what, since, exclusive, from, to, lost };
}
