// Timelines to try the viewer with: a small incident as it was reported, and a long busy run. What stays out: any claim
// that these are true runs; the page's tests take those from the harness.
import type {
  FileSpan,
  LockSpan,
  MessageSpan,
  OpenSpan,
  Timeline,
  TimelineEvent,
  TimelineStep,
} from '../../../harness/model/timeline.ts';

type Args = { readonly [name: string]: number | string } | null;

/** Gives names their places as they are first used. */
class Names<T extends string | number> {
  readonly list: T[] = [];
  place(name: T): number {
    const known = this.list.indexOf(name);
    return known >= 0 ? known : this.list.push(name) - 1;
  }
}

type Open<T> = { -readonly [key in keyof T]: T[key] };

/** A run written down step by step. */
class Writer {
  readonly lanes = new Names<string>();
  readonly ops = new Names<string>();
  readonly files = new Names<string>();
  readonly codes = new Names<string | number>();
  readonly steps: TimelineStep[] = [];
  readonly locks: Open<LockSpan>[] = [];
  readonly inodes: Open<FileSpan>[] = [];
  readonly opens: Open<OpenSpan>[] = [];
  readonly messages: Open<MessageSpan>[] = [];
  readonly events: TimelineEvent[] = [];
  nowMs = 0;

  get last(): number {
    return this.steps.length;
  }

  did(
    lane: string,
    op: string,
    file = '',
    args: Args = null,
    code: string | number = 'SQLITE_OK',
    text: string | null = null,
    flags = 0,
  ): number {
    const step = this.steps.length + 1;
    const place = file === '' ? -1 : this.files.place(file);
    this.steps.push([
      step,
      this.lanes.place(lane),
      this.nowMs,
      this.ops.place(op),
      place,
      this.codes.place(code),
      args,
      text,
      flags,
    ]);
    return step;
  }

  event(kind: TimelineEvent['kind'], lane: string | null, text: string, step = this.last): void {
    this.events.push({ step, lane: lane === null ? null : this.lanes.place(lane), kind, text });
  }

  lock(lane: string, file: string, what: string, exclusive: boolean): void {
    const holder = this.lanes.place(lane);
    this.locks.push({
      lane: holder,
      file: this.files.place(file),
      what,
      exclusive,
      from: this.last,
      to: null,
      lostAt: null,
    });
  }

  find(lane: string, what: string): Open<LockSpan> | undefined {
    const holder = this.lanes.place(lane);
    return this.locks.findLast((span) => span.lane === holder && span.what === what && span.to === null);
  }

  unlock(lane: string, what: string): void {
    const span = this.find(lane, what);
    if (span !== undefined) span.to = this.last;
  }

  meet(file: string, generation: number): void {
    const place = this.files.place(file);
    this.inodes.push({ file: place, generation, from: this.last, to: null, how: null, by: null, holders: [] });
  }

  open(lane: string, inode: number): void {
    this.opens.push({ lane: this.lanes.place(lane), inode, from: this.last, to: null });
  }

  close(lane: string): void {
    const holder = this.lanes.place(lane);
    for (const span of this.opens) if (span.lane === holder && span.to === null) span.to = this.last;
  }

  unlink(inode: number, lane: string): void {
    const span = this.inodes[inode];
    if (span === undefined) return;
    span.to = this.last;
    span.how = 'unlinked';
    span.by = this.lanes.place(lane);
    span.holders = this.opens.filter((open) => open.inode === inode && open.to === null).map((open) => open.lane);
  }

  timeline(): Timeline {
    const { steps, locks, inodes, opens, messages } = this;
    return {
      format: 1,
      hash: '5f2c0e6b',
      virtualMs: this.nowMs,
      total: steps.length,
      kept: { from: 1, to: steps.length },
      lanes: this.lanes.list,
      ops: this.ops.list,
      files: this.files.list,
      codes: this.codes.list,
      steps,
      locks: locks.toSorted((one, other) => one.from - other.from),
      inodes,
      opens,
      messages,
      events: this.events.toSorted((one, other) => one.step - other.step),
    };
  }
}

const db = 'kanban.db';
const wal = 'kanban.db-wal';
const shm = 'kanban.db-shm';
const dispatcher = 'gateway-1/dispatcher';
const notifier = 'gateway-1/notifier';
const verifier = 'verifier-2';

