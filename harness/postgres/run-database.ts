// The database of one run on a server, and the connections that lanes have to it. One statement acts at a time: the server's processes stand
// still but the one whose lane has its turn. A statement that waits for a lock is known by the server's own views, never by a clock; its
// process is stopped there (SIGSTOP), in PostgreSQL's own wait, where it holds nothing of the server's inner locks, and goes on
// when its lane has its turn again. So who goes first after a lock is free is the chooser's affair, and no chance. What stays out: lanes (harness/run).
import type { NotificationsAnswer } from '../model/request.ts';
import type { SqlValue } from '../model/values.ts';
import { type Patience, Stuck, Wait } from '../host/waiting.ts';
import { harnessError } from '../errors/errors.ts';
import { pause, signal } from './cluster.ts';
import { type Client, ClientError, connectionGone, type Outcome } from './libpq.ts';
import { Notifications } from './notifications.ts';
import type { Server } from './server.ts';
import { deadlockMs, inCircle } from './waits.ts';

/** SQLSTATEs that Lockstep gives itself, as PostgreSQL would. */
export const sqlstate = { deadlock: '40P01', timeout: '57014', gone: connectionGone } as const;

const gone = { sqlstate: sqlstate.gone, message: 'the connection to the server is gone' } as const;

/** Real milliseconds between two looks at a statement that has not come back. */
const lookMs = 1;

/** `waits`: for a lock that another has. */
export type Progress = 'over' | 'waits';

/**
 * A place inside a statement at which the server is killed.
 *
 * @property nth write or sync of the process that does it
 * @property missed is called where it did not come so far: it is over, or waits for another
 */
export interface KillAt {
  readonly nth: number;
  readonly missed: (progress: Progress) => void;
}

/** A connection of a lane. */
interface Held {
  readonly number: number;
  readonly lane: string;
  readonly process: string;
  readonly client: Client;
  readonly pid: number;
  readonly notifications: Notifications;
  /** Its lane is dead, and its statement still waits: the server has not noticed. */
  isOrphan: boolean;
  /** The server was killed: no statement reaches it any more. */
  isLost: boolean;
  /** Its next statement is its last. */
  cut: 'before' | 'after' | undefined;
  /** The server is killed before the nth write or sync of its next statement. */
  killAt: KillAt | undefined;
  statement: Statement | undefined;
}

interface Statement {
  readonly sql: string;
  readonly sinceMs: number;
  state: 'running' | 'waits' | 'granted' | 'over';
  outcome: Outcome | undefined;
}

export class RunDatabase {
  readonly #server: Server;
  readonly #patience: Patience;
  readonly #name: string;
  readonly #held = new Map<number, Held>();
  /** Connections that lanes have closed, as good as new. */
  #idle: Client[] = [];
  /** Transactions that have ended so far, or may have. */
  #commits = 0;
  #isOn = true;
  #isFull = false;

  /** @param template as of {@link Server.newDatabase} */
  constructor(server: Server, patience: Patience, template?: string) {
    this.#server = server;
    this.#patience = patience;
    this.#name = server.newDatabase(template);
  }

  get name(): string {
    return this.#name;
  }

