// Sentences about transactions: which an error ended, and which was overtaken by the commit of another lane between its
// read and its write. What stays out: rows (tell-rows.ts).
import type { RunEvents } from './events.ts';
import type { PageVersion } from './page-versions.ts';
import {
  onlyGiven,
  readsAnew,
  readsWhat,
  readWords,
  type Statement,
  type StatementBook,
  writesOver,
  writeWords,
} from './statements.ts';
import type { Between, CommitMade, Overtaken, RefusedWrite, TransactionFailed } from './transactions.ts';
import type { Telling } from './telling.ts';
import { operationOf } from './words.ts';

export function tellFailed(telling: Telling, event: TransactionFailed): void {
  const { step, lane, name, began, failed, again } = event;
  const after =
    again === undefined
      ? ''
      : ` What it wrote from step ${again} on stands in other transactions, whatever it believed to be in.`;
  telling.add(event, {
    step: failed.step,
    kind: 'transaction',
    sentence:
      `The transaction of ${lane} on ${name}, begun at step ${began}, ended by an error: its ${operationOf(failed) ?? failed.op} met ` +
      `${failed.rc}, and at step ${step} the write lock was given back with nothing committed: such an error rolls back the ` +
      `whole transaction, and the connection is in autocommit again.${after}`,
    lanes: [lane],
  });
}

export function tellRefused(telling: Telling, event: RefusedWrite): void {
  const { step, lane, name, read, by } = event;
  telling.add(event, {
    step,
    kind: 'transaction',
    sentence:
      `${lane} had read ${name} in its transaction from step ${read} on when ${by.lane} committed at step ${by.step}; so ` +
      `it was not let to write at step ${step}: its snapshot is not the newest any more (SQLITE_BUSY_SNAPSHOT), and no ` +
      `waiting makes it so.`,
    lanes: [lane, by.lane],
  });
}

/** What else is known of a run, by which transactions are told. @property tables of the database, by the numbers of their first pages */
export interface Known extends Pick<RunEvents, 'pages' | 'statements'> {
  readonly tables: ReadonlyMap<number, string>;
}

/**
 * The first commit of what was read before it, and written after it: what it had put there may be lost. Pages tell, as far as they are known,
 * and statements.
 */
function lostIn(event: Overtaken, { pages, statements }: Pick<Known, 'pages' | 'statements'>): Between | undefined {
  const { name, read, between, commit } = event;
  const writing = writtenBy(event, statements);
  // Page 1 is in every commit of a rollback journal: it has the file's change counter.
  const [ofRead, ofCommit] = [pages.of(read.pages), pages.of(commit.pages).filter((page) => page !== 1)];
  const both = ofCommit.filter((page) => ofRead.includes(page));
  if (both.length === 0 && !readsWhat(writing, statements.reading({ ...read, name }))) return undefined;
  return between.find(({ by }) => {
    const isOver = writesOver(writing, writtenBy({ name, commit: by }, statements));
    const known = pages.of(by.pages);
    if (isOver === false) return false;
    return both.length === 0 || known.length === 0 ? isOver === true : known.some((page) => both.includes(page));
  });
}

export function isLost(event: Overtaken, known: Pick<Known, 'pages' | 'statements'>): boolean {
  return lostIn(event, known) !== undefined;
}

/** Did who wrote read again what it wrote over, once nobody else could change it? Then what it had read before is of no matter. */
export function hasReadAnew({ name, commit }: Overtaken, statements: StatementBook): boolean {
  const stretch = { lane: commit.lane, name, from: commit.began, to: commit.step };
  return readsAnew(statements.writing(stretch), statements.reading(stretch));
}

function writtenBy(
  { name, commit }: Pick<Overtaken, 'name' | 'commit'>,
  statements: StatementBook,
): readonly Statement[] {
  return statements.writing({ lane: commit.lane, name, from: commit.began, to: commit.step });
}