/** A lane opens the board: its files, SHARED, and a read mark. */
function openBoard(run: Writer, lane: string, inodes: readonly number[]): void {
  run.did(lane, 'open', db, { flags: 262 });
  if (inodes.length === 0) {
    for (const file of [db, wal, shm]) {
      run.meet(file, 1);
      run.files.place(file);
    }
  }
  const places = inodes.length === 0 ? [0, 1, 2] : inodes;
  run.open(lane, places[0] ?? 0);
  run.did(lane, 'lock', db, { level: 'SHARED' });
  run.lock(lane, db, 'SHARED', false);
  run.did(lane, 'open', wal, { flags: 524_294 });
  run.open(lane, places[1] ?? 1);
  run.did(lane, 'shmMap', shm, { page: 0, extend: 1 });
  run.open(lane, places[2] ?? 2);
  run.did(lane, 'shmLock', shm, { slot: 'READ1', count: 1, action: 'lock', mode: 'shared' });
  run.lock(lane, shm, 'READ1', false);
}

/** A lane writes a commit. */
function commit(run: Writer, lane: string, says: string): void {
  run.did(lane, 'shmLock', shm, { slot: 'WRITE', count: 1, action: 'lock', mode: 'exclusive' });
  run.lock(lane, shm, 'WRITE', true);
  run.did(lane, 'write', wal, { length: 24, offset: 32, sum: 1_740_213 });
  run.did(lane, 'write', wal, { length: 4096, offset: 56, sum: 883_111 });
  run.did(lane, 'sync', wal, { flags: 2 });
  run.did(lane, 'shmLock', shm, { slot: 'WRITE', count: 1, action: 'unlock', mode: 'exclusive' });
  run.unlock(lane, 'WRITE');
  run.did(lane, 'observe', '', null, 0, says);
  run.event('commit', lane, says);
}

/** The raw read whose close drops the gateway's locks, and the verifier that then finds itself alone. */
function loseTheLock(run: Writer): void {
  run.did(notifier, 'fileRead', db, { length: 100 }, 0, 'header check');
  run.event(
    'fact',
    notifier,
    'gateway-1/notifier reads kanban.db with a raw open and close: POSIX drops every lock of the process on that inode.',
  );
  for (const what of ['SHARED']) {
    const span = run.find(dispatcher, what);
    if (span !== undefined) span.lostAt = run.last;
  }
  run.did(notifier, 'tell', '', null, 0, 'tick');
  run.messages.push({ sender: 1, queue: 'verifier-2', text: 'check the board', from: run.last, to: run.last + 8 });
  run.did(notifier, 'sleep', '', { ms: 5000 }, 0);
  run.nowMs += 5000;
  openBoard(run, verifier, [0, 1, 2]);
  run.event('preemption', verifier, 'verifier-2 goes on instead of gateway-1/dispatcher', run.last - 4);
  run.did(verifier, 'read', db, { length: 4096, offset: 0, sum: 120_934 });
  run.did(verifier, 'fetch', db, { length: 4096, offset: 4096, sum: 77_120 });
  run.did(verifier, 'ask', '', null, 0, 'PRAGMA integrity_check → ok');
  run.did(verifier, 'shmLock', shm, { slot: 'READ1', count: 1, action: 'unlock', mode: 'shared' });
  run.unlock(verifier, 'READ1');
}

function closeAlone(run: Writer): void {
  run.did(verifier, 'lock', db, { level: 'EXCLUSIVE' });
  run.lock(verifier, db, 'PENDING', true);
  run.lock(verifier, db, 'EXCLUSIVE', true);
  run.event(
    'fact',
    verifier,
    'verifier-2 closes and is granted EXCLUSIVE: the kernel sees no other lock, so it believes that it is the last connection.',
  );
  run.did(verifier, 'shmLock', shm, { slot: 'CKPT', count: 1, action: 'lock', mode: 'exclusive' });
  run.lock(verifier, shm, 'CKPT', true);
  run.did(verifier, 'write', db, { length: 4096, offset: 4096, sum: 883_111 });
  run.did(verifier, 'sync', db, { flags: 2 });
  run.did(verifier, 'delete', wal, { syncDirectory: 0 });
  run.unlink(1, verifier);
  run.event('fact', verifier, 'It unlinks kanban.db-wal, which gateway-1/dispatcher has open and goes on writing.');
  run.did(verifier, 'shmUnmap', shm, { delete: 1 });
  run.unlink(2, verifier);
  run.unlock(verifier, 'CKPT');
  run.did(verifier, 'unlock', db, { level: 'NONE' });
  for (const what of ['SHARED', 'PENDING', 'EXCLUSIVE']) run.unlock(verifier, what);
  run.did(verifier, 'close', db);
  run.close(verifier);
  run.did(verifier, 'end');
}

/**
 * A small incident, of some sixty steps: a raw read cancels the gateway's SHARED, a verifier closes as if it were alone and
 * unlinks the WAL, the gateway's next commit goes into the deleted file and is lost.
 */
