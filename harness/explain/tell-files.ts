// Sentences about files: whose name was taken away under whom, what was written over, which -wal met a database or a
// wal-index that is not its own. What stays out: which rows went with them (tell-rows.ts).
import type { FileLost, Mispaired, Overwritten, SecondName, SplitIndex } from '../observe/file-table.ts';
import type { RunEvents } from './events.ts';
import type { GrantedAgainst } from '../observe/lock-table.ts';
import { processOf } from '../model/names.ts';
import { tellGranted } from './tell-locks.ts';
import type { Telling } from './telling.ts';
import type { Generation, SplitWrite } from './wals.ts';
import { listOf } from './words.ts';
import { count } from '../model/count.ts';

/** Steps of one lane between two acts of one deed, such as `rm kanban.db kanban.db-wal`. */
const oneDeedSteps = 4;

export class FileTeller {
  readonly #run: RunEvents;
  readonly #telling: Telling;
  readonly #lost: readonly FileLost[];

  constructor(run: RunEvents, telling: Telling) {
    this.#run = run;
    this.#telling = telling;
    this.#lost = run.events.filter((event) => event.kind === 'file-lost');
  }

  /** The loss of a name at a step; undefined when there is none. */
  lostAt(step: number): FileLost | undefined {
    return this.#lost.find((lost) => lost.step === step);
  }

  /** Has this loss, or the deed that it is part of, been told? */
  isTold(lost: FileLost): boolean {
    return this.#deedOf(lost).some((one) => this.#telling.has(one));
  }

