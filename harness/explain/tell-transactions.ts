// Sentences about transactions: which an error ended, and which was overtaken by the commit of another lane between its
// read and its write. What stays out: rows (tell-rows.ts).
import type { PageNumbers, PageVersion } from './page-versions.ts';
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

/** The first commit to a page that was read before it, and written after it: what it had put there may be lost. */
function lostIn({ read, between, commit }: Overtaken, pages: PageNumbers): Between | undefined {
  // Page 1 is in every commit of a rollback journal: it has the file's change counter.
  const both = pages.of(commit.pages).filter((page) => page !== 1 && pages.of(read.pages).includes(page));
  return between.find(({ by }) => pages.of(by.pages).some((page) => both.includes(page)));
}

export function isLost(event: Overtaken, pages: PageNumbers): boolean {
  return lostIn(event, pages) !== undefined;
}

/** A read, the commit that overtook it, and what was written on it: three facts. */
export function tellOvertaken(telling: Telling, event: Overtaken, { pages, tables }: PagesNamed): void {
  const { name, read, between, commit } = event;
  const lost = lostIn(event, pages);
  const overtaking = lost ?? between.at(-1);
  if (overtaking === undefined) return;
  const { by, first } = overtaking;
  const called = (versions: readonly PageVersion[]): string => pagesCalled(pages.of(versions), tables);
  telling.add(`read ${read.from}`, {
    step: read.from,
    kind: 'transaction',
    sentence:
      `${read.lane} read ${name} from here to step ${read.to}${called(read.pages)}` +
      `${first === undefined ? '' : `; ${first.lane} read the same from step ${first.from} to step ${first.to}`}.`,
    lanes: [read.lane, ...(first === undefined ? [] : [first.lane])],
  });
  telling.add(`commit ${by.step}`, {
    step: by.step,
    kind: 'transaction',
    sentence: `${by.lane} committed what it had written to ${name} from step ${by.began} on${called(by.pages)}: ${read.lane} knows nothing of it.`,
    lanes: [by.lane],
  });
  telling.add(event, {
    step: commit.began,
    kind: 'transaction',
    sentence: `${writtenSentence(event, by, called(commit.pages))}: ${outcomeOf(commit, by, lost !== undefined)}.`,
    lanes: [commit.lane, by.lane],
  });
}

function writtenSentence({ name, read, commit }: Overtaken, by: CommitMade, pages: string): string {
  const ground = `what ${read.lane === commit.lane ? 'it' : read.lane} had read before ${by.lane} committed`;
  return commit.changed
    ? `${commit.lane} wrote to ${name} from here on${pages}, and committed at step ${commit.step}, by ${ground}`
    : `${commit.lane} had the lock to write to ${name} from here to step ${commit.step}, and changed nothing${pages}, by ${ground}`;
}

function outcomeOf({ changed }: CommitMade, by: CommitMade, hasOverwritten: boolean): string {
  if (!hasOverwritten) return `it cannot have taken in what ${by.lane} had changed`;
  return changed
    ? `it wrote over what ${by.lane} had put there (a lost update)`
    : `if it wrote, then what ${by.lane} had put there already (a lost update)`;
}

/** @property tables of the database, by the numbers of their first pages */
interface PagesNamed {
  readonly pages: PageNumbers;
  readonly tables: ReadonlyMap<number, string>;
}

/** Pages that are told by number. */
const pagesMost = 4;

function pagesCalled(numbers: readonly number[], tables: ReadonlyMap<number, string>): string {
  const told = numbers.filter((number) => number !== 1 || numbers.length === 1).slice(0, pagesMost);
  if (told.length === 0) return '';
  const names = told.map((number) => (tables.has(number) ? `${number} of ${tables.get(number)}` : `${number}`));
  return ` (${told.length === 1 ? 'page' : 'pages'} ${names.join(', ')})`;
}