export function smallIncident(): Timeline {
  const run = new Writer();
  run.did(dispatcher, 'start');
  openBoard(run, dispatcher, []);
  commit(run, dispatcher, 'task 1 claimed');
  run.did(notifier, 'start');
  run.did(notifier, 'stat', db, null, 0);
  run.did(dispatcher, 'sleep', '', { ms: 60_000 }, 0);
  run.nowMs += 60_000;
  loseTheLock(run);
  closeAlone(run);
  run.nowMs += 55_000;
  commit(run, dispatcher, 'task 2 claimed');
  run.event(
    'fact',
    dispatcher,
    'gateway-1/dispatcher is told that its commit is durable; it lies in a file without a name.',
  );
  run.did(verifier, 'start');
  run.did(verifier, 'open', db, { flags: 262 });
  run.open(verifier, 0);
  run.did(verifier, 'open', wal, { flags: 524_294 });
  run.meet(wal, 2);
  run.open(verifier, 3);
  run.did(verifier, 'read', wal, { length: 32, offset: 0, sum: 0 }, 'SQLITE_IOERR_SHORT_READ', null, 3);
  run.event('fault', verifier, 'The read is cut short by the plan');
  run.event('error', verifier, 'SQLITE_IOERR_SHORT_READ (522) read kanban.db-wal');
  run.did(dispatcher, 'shmLock', shm, { slot: 'WRITE', count: 1, action: 'lock', mode: 'exclusive' }, 'SQLITE_BUSY');
  run.did(dispatcher, 'read', wal, { length: 24, offset: 56, sum: 0 }, 'SQLITE_IOERR_READ', null, 2);
  run.event('error', dispatcher, 'SQLITE_IOERR_READ (266) read kanban.db-wal');
  run.did(notifier, 'stat', wal, null, 0, 'another inode');
  run.did(notifier, 'fault', '', null, 0, 'SIGKILL', 1);
  run.event('death', notifier, 'gateway-1 was killed (SIGKILL)');
  run.event('death', dispatcher, 'gateway-1 was killed (SIGKILL)');
  for (const what of ['SHARED', 'READ1']) run.unlock(dispatcher, what);
  run.close(dispatcher);
  run.did(verifier, 'ask', '', null, 0, 'SELECT count(*) FROM task_events → 1');
  run.event('violation', verifier, 'acknowledged-commits: task 2 was acknowledged and is not in the board');
  run.did(verifier, 'close', db);
  run.close(verifier);
  return run.timeline();
}

/** Small, fast and the same everywhere. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function longTurn(run: Writer, lane: string, draw: () => number): void {
  run.did(lane, 'lock', db, { level: 'SHARED' });
  run.lock(lane, db, 'SHARED', false);
  run.did(lane, 'shmLock', shm, { slot: 'READ1', count: 1, action: 'lock', mode: 'shared' });
  run.lock(lane, shm, `READ${Math.floor(draw() * 3)}`, false);
  const shared = run.locks.at(-2);
  if (shared !== undefined && draw() < 0.01) shared.lostAt = run.last;
  const reads = Math.floor(draw() * 14);
  for (let read = 0; read < reads; read += 1) {
    const failed = draw() < 0.002;
    run.did(
      lane,
      'read',
      db,
      { length: 4096, offset: read * 4096, sum: 1 },
      failed ? 'SQLITE_IOERR_READ' : 'SQLITE_OK',
      null,
      failed ? 2 : 0,
    );
    if (failed) run.event('error', lane, 'SQLITE_IOERR_READ (266) read kanban.db');
  }
  if (draw() < 0.4) commit(run, lane, `commit ${run.last}`);
  if (draw() < 0.3) run.event('preemption', lane, `${lane} goes on`);
  run.did(lane, 'unlock', db, { level: 'NONE' });
  for (const span of run.locks.slice(-4)) span.to ??= run.last;
  run.did(lane, 'sleep', '', { ms: 250 }, 0);
  run.nowMs += Math.floor(draw() * 900);
}

/** A long busy run: `steps` steps of 12 lanes, with thousands of locks, commits and preemptions. */
export function longRun(steps = 20_000): Timeline {
  const run = new Writer();
  const draw = numbers(7);
  const lanes = Array.from(
    { length: 12 },
    (_, lane) => `gateway-${(lane >> 1) + 1}/${lane % 2 === 0 ? 'dispatcher' : 'notifier'}`,
  );
  run.did(lanes[0] ?? '', 'start');
  for (const file of [db, wal, shm]) run.meet(file, 1);
  while (run.last < steps) longTurn(run, lanes[Math.floor(draw() * lanes.length)] ?? '', draw);
  run.event('violation', lanes[3] ?? '', 'integrity: the board is malformed', Math.floor(steps * 0.9));
  return run.timeline();
}
