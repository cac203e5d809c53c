// acts: turns of whole acts. An act is what a program does as one thing: a transaction, from the lock of its snapshot on, or a step of its own (on
// a file, a message, what it observes). SQLite keeps lanes apart within a transaction, so that programs mostly go wrong between two acts; and there
// are ten of them where there are hundreds of switch points, so that turns counted in acts meet there ten times as often. Lengths are heavy-tailed,
// as those of turns in switch points (preemptions.ts). The longest are four acts or more: where nearly every act is in another lane's turn, none gets
// far while another stands still. In half of the runs some turns end in the middle of an act, for what goes wrong there: before a step of a kind by which
// lanes meet, each kind as likely as any other (sites.ts), since what a failure hangs on is often one of a rare kind. Beside choosers that
// look into the middle of acts (`portfolio`) that is left to them: a turn that is broken off is not there for what goes wrong between acts.
import { op, role } from '../../model/operations.ts';
import { below, type Random } from '../../model/random.ts';
import { decode, type RawRecord, recordFlag } from '../../model/record.ts';
import type { StepLane, StepSink } from '../../model/step.ts';
import type { Choice, Chooser, Decision, StepKind } from '../chooser.ts';
import { lockLevel } from '../../observe/footprint.ts';
import type { Site } from './sites.ts';

/** Steps of a program's own. */
const ownSteps: ReadonlySet<number> = new Set([
  op.start,
  op.open,
  op.step,
  op.fileRead,
  op.fileWrite,
  op.stat,
  op.lstat,
  op.fdStat,
  op.rename,
  op.unlink,
  op.copy,
  op.link,
  op.symlink,
  op.list,
  op.exists,
  op.mkdir,
  op.rmdir,
  op.flock,
  op.funlock,
  op.fdOpen,
  op.fdClose,
  op.fdRead,
  op.fdWrite,
  op.fdTruncate,
  op.fdLock,
  op.observe,
  op.sleep,
  op.ask,
  op.tell,
]);

/** Where the gate stops a lane for a look whether an act begins. */
const lookedAt: readonly StepKind[] = [op.lock, op.shmLock, ...ownSteps].flatMap((operation) =>
  Object.values(role).map((its) => ({ op: operation, role: its })),
);

/** The first of the wal-index's locks for readers (walformat.html, "WAL Locks"). */
const readSlot = 3;

/** A snapshot begins with a shared lock: of a reader's slot in the wal-index, else of the database. */
function beginsAct(record: Readonly<RawRecord>): boolean {
  if (record.op === op.lock) return decode.lock(record).level === lockLevel.shared;
  if (record.op !== op.shmLock) return ownSteps.has(record.op);
  const { slot, action, mode } = decode.shmLock(record);
  return action === 'lock' && mode === 'shared' && slot >= readSlot;
}

/** Longest turn of a run in acts, at least and at most, and of the steps of a kind the last before which a turn is broken off, as powers of two. */
const longestLog2 = { least: 2, most: 4, nth: 2 } as const;

/** How many turns of a run are broken off: in half of the runs none, since most that programs do wrong they do between acts. */
const brokenShares = [0, 0, 0.25, 0.5] as const;

/**
 * @property left acts that it may still begin
 * @property broken where it is broken off in what follows them; undefined: it ends with them
 * @property isLast it is in what follows them
 */
interface Turn {
  readonly lane: string;
  left: number;
  readonly broken: { readonly kind: StepKind; readonly nth: number } | undefined;
  isLast: boolean;
}

export class ActsChooser implements Chooser, StepSink {
  readonly #random: Random;
  readonly #longest: number;
  readonly #brokenShare: number;
  readonly #sites: readonly Site[];
  #turn: Turn | undefined;

  /** @param sites kinds of steps before which turns are broken off; none: no turn is */
  constructor(random: Random, sites: readonly Site[]) {
    this.#random = random;
    this.#sites = sites;
    this.#longest = longestLog2.least + below(random, longestLog2.most - longestLog2.least + 1);
    this.#brokenShare = brokenShares[below(random, brokenShares.length)] ?? 0;
  }

  see(_step: number, record: Readonly<RawRecord>, { name }: StepLane): void {
    if (this.#turn?.lane !== name || (record.flags & recordFlag.injected) !== 0) return;
    if (beginsAct(record)) this.#turn.left--;
  }

  choose({ ready, fallback, ahead }: Decision): Choice {
    if (ready.length === 1) return { lane: fallback, alone: true };
    const { record } = ahead(fallback);
    const turn = this.#turn;
    const isPoint = (record.flags & recordFlag.switchPoint) !== 0;
    // A plan can take a lane off at switch points only.
    if (!isPoint) return turn?.lane === fallback ? goOn(turn) : { lane: fallback, before: { kinds: lookedAt } };
    if (turn?.lane !== fallback) return this.#begin(ready, ahead);
    const others = ready.filter((lane) => lane !== fallback);
    if (turn.isLast) return isOf(record, turn.broken?.kind) ? this.#begin(others, ahead) : goOn(turn);
    if (turn.left > 0 || !beginsAct(record)) return goOn(turn);
    if (turn.broken === undefined) return this.#begin(others, ahead);
    turn.isLast = true;
    const { kind, nth } = turn.broken;
    return { lane: fallback, before: { kinds: [kind], nth } };
  }

  #begin(lanes: readonly string[], ahead: Decision['ahead']): Choice {
    const lane = lanes[below(this.#random, lanes.length)] ?? '';
    const acts = Math.floor(2 ** (this.#random() * this.#longest));
    // A lane that was taken off in the middle of an act ends it first.
    const left = beginsAct(ahead(lane).record) ? acts : acts - 1;
    this.#turn = { lane, left, broken: this.#drawBroken(), isLast: false };
    return goOn(this.#turn);
  }

  #drawBroken(): Turn['broken'] {
    if (this.#sites.length === 0 || this.#random() >= this.#brokenShare) return undefined;
    const kind = this.#sites[below(this.#random, this.#sites.length)];
    const nth = Math.floor(2 ** (this.#random() * longestLog2.nth));
    return kind && { kind: { op: kind.op, role: kind.role }, nth };
  }
}

/** Up to where there is something to decide: each act has one step at least that is looked at. */
function goOn({ lane, left, isLast, broken }: Turn): Choice {
  if (isLast && broken !== undefined) return { lane, before: { kinds: [broken.kind] } };
  return { lane, before: { kinds: lookedAt, nth: Math.max(1, left) } };
}

function isOf({ op: operation, role: its }: StepKind, kind: StepKind | undefined): boolean {
  return operation === kind?.op && its === kind.role;
}