/** A read, the commit that overtook it, and what was written on it: three facts. */
export function tellOvertaken(telling: Telling, event: Overtaken, known: Known): void {
  const { name, read, between, commit } = event;
  const { pages, statements, tables } = known;
  const lost = lostIn(event, known);
  const overtaking = lost ?? between.at(-1);
  if (overtaking === undefined) return;
  const { by, first } = overtaking;
  const called = (versions: readonly PageVersion[]): string => pagesCalled(pages.of(versions), tables);
  telling.add(`read ${read.from}`, {
    step: read.from,
    kind: 'transaction',
    sentence: readSentence(event, first, called(read.pages), statements),
    lanes: [read.lane, ...(first === undefined ? [] : [first.lane])],
  });
  const put = writeWords(writtenBy({ name, commit: by }, statements));
  telling.add(`commit ${by.step}`, {
    step: by.step,
    kind: 'transaction',
    sentence: `${by.lane} committed what it had written to ${name} from step ${by.began} on${called(by.pages)}${put}${put === '' ? ':' : ';'} ${read.lane} knows nothing of it.`,
    lanes: [by.lane],
  });
  const writing = writtenBy(event, statements);
  telling.add(event, {
    step: commit.began,
    kind: 'transaction',
    sentence: `${writtenSentence(event, by, called(commit.pages), writing)}: ${outcomeOf(commit, by, lost !== undefined, writing)}.`,
    lanes: [commit.lane, by.lane],
  });
}

function readSentence(
  { name, read }: Overtaken,
  first: Between['first'],
  pages: string,
  statements: StatementBook,
): string {
  const own = statements.reading({ ...read, name });
  const said = `${read.lane} read ${name} from here to step ${read.to}${pages}${readWords(own)}`;
  if (first === undefined) return `${said}.`;
  const others = statements.reading({ ...first, name });
  const same = onlyGiven(own) !== undefined && onlyGiven(own) === onlyGiven(others);
  const gave = same ? `, and got ${onlyGiven(others)} too` : readWords(others);
  return `${said}; ${first.lane} read the same from step ${first.from} to step ${first.to}${gave}.`;
}

function writtenSentence(
  { name, read, commit }: Overtaken,
  by: CommitMade,
  pages: string,
  writing: readonly Statement[],
): string {
  const ground = `by what ${read.lane === commit.lane ? 'it' : read.lane} had read before ${by.lane} committed`;
  const words = writeWords(writing);
  if (commit.changed)
    return `${commit.lane} wrote to ${name} from here on${pages}${words}, and committed at step ${commit.step}, ${ground}`;
  return words === ''
    ? `${commit.lane} had the lock to write to ${name} from here to step ${commit.step}, and changed nothing${pages}, ${ground}`
    : `${commit.lane} wrote to ${name} from here to step ${commit.step}${pages}${words}, ${ground}`;
}

function outcomeOf(
  { changed }: CommitMade,
  by: CommitMade,
  hasOverwritten: boolean,
  writing: readonly Statement[],
): string {
  if (!hasOverwritten) return `it cannot have taken in what ${by.lane} had changed`;
  if (changed) return `it wrote over what ${by.lane} had put there (a lost update)`;
  return writing.length === 0
    ? `if it wrote, then what ${by.lane} had put there already (a lost update)`
    : `that changed no byte, since ${by.lane} had put the same there already (a lost update)`;
}

/** Pages that are told by number. */
const pagesMost = 4;

function pagesCalled(numbers: readonly number[], tables: ReadonlyMap<number, string>): string {
  const told = numbers.filter((number) => number !== 1 || numbers.length === 1).slice(0, pagesMost);
  if (told.length === 0) return '';
  const names = told.map((number) => (tables.has(number) ? `${number} of ${tables.get(number)}` : `${number}`));
  return ` (${told.length === 1 ? 'page' : 'pages'} ${names.join(', ')})`;
}
