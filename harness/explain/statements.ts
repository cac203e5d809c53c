// What lanes did in SQL, as the gate told it beside the steps (gate-statements.c): which statements belong to a transaction, and in words
// what they are. What stays out: what comes of it (tell-transactions.ts). SQL is not parsed: what is said of it, its words show.
import type { RawRecord } from '../model/record.ts';
import type { StepLane } from '../model/step.ts';
import { visible } from '../model/visible.ts';

/** Characters of a statement that are told. */
const sqlMost = 120;

/** @property columns as literals of SQL; @property step number of the next step */
interface Row {
  readonly step: number;
  readonly columns: readonly string[];
}

/**
 * A statement that a lane began.
 *
 * @property step number of the next step
 * @property sql with what was bound to it; white space as one space, without the semicolon
 * @property rows that came of it, the first two
 */
export interface Statement {
  readonly step: number;
  readonly lane: string;
  readonly database: string;
  readonly sql: string;
  readonly rows: Row[];
}

/** A transaction, or part of one: after step `from`, up to step `to`. */
interface Stretch {
  readonly lane: string;
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Keeps the statements of one run. Of one that is made once more, the beginning is seen twice, and kept once. */
export class StatementBook {
  #all: Statement[] = [];
  readonly #running = new Map<string, Statement>();
  #last = 0;

  hear(step: number, record: Readonly<RawRecord>, { name: lane, process }: StepLane): void {
    if (step < this.#last) this.#all = [];
    this.#last = step;
    const place = `${process.name} ${record.a}`;
    const said = JSON.parse(record.text) as readonly string[] | { readonly database: string; readonly sql: string };
    if ('sql' in said) {
      const sql = said.sql
        .replaceAll(/\s+/g, ' ')
        .replace(/[; ]+$/, '')
        .trim();
      const statement = { step, lane, database: said.database, sql, rows: [] };
      this.#running.set(place, statement);
      this.#all.push(statement);
    } else {
      this.#running.get(place)?.rows.push({ step, columns: said });
    }
  }

  /** Those that may have acted in a stretch: begun in it, or the last before. */
  #in({ lane, name, from, to }: Stretch): readonly Statement[] {
    const own = this.#all.filter((one) => one.lane === lane && one.database === name && one.step <= to);
    const first = own.findLastIndex(({ step }) => step <= from);
    return own.slice(Math.max(first, 0));
  }

  /** Those that read, and what they gave in a stretch. */
  reading(stretch: Stretch): readonly Statement[] {
    const { from, to } = stretch;
    return this.#in(stretch)
      .filter(({ sql }) => reads.test(sql))
      .map((one) => ({ ...one, rows: one.rows.filter(({ step }) => step > from && step <= to) }))
      .filter(({ step, rows }) => rows.length > 0 || step > from);
  }