  /** Result: the number of a new connection, the lowest that is free; or why there is none. */
  connect(lane: string, process: string): number | { readonly sqlstate: string; readonly message: string } {
    let client: Client;
    try {
      client = this.#idle.pop() ?? this.#server.connect(this.#name);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      return { sqlstate: error.sqlstate, message: error.message };
    }
    let number = 1;
    while (this.#held.has(number)) number++;
    this.#held.set(number, {
      number,
      lane,
      process,
      client,
      pid: client.backendPid,
      notifications: new Notifications(client),
      isOrphan: false,
      isLost: false,
      cut: undefined,
      killAt: undefined,
      statement: undefined,
    });
    return number;
  }

  /** Begins a statement, and lets the server act until it is over or waits. @param nowMs virtual */
  begin(number: number, sql: string, bind: readonly SqlValue[], nowMs: number): Progress {
    const held = this.#held.get(number);
    if (held === undefined) return 'over';
    held.statement = { sql, sinceMs: nowMs, state: 'running', outcome: undefined };
    if (held.isLost) {
      Object.assign(held.statement, { state: 'over', outcome: gone });
      return 'over';
    }
    if (held.cut === 'before') {
      this.#loses(held, nowMs);
      return 'over';
    }
    const { killAt } = held;
    if (killAt !== undefined) this.#server.armAt(held.pid, killAt.nth);
    held.client.send(sql, bind);
    const progress = this.#drive(held, nowMs);
    if (killAt === undefined) return progress;
    held.killAt = undefined;
    if (!this.#server.disarm()) {
      killAt.missed(progress);
      return progress;
    }
    this.kill();
    this.start();
    held.statement = { sql, sinceMs: nowMs, state: 'over', outcome: gone };
    return 'over';
  }

  /** A statement that waited goes on. @param nowMs virtual */
  resume(number: number, nowMs: number): Progress {
    const held = this.#held.get(number);
    if (held?.statement === undefined || held.statement.state === 'over') return 'over';
    signal(held.pid, 'SIGCONT');
    return this.#drive(held, nowMs);
  }

  /** Its time is up, or it is not wanted any more: it fails. */
  cancel(number: number, nowMs: number): void {
    const held = this.#held.get(number);
    if (held !== undefined) this.#giveUp(held, undefined, nowMs);
  }

  /** Could a statement that waits go on? One that is over can. */
  isFree(number: number): boolean {
    return this.#held.get(number)?.statement?.state !== 'waits';
  }

  /** Is a statement under way, that has been begun and whose outcome nobody has taken? */
  isUnderWay(number: number): boolean {
    return this.#held.get(number)?.statement !== undefined;
  }

  /** Lanes that a statement waits for. */
  blockers(number: number): readonly string[] {
    const held = this.#held.get(number);
    if (held === undefined) return [];
    const pids = this.#server.blockersOf([held.pid]).get(held.pid) ?? [];
    const lanes = [...this.#held.values()].filter(({ pid }) => pids.includes(pid)).map(({ lane }) => lane);
    return [...new Set(lanes)].toSorted();
  }

  /** What came of the statement that is over. */
  take(number: number): Outcome {
    const held = this.#held.get(number);
    const outcome = held?.statement?.outcome;
    if (held !== undefined) held.statement = undefined;
    return outcome ?? gone;
  }

  /** Has the server told a connection of a NOTIFY, or is there nothing to wait for, since it is gone? */
  hasNews(number: number): boolean {
    const held = this.#held.get(number);
    return held === undefined || held.cut !== undefined || held.notifications.hasCome(this.#commits);
  }

  /** What it has told it since it was asked last. */
  takeNews(number: number, nowMs: number): NotificationsAnswer {
    const held = this.#held.get(number);
    if (held?.cut !== undefined) this.#loses(held, nowMs);
    if (held === undefined || !this.hasNews(number)) return { notifications: [] };
    return held.client.isOpen ? { notifications: held.notifications.take() } : gone;
  }

  isInTransaction(number: number): boolean {
    return this.#held.get(number)?.client.inTransaction ?? false;
  }

  isOpen(number: number): boolean {
    return this.#held.get(number)?.client.isOpen ?? false;
  }

  /** A lane closes its connection, or it is cut; the server has ended what belonged to it. */
  disconnect(number: number, nowMs: number): void {
    const held = this.#held.get(number);
    if (held === undefined) return;
    if (isAsNew(held)) {
      this.#held.delete(number);
      this.#idle.push(held.client);
    } else this.#drop(held);
    this.#settle(nowMs);
  }

  /** A process is dead: its connections are closed, as the kernel does. */
  dropProcess(process: string, nowMs: number): void {
    const own = [...this.#held.values()].filter((held) => held.process === process && !held.isOrphan);
    for (const held of own) this.#drop(held);
    if (own.length > 0) this.#settle(nowMs);
  }

  /** A connection's next statement is its last: cut before the server has it, or after it has done it. Result: is there such a connection? */
  cutAt(number: number, when: 'before' | 'after'): boolean {
    const held = this.#held.get(number);
    if (held === undefined || !held.client.isOpen) return false;
    held.cut = when;
    return true;
  }

  /** The server is killed in the middle of a connection's next statement. Result: is there such a connection? */
  killInside(number: number, killAt: KillAt): boolean {
    const held = this.#held.get(number);
    if (held === undefined || !held.client.isOpen) return false;
    held.killAt = killAt;
    return true;
  }

  /** Is the server running? */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** The server writes the pages that were changed, as it does when its WAL has grown; nobody else acts. */
  checkpoint(): void {
    this.#server.checkpoint();
  }

  /** The server is killed, with all that was under way, and is started again when `start` is called. */
  kill(): void {
    for (const held of this.#held.values()) {
      // Nothing of it is read any more: a process that outlives the first for a moment says so, or not, as the kernel has it.
      held.isLost = true;
      held.client.cut();
      if (held.statement === undefined || held.statement.state === 'over') continue;
      held.statement.state = 'over';
      held.statement.outcome = gone;
    }
    for (const client of this.#idle) client.close();
    this.#idle = [];
    this.#isOn = false;
    // One that stands in a wait is no child of the server any more where that has died before.
    const pids = [...this.#held.values()].map(({ pid }) => pid);
    this.#server.kill(pids);
    for (const held of this.#held.values()) if (held.isOrphan) this.#forget(held);
  }

  /** Recovery finds the room that it needs: without it there would be no server. */
  start(): void {
    this.#server.fillDisk(false);
    this.#server.start();
    this.#server.fillDisk(this.#isFull);
    this.#isOn = true;
  }

  /** No table and no index can grow from now on, or they can again. */
  fillDisk(isFull: boolean): void {
    this.#isFull = isFull;
    this.#server.fillDisk(isFull);
  }

  /** The run is over: the connections go, the database stays. */
  closeAll(): void {
    this.fillDisk(false);
    for (const { pid, client } of this.#held.values()) {
      signal(pid, 'SIGCONT');
      client.close();
    }
    this.#held.clear();
    for (const client of this.#idle) client.close();
    this.#idle = [];
  }

  /** Lets one of the server's processes act until its statement is over or waits for a lock. */
  #drive(held: Held, nowMs: number): Progress {
    const { client, pid } = held;
    const statement = held.statement;
    if (statement === undefined) return 'over';
    statement.state = 'running';
    const wait = new Wait({ pid }, this.#patience);
    while (!client.isOver()) {
      client.await(lookMs);
      if (client.isOver()) break;
      if (this.#server.isAsleep(pid) && this.#server.blockersOf([pid]).has(pid))
        return this.#stands(held, statement, nowMs);
      const stuck = wait.look();
      if (stuck instanceof Stuck) throw lost(statement, stuck);
    }
    if (held.cut === 'after') {
      this.#loses(held, nowMs);
      return 'over';
    }
    statement.outcome = client.take();
    statement.state = 'over';
    if (!client.inTransaction) this.#commits++;
    this.#settle(nowMs);
    return 'over';
  }

  #stands(held: Held, statement: Statement, nowMs: number): Progress {
    signal(held.pid, 'SIGSTOP');
    statement.state = 'waits';
    const circle = this.#circleOf(held);
    if (circle.length === 0) return 'waits';
    const began = (one: Held): number => one.statement?.sinceMs ?? nowMs;
    const victim =
      circle.filter((one) => nowMs - began(one) < deadlockMs).toSorted((a, b) => began(a) - began(b))[0] ?? held;
    this.#giveUp(victim, { sqlstate: sqlstate.deadlock, message: 'deadlock detected' }, nowMs);
    return victim === held ? 'over' : 'waits';
  }

  /** Those who wait for each other in a circle that this one has closed. */
  #circleOf(held: Held): readonly Held[] {
    const waiting = [...this.#held.values()].filter(({ statement }) => statement?.state === 'waits');
    const blockers = this.#server.blockersOf(waiting.map(({ pid }) => pid));
    const pids = inCircle(held.pid, blockers);
    return waiting.filter(({ pid }) => pids.includes(pid));
  }

  /** A statement that waits fails. @param as what it is told; default: what the server says */
  #giveUp(held: Held, as: { readonly sqlstate: string; readonly message: string } | undefined, nowMs: number): void {
    const { statement } = held;
    if (statement === undefined || statement.state === 'over') return;
    this.#server.cancel(held.pid);
    if (held.isOrphan) return this.#endOrphan(held, nowMs);
    signal(held.pid, 'SIGCONT');
    const wait = new Wait({ pid: held.pid }, this.#patience);
    while (!held.client.isOver()) {
      held.client.await(lookMs);
      const stuck = wait.look();
      if (stuck instanceof Stuck) throw lost(statement, stuck);
    }
    const outcome = held.client.take();
    statement.outcome = as !== undefined && 'sqlstate' in outcome ? as : outcome;
    statement.state = 'over';
    this.#settle(nowMs);
  }

  /** Something is over: who could go on now? What a dead lane waited for happens at once, as nobody else's turn it is. */
  #settle(nowMs: number): void {
    for (;;) {
      const waiting = [...this.#held.values()].filter(
        ({ statement, isOrphan }) => statement?.state === 'waits' || (isOrphan && statement?.state === 'granted'),
      );
      if (waiting.length === 0) return;
      const blockers = this.#server.blockersOf(waiting.map(({ pid }) => pid));
      const free = waiting.filter(({ pid }) => !blockers.has(pid));
      for (const { statement } of free) if (statement !== undefined) statement.state = 'granted';
      const orphan = free.find(({ isOrphan }) => isOrphan);
      if (orphan === undefined) return;
      this.#endOrphan(orphan, nowMs);
    }
  }

  /** The server does what a client asked that is gone, and then finds that nobody hears it. */
  #endOrphan(held: Held, nowMs: number): void {
    signal(held.pid, 'SIGCONT');
    const wait = new Wait({ pid: held.pid }, this.#patience);
    while (!this.#server.isGone(held.pid)) {
      held.client.await(lookMs);
      if (this.#server.blockersOf([held.pid]).has(held.pid)) {
        if (held.statement !== undefined) this.#stands(held, held.statement, nowMs);
        return;
      }
      const stuck = wait.look();
      if (stuck instanceof Stuck) throw lost(held.statement, stuck);
    }
    this.#forget(held);
  }

  /** The connection is gone, and its lane hears no more than that: what the server has done is done. */
  #loses(held: Held, nowMs: number): void {
    held.client.cut();
    this.#awaitEnd(held);
    this.#commits++;
    if (held.statement !== undefined) Object.assign(held.statement, { state: 'over', outcome: gone });
    this.#settle(nowMs);
  }

  /** The client's end of a connection is closed. A process of the server that waits for a lock does not notice (PostgreSQL looks at its socket between statements only). */
  #drop(held: Held): void {
    held.client.cut();
    if (held.statement?.state === 'waits' || held.statement?.state === 'granted') {
      held.isOrphan = true;
      return;
    }
    signal(held.pid, 'SIGCONT');
    this.#awaitEnd(held);
    this.#forget(held);
  }

  /** Of the server's process: what it had locked is free then. */
  #awaitEnd(held: Held): void {
    const wait = new Wait({ pid: held.pid }, this.#patience);
    while (!this.#server.isGone(held.pid)) {
      const stuck = wait.look();
      if (stuck instanceof Stuck) throw lost(held.statement, stuck);
      pause(lookMs);
    }
  }

  #forget(held: Held): void {
    this.#commits++; // of one whose lane is dead, a statement may have been done
    held.client.close();
    this.#held.delete(held.number);
  }
}

/**
 * A session that its lane closes is put back to how it began (DISCARD ALL), and the next to connect has it: to fork a process of the server, and
 * to fill its caches, costs ten times what a statement does. One in the middle of something ends, as any does.
 */
function isAsNew({ client, isLost, isOrphan, cut, killAt, statement }: Held): boolean {
  const isIdle = statement === undefined && cut === undefined && killAt === undefined && !isLost && !isOrphan;
  if (!isIdle || !client.isOpen || client.inTransaction || !('rows' in client.query('DISCARD ALL'))) return false;
  client.notifications(); // those that nobody has taken are nobody's any more
  return true;
}

function lost(statement: Statement | undefined, stuck: Stuck): Error {
  return harnessError(
    'STATEMENT_LOST',
    `PostgreSQL does not come back from a statement: ${stuck.says} (${statement?.sql.slice(0, 200) ?? 'none'}).`,
    'Run the plan again; if it happens again, report it with the plan.',
  );
}
