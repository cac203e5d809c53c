// All that happened in a run that can be a link of an explanation, in order: one pass over the steps. What stays out:
// which of it matters for a violation (explain-steps.ts).
import type { TraceStep } from '../observe/trace.ts';
import { Copies } from './copies.ts';
import { FileTable, type FileEvent, type FileLost } from '../observe/file-table.ts';
import { type GrantedAgainst, type LockEvent, LockTable } from '../observe/lock-table.ts';
import { RefusedConnections } from './refused-connections.ts';
import { Refusals } from './refusals.ts';
import { Links } from './links.ts';
import { PageNumbers } from './page-versions.ts';
import { StatementBook } from './statements.ts';
import { type TransactionEvent, Transactions } from './transactions.ts';
import { type WalEvent, Wals } from './wals.ts';

export type RunEvent = FileEvent | LockEvent | WalEvent | TransactionEvent;

/** @property grants the contradicting grant under which a lane took a file's name away */
export interface RunEvents {
  readonly events: readonly RunEvent[];
  readonly grants: ReadonlyMap<FileLost, GrantedAgainst>;
  readonly wals: Wals;
  readonly refusals: Refusals;
  readonly connections: RefusedConnections;
  readonly copies: Copies;
  readonly pages: PageNumbers;
  readonly statements: StatementBook;
  readonly links: Links;
}

/** @param statements of the same run, where they were told */
export function eventsOf(steps: readonly TraceStep[], statements = new StatementBook()): RunEvents {
  const events: RunEvent[] = [];
  const grants = new Map<FileLost, GrantedAgainst>();
  const disk = new FileTable((event) => {
    events.push(event);
    const grant = event.kind === 'file-lost' && event.bySqlite ? locks.againstOf(event.lane) : undefined;
    if (event.kind === 'file-lost' && grant !== undefined) grants.set(event, grant);
  });
  const locks = new LockTable(disk, (event) => void events.push(event));
  const wals = new Wals(disk, locks, (event) => void events.push(event));
  const transactions = new Transactions(disk, (event) => void events.push(event));
  const refusals = new Refusals(disk, locks);
  const connections = new RefusedConnections();
  const copies = new Copies();
  const pages = new PageNumbers();
  const links = new Links(disk, locks);
  for (const step of steps) {
    refusals.see(step);
    connections.see(step);
    transactions.see(step);
    copies.see(step);
    pages.see(step);
    links.see(step);
    locks.see(step);
    wals.see(step);
    disk.see(step);
  }
  for (const event of events) links.found(event);
  return { events, grants, wals, refusals, connections, copies, pages, statements, links };
}