  /** Those that write. */
  writing(stretch: Stretch): readonly Statement[] {
    return this.#in(stretch).filter(({ sql }) => writes.test(sql));
  }
}

const reads = /^(select|with|values)\b/i;
const writes = /^(insert|update|delete|replace|with\b.*\b(insert|update|delete|replace))\b/i;
const tableWritten = /\b(?:update(?:\s+or\s+\w+)?|into|from)\s+(?:main\.)?["'`[]?(\w+)/i;

/** Does a statement that writes put something in the place of what was there? An INSERT adds to it. */
function replacesRows({ sql }: Statement): boolean {
  return !/^insert\b/i.test(sql) || /^insert\s+or\s+replace\b|\bon\s+conflict\b.*\bdo\s+update\b/i.test(sql);
}

/** Does an UPDATE rest on what is there when it runs: `n = n + 1`, or `WHERE n = 3`? */
function restsOn({ sql }: Statement): boolean {
  const words = sql.replaceAll(/'(?:[^']|'')*'|\bexcluded\s*\.\s*\w+/gi, "''");
  const [, rest = ''] = /\bset\b(.*)$/i.exec(words) ?? [];
  const [sets = ''] = rest.split(/\bwhere\b/i);
  const columns = [...sets.matchAll(/(\w+)["'`\]]?\s*=/g)].map(([, column]) => column);
  return columns.some((column) => rest.split(new RegExp(`\\b${column}\\b`, 'i')).length > 2);
}

/** Statements that write over what was there by what the program gives them, and not by what is there. */
export function blindWrites(writing: readonly Statement[]): readonly Statement[] {
  return writing.filter((one) => replacesRows(one) && !restsOn(one));
}

function tableOf({ sql }: Statement): string {
  const [, table = ''] = tableWritten.exec(sql) ?? [];
  return table.toLowerCase();
}

/** Which rows a statement means, by its words. */
function whereOf({ sql }: Statement): string | undefined {
  return /\bwhere\b(.*)$/i.exec(sql)?.[1];
}

function isOf(table: string, { sql }: Statement): boolean {
  return new RegExp(`\\b${table}\\b`, 'i').test(sql);
}

/** Did a transaction write over what an earlier one wrote? Undefined where of one of them nothing is known. */
export function writesOver(writing: readonly Statement[], earlier: readonly Statement[]): boolean | undefined {
  if (writing.length === 0 || earlier.length === 0) return undefined;
  const isOver = (one: Statement, other: Statement): boolean => {
    const [here, there] = [whereOf(one), whereOf(other)];
    return tableOf(one) === tableOf(other) && (here === undefined || there === undefined || here === there);
  };
  return writing.filter(replacesRows).some((one) => earlier.some((other) => isOver(one, other)));
}

/** Has a transaction read what another wrote over? */
export function readsWhat(writing: readonly Statement[], reading: readonly Statement[]): boolean {
  return writing.filter(replacesRows).some((one) => reading.some((query) => isOf(tableOf(one), query)));
}

/**
 * Has a transaction read anew what it writes over, when it had the lock to write: by a query of its own, or in the statement that writes?
 *
 * @param reading of the same transaction
 */
export function readsAnew(writing: readonly Statement[], reading: readonly Statement[]): boolean {
  const replacing = writing.filter(replacesRows);
  const isAnew = (one: Statement): boolean =>
    restsOn(one) || reading.some((query) => query.step <= one.step && isOf(tableOf(one), query));
  return replacing.length > 0 && replacing.every(isAnew);
}

function sqlWords({ sql }: Statement): string {
  return `\`${visible(sql.slice(0, sqlMost))}${sql.length > sqlMost ? '…' : ''}\``;
}

/** `: \`SELECT n FROM counter\` gave 3`; '' where there is none. */
export function readWords(statements: readonly Statement[]): string {
  return afterColon(statements.map((one) => `${sqlWords(one)} ${gaveWords(one)}`));
}

/** What one statement gave, and no other: `3`; undefined where several read. */
export function onlyGiven(statements: readonly Statement[]): string | undefined {
  const [one, ...more] = statements;
  return one === undefined || more.length > 0 || one.rows.length !== 1 ? undefined : rowWords(one.rows[0]);
}

function rowWords(row: Row | undefined): string {
  const columns = row?.columns ?? [];
  return columns.length === 1 ? `${columns[0]}` : `(${columns.join(', ')})`;
}

function gaveWords({ rows }: Statement): string {
  const [first, second] = rows;
  if (first === undefined) return 'gave no row';
  return `gave ${rowWords(first)}${second === undefined ? '' : ' and more'}`;
}

export function writeWords(statements: readonly Statement[]): string {
  return afterColon(statements.map(sqlWords));
}

/** Statements of one transaction that are told. */
const toldMost = 3;

function afterColon(words: readonly string[]): string {
  const different = [...new Set(words)];
  if (different.length === 0) return '';
  const more = different.length - toldMost;
  return `: ${different.slice(0, toldMost).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