  /** The loss, the grant that made it possible, and what the same lane took away in the same go. */
  lost(lost: FileLost): void {
    const deed = this.#deedOf(lost);
    const [first] = deed;
    if (first === undefined) return;
    const grant = this.#run.grants.get(lost);
    const holders = lanesOf(deed);
    if (grant !== undefined) tellGranted(this.#telling, grant, deedUnder(deed), holders);
    else if (first.bySqlite) this.#letIn(first);
    this.#telling.add(first, {
      step: first.step,
      kind: 'file-lost',
      sentence: this.#sentenceOf(deed, first, grant),
      lanes: [lost.lane, ...holders],
    });
  }

  /** Who unlinks as SQLite does holds EXCLUSIVE: the first who was let in all the same, since the kernel had dropped it. */
  #letIn({ lane, step }: FileLost): void {
    const granted = this.#run.events.find(
      (event) =>
        event.kind === 'granted-against' &&
        event.step < step &&
        event.others.some(
          ({ holder, what, lost }) => holder.lane === lane && what === 'EXCLUSIVE' && lost !== undefined,
        ),
    );
    if (granted?.kind === 'granted-against') tellGranted(this.#telling, granted, undefined, [lane]);
  }

  /** A grant against others, and what was taken away from them under it. */
  granted(grant: GrantedAgainst): void {
    const under = this.#lost.find((lost) => this.#run.grants.get(lost) === grant && lost.holders.length > 0);
    if (under !== undefined) this.lost(under);
    tellGranted(this.#telling, grant, undefined, []);
  }

  #sentenceOf(deed: readonly FileLost[], first: FileLost, grant: GrantedAgainst | undefined): string {
    const { lane, how, other } = first;
    const names = listOf(
      deed.map(({ name, step }) => (step === first.step ? name : `${name} (step ${step})`)),
      8,
    );
    const holders = listOf(lanesOf(deed));
    const open = holders === '' ? '' : `, while ${holders} had ${deed.length === 1 ? 'it' : 'them'} open`;
    if (grant !== undefined && isHot(first)) {
      const pages = this.#run.wals.writesOf(lane, grant.step, first.step).length;
      return (
        `${lane} took the journal of ${holders} for a hot one: it wrote ${count(pages, 'page')} of ${grant.name} back from it ` +
        `and unlinked ${names}, in the middle of the commit of ${holders}.`
      );
    }
    if (grant !== undefined && !first.name.endsWith('-journal'))
      return `${lane} took itself for the last connection, checkpointed and unlinked ${names}${open}.`;
    if (how === 'replaced') return `${lane} renamed ${other} to ${names}, over the file that was there${open}.`;
    return `${lane} ${how} ${names}${how === 'renamed' && deed.length === 1 ? ` to ${other}` : ''}${open}.`;
  }

  /** Losses under one grant, or by one lane one after the other. */
  #deedOf(lost: FileLost): readonly FileLost[] {
    const grant = this.#run.grants.get(lost);
    return this.#lost.filter(
      (one) =>
        one.lane === lost.lane &&
        one.how === lost.how &&
        one.bySqlite === lost.bySqlite &&
        this.#run.grants.get(one) === grant &&
        (grant !== undefined || Math.abs(one.step - lost.step) <= oneDeedSteps),
    );
  }

  overwritten(event: Overwritten): void {
    const { lane, step, name, from, holders } = event;
    const open = listOf(holders.map((holder) => holder.lane));
    this.#telling.add(event, {
      step,
      kind: 'overwritten',
      sentence:
        `${lane} ${from === undefined ? 'wrote over' : `copied ${from} over`} ${name}: other bytes in the same file` +
        `${open === '' ? '' : `, while ${open} had it open`}.`,
      lanes: [lane, ...holders.map((holder) => holder.lane)],
    });
  }

  secondName(event: SecondName): void {
    const { lane, step, name, other, sidecar, writers } = event;
    this.#telling.add(event, {
      step,
      kind: 'second-name',
      sentence:
        `${lane} opened ${name}, which is the same file as ${other}. SQLite looks for a journal by the name that it is given: ` +
        `${sidecar}, to which ${listOf(writers)} had written, lies beside ${other} and not beside ${name}, so nobody who comes ` +
        `by this name rolls back or reads what is in it.`,
      lanes: [lane, ...writers],
    });
  }

  /** The meeting, and what brought another database file, or other bytes in it, about. */
  mispaired(event: Mispaired): void {
    const { lane, step, name, database, sidecar } = event;
    const made = sidecar.madeFor?.inode;
    if (made?.lost !== undefined) this.lost(made.lost);
    for (const other of this.#run.events)
      if (other.kind === 'overwritten' && other.inode === database.inode && other.step < step) this.overwritten(other);
    this.#telling.add(event, {
      step,
      kind: 'mispaired',
      sentence:
        `${lane} opened ${database.name} and with it ${name}, whose frames had been written for what ${database.name} was ` +
        `before: SQLite knows a -wal by its name alone, and takes the pages of both for one database.`,
      lanes: [lane],
    });
  }

  splitIndex(event: SplitIndex): void {
    const { lane, step, name, lost } = event;
    this.lost(lost);
    this.#telling.add(event, {
      step,
      kind: 'split-index',
      sentence:
        `${lane} connected: it opened the ${name} that is there now, but shares the wal-index of ${processOf(lane)}, which is ` +
        `the ${lost.name} that ${lost.lane} unlinked at step ${lost.step} and tells of frames that are not in this ${name}.`,
      lanes: [lane],
    });
  }

  /** Frames behind a header that is not there: written by the wal-index of another -wal, shared by the lane's process. */
  headless({ wal, lane, step }: Generation): void {
    const split = this.#run.events.findLast(
      (event) =>
        event.kind === 'split-index' &&
        event.name === wal.name &&
        event.step < step &&
        processOf(event.lane) === processOf(lane),
    );
    if (split?.kind === 'split-index') this.splitIndex(split);
  }

  splitWrite(event: SplitWrite): void {
    const { lane, step, name, before } = event;
    this.#telling.add(event, {
      step,
      kind: 'split-index',
      sentence:
        `${lane} wrote to ${name} by another wal-index than ${before.lane} had at step ${before.step}: ` +
        `to neither are the frames and the WRITE lock of the other there.`,
      lanes: [lane, before.lane],
    });
  }
}

function lanesOf(deed: readonly FileLost[]): readonly string[] {
  return [...new Set(deed.flatMap((one) => one.holders.map((holder) => holder.lane)))];
}

/** A journal of others that was unlinked by somebody who had written nothing into it: played back (lockingv3.html, 4.2). */
function isHot({ name, lane, inode, holders }: FileLost): boolean {
  return name.endsWith('-journal') && holders.length > 0 && !inode.writers.has(lane);
}

/** What a lane was about when it was granted the lock under which it took these files away. */
function deedUnder(deed: readonly FileLost[]): string | undefined {
  if (deed.some(isHot)) return 'which found a journal beside it and no RESERVED lock';
  return deed.some(({ name }) => name.endsWith('-wal')) ? 'closing its connection' : undefined;
}
