// The World: everything that a lane program may touch. A program is plain synchronous TypeScript; each call here
// that reaches a file, another process or the clock is a step, stops at the gate before it happens, and happens
// for real in this process. What stays out: how the steps are scheduled (harness/run) and what SQLite does
// between them (harness/gate).

import type { Ending, ProgramRef } from '../model/process.ts';
import type { Notification, SpawnOptions } from '../model/request.ts';
import type { Json, Row, SqlValue } from '../model/values.ts';

export type { Ending, Json, Notification, ProgramRef, Row, SpawnOptions, SqlValue };

/** A lane program: what a simulated process, or one thread of it, does. It returns when it is done. */
export type Program = (world: World, args: Json) => void;

/** VFSes of SQLite's own for unix, each with its own way of locking (vfs.html, section 2.1). */
export type Vfs = 'unix' | 'unix-dotfile' | 'unix-excl' | 'unix-none';

export interface OpenOptions {
  /** `sqlite3_busy_timeout` in virtual milliseconds; 0 means SQLITE_BUSY at once. Default 5000, as better-sqlite3. */
  readonly busyTimeoutMs?: number;
  readonly readonly?: boolean;
  /** Throw SQLITE_CANTOPEN instead of creating the file. Default false. */
  readonly mustExist?: boolean;
  /**
   * SQLITE_DBCONFIG_DEFENSIVE: SQLite refuses or ignores what can make a database unreadable, such as writes to its schema's own table and
   * `PRAGMA journal_mode=OFF` (c3ref/c_dbconfig_defensive.html). Default true, as better-sqlite3.
   */
  readonly defensive?: boolean;
  /** Default `unix`. Who opens one database by several has no locks in common with himself (howtocorrupt.html, section 2.4). */
  readonly vfs?: Vfs;
  /**
   * `alone`: what this process writes into the wal-index nobody else sees, and from then on it sees nothing of others there, page by
   * page, as on a network file system (wal.html, section 1). Default `shared`.
   */
  readonly walIndex?: 'shared' | 'alone';
  /**
   * Which copy of SQLite in this process: a second one, as when two libraries bring one each, knows nothing of the locks of the first
   * (howtocorrupt.html, section 2.3). In the native host only. Default 1.
   */
  readonly library?: 1 | 2;
}

/** A copy that SQLite's backup API is making (backup.html). Whoever writes to the source between two steps has it begin anew, unseen. */
export interface Backup {
  /**
   * Copies so many pages more; -1: all that are left.
   *
   * @returns how many are left: as many as before also where the source or the copy is locked; undefined as long as the source could not
   *   be read at all
   */
  step(pages: number): number | undefined;
  /** Ends it; unfinished, the copy is rolled back. */
  close(): void;
}

/**
 * One SQLite connection, through the gate. Errors are {@link SqlError}s. A connection that a program forgets stays
 * open (a leak, as in the reported system) until its process ends; it is never closed by garbage collection.
 */
export interface Connection {
  readonly file: string;
  readonly isOpen: boolean;
  /** True inside BEGIN … COMMIT. */
  readonly inTransaction: boolean;
  /** Runs any number of statements, results dropped. */
  exec(sql: string): void;
  /** Runs one statement. Result: rows changed and last rowid. */
  run(sql: string, ...bind: readonly SqlValue[]): { readonly changes: number; readonly lastInsertRowid: number };
  /** First row, or undefined. */
  get(sql: string, ...bind: readonly SqlValue[]): Row | undefined;
  all(sql: string, ...bind: readonly SqlValue[]): readonly Row[];
  /** BEGIN IMMEDIATE, `body`, COMMIT; ROLLBACK when the body or the commit throws, and the error goes on. */
  immediate<T>(body: () => T): T;
  /** @param file of the copy; where it is there already, its contents are replaced */
  backup(file: string): Backup;
  close(): void;
}

/**
 * A connection to the run's PostgreSQL server, one statement at a time; each is one step, and the server acts while every lane stands
 * still. A statement that waits for a lock waits in the schedule. Errors are {@link SqlError}s, by their SQLSTATE (`SQLSTATE_40001`). Open
 * until it is closed, or its process ends: the server then rolls back what was not committed.
 */
export interface ServerConnection {
  /** False once the server is gone, or has ended it: what was under way has failed with `SQLSTATE_08006`, and nobody knows whether it was done. */
  readonly isOpen: boolean;
  /** True inside BEGIN … COMMIT, after an error in it too. */
  readonly inTransaction: boolean;
  /**
   * @param bind for `$1`, `$2` …; without any, several statements may stand in one text
   * @param options.timeoutMs virtual: as `statement_timeout`, and no time passes but in waits for locks
   * @returns the rows, and how many were changed
   */
  query(
    sql: string,
    bind?: readonly SqlValue[],
    options?: { readonly timeoutMs?: number },
  ): { readonly rows: readonly Row[]; readonly changes: number };
  /**
   * Waits until the server has told of a NOTIFY on a channel that this connection LISTENs to, and takes what it has told since it was
   * last asked. It tells of those whose transactions were committed after the LISTEN, and while this connection is in no transaction.
   *
   * @param options.timeoutMs virtual; default: as long as it takes
   * @returns in the order in which they were committed; none where the time is up, or the plan's end is reached
   */
  notifications(options?: { readonly timeoutMs?: number }): readonly Notification[];
  close(): void;
}

/** What SQLite answered, its extended result code by name (`SQLITE_IOERR_SHORT_READ`), or PostgreSQL (`SQLSTATE_40001`), and message. */
export class SqlError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'SqlError';
    this.code = code;
  }
}

/** A file operation of {@link Files} that the system refused: errno by name (`ENOENT`). */
export class FileError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'FileError';
    this.code = code;
  }
}

/**
 * @property inode a logical number: 1 for the first inode that anyone in this run asked about, 2 for the next
 * @property mtimeNs virtual time of the last change of the contents, nanoseconds since the run's start (a number holds no
 *   more since 1970); two changes never share one. A file that nobody has changed in this run has 0
 */
export interface FileStat {
  readonly size: number;
  readonly inode: number;
  readonly mtimeNs: number;
}

/** What a name means, links not followed. */
export interface LinkStat extends FileStat {
  readonly kind: 'file' | 'folder' | 'link';
}

/**
 * How a file is opened: to read (`r`), to read and write (`r+`), to write (`w`: created or emptied; `wx`: created, EEXIST when it is
 * there), both (`w+`), or to write at its end (`a`, `a+`), as fopen(3) and Node have it.
 */
export type OpenFlags = 'r' | 'r+' | 'w' | 'wx' | 'w+' | 'a' | 'a+';

/**
 * An open file. Each call is one step. As long as it is open it means the same file, whatever becomes of the name; closing it drops
 * every POSIX lock that this process has on the file (fcntl(2)). Whichever lane of the process may use it; it is open until it is
 * closed, or its process ends. Errors are {@link FileError}s.
 */
export interface Descriptor {
  readonly file: string;
  /** @returns at most `length` bytes from byte `offset` on: fewer at the file's end */
  read(length: number, offset: number): Uint8Array;
  /** @param offset in bytes; without meaning in a file opened to write at its end */
  write(data: string | Uint8Array, offset: number): void;
  /** @param length in bytes; zeros are added to a shorter file */
  truncate(length: number): void;
  /** fsync(2) */
  sync(): void;
  /** fchmod(2). @param mode permission bits, such as 0o600 */
  chmod(mode: number): void;
  stat(): FileStat;
  close(): void;
}

/** Bytes of a file: `length` of them from byte `offset` on. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * A descriptor that SQLite has in this process, as a program finds it in /proc/self/fd. Each call is one step; what it locks is a
 * read lock (fcntl(2)), and nobody waits. When SQLite has closed it by then, or a fault strikes, it is a {@link FileError}.
 */
export interface FoundDescriptor {
  readonly file: string;
  /**
   * @param owner whose lock it is: of the open file description (F_OFD_SETLK), gone when SQLite closes the descriptor, whatever else
   *   the process closes; or of the process (F_SETLK), as SQLite's own are
   * @returns false when another has locked some of these bytes to write
   */
  lock(owner: 'descriptor' | 'process', bytes: ByteRange): boolean;
  unlock(owner: 'descriptor' | 'process', bytes: ByteRange): void;
}

/**
 * A living process, as ps would list it.
 *
 * @property parent who started it; `init` once that process is dead, or when it was started detached
 * @property group the control group it was started in, which its children inherit; null when it is in none
 */
export interface ProcessEntry {
  readonly name: string;
  readonly program: string;
  readonly args: Json;
  readonly parent: string;
  readonly group: string | null;
}

/**
 * Raw file operations, each one step and each the real system calls in this process, names relative to the world's
 * directory; one that leads out of it, by a link too, is EACCES. Opening and closing a live database raw is a hazard in itself (howtocorrupt.html §2.2), which is why
 * they are here and not behind SQLite's back. Errors are {@link FileError}s.
 */
export interface Files {
  /** open, read, close. Default: the whole file. `length` and `offset` in bytes. */
  read(file: string, range?: { readonly offset?: number; readonly length?: number }): Uint8Array;
  /** open (created or truncated), write, close; `exclusive` fails with EEXIST when the file is there (O_EXCL). */
  write(file: string, data: string | Uint8Array, options?: { readonly exclusive?: boolean }): void;
  stat(file: string): FileStat | undefined;
  exists(file: string): boolean;
  rename(from: string, to: string): void;
  unlink(file: string): void;
  copy(from: string, to: string): void;
  link(from: string, to: string): void;
  /** A symbolic link at `file` that leads to `target`, which is a name of the world as well and need not exist yet. */
  symlink(target: string, file: string): void;
  mkdir(folder: string): void;
  /** An empty one. */
  rmdir(folder: string): void;
  /** @param mode permission bits, such as 0o600 */
  chmod(file: string, mode: number): void;
  /** @param mtimeNs what `stat` says from now on */
  utime(file: string, mtimeNs: number): void;
  /** What a name itself is: a link is not followed. */
  lstat(file: string): LinkStat | undefined;
  open(file: string, flags: OpenFlags): Descriptor;
  /**
   * Whoever goes on using the number of a descriptor that is closed: since then the kernel may have given it, the lowest that is free
   * (open(2)), to another file of this process, one of SQLite's too (howtocorrupt.html, section 1.1).
   *
   * @returns what the number means now; it is EBADF where that is nothing, or no file of the world. Closing it closes that file
   */
  reuse(closed: Descriptor): Descriptor;
  /**
   * A stray pointer: stores bytes where this process has the file in its memory, as SQLite has a wal-index (`app.db-shm`;
   * howtocorrupt.html, section 5). One step, without a system call and past every lock. EFAULT where it may only be read there (SQLite
   * maps databases so; a real program would die), ENOENT where it is not in memory.
   */
  poke(file: string, data: Uint8Array, offset: number): void;
  /** Descriptors that SQLite has in this process of the file that this name means now, in the order in which it opened them. */
  descriptors(file: string): readonly FoundDescriptor[];
  /** Names in the world's directory (or a folder of it), sorted. */
  list(folder?: string): readonly string[];
}

/** A held flock(2). Dropped by `release`, or with the process. */
export interface Flock {
  release(): void;
}

export interface World {
  /** Logical name of this lane, `gateway-1/notifier`. */
  readonly lane: string;
  /** Logical name of this process, `gateway-1`. */
  readonly process: string;

  /** Virtual time, milliseconds since the Unix epoch. */
  now(): number;
  /**
   * Stands still for `ms` of virtual time; returns early when the plan's end is reached.
   *
   * @param options.quietUntilMs a promise about a periodic lane: until this virtual time (ms since the Unix epoch), and
   *   as long as nobody changes anything, each waking does just what the last one did. Where the plan asks for it, the
   *   coordinator then skips wakings (see `quiet` in model/plan.ts)
   */
  sleep(ms: number, options?: { readonly quietUntilMs?: number }): void;
  /** Uniform in [0, 1), from this lane's seeded stream. */
  random(): number;
  /** An explicit step: a place where another lane may go first. */
  step(label: string): void;
  /** Leaves an observation in the history. `data` must hold logical names only: no pids, paths, inodes, wall-clock. */
  observe(kind: string, data: Json): void;
  /**
   * Has the coordinator look at all processes from outside, as lsof and lslocks would: open and deleted files, locks
   * held. One step; the look stands in the history under `label`.
   */
  look(label: string): void;
  /** True once the plan's end is reached or this process was asked to stop (SIGTERM). */
  stopping(): boolean;

  open(file: string, options?: OpenOptions): Connection;
  /** To the run's PostgreSQL server; the scenario says that it has one (`Scenario.server`). @throws SqlError where it is refused */
  connect(): ServerConnection;
  readonly files: Files;
  /**
   * Real flock(2), LOCK_NB and virtual sleep between tries; with `wait` none between them, but until whoever has it lets go of it.
   * @param timeoutMs virtual; 0 tries once, the default where it does not wait. Result: undefined when the time is up.
   */
  flock(
    file: string,
    mode: 'shared' | 'exclusive',
    options?: { readonly timeoutMs?: number; readonly pollMs?: number; readonly wait?: boolean },
  ): Flock | undefined;

  /** Starts another real process on one of the scenario's programs. Its logical name must be new in this run. */
  spawn(program: string, name: string, args?: Json, options?: SpawnOptions): void;
  /** Starts another thread of this process, lane `<process>/<name>`. A process lives until all its lanes have ended. */
  thread(program: string, name: string, args?: Json): void;
  /**
   * fork(2): a copy of this process with all that it has open, connections of SQLite among it, which nobody may use there
   * (howtocorrupt.html, section 2.7). The copy does `body`, in its only thread, and ends; what it leaves open it drops, as _exit(2) does.
   * Other lanes of this process do not go on in it. In the native host only.
   *
   * @param name of the copy, new in this run
   */
  fork(name: string, body: (world: World) => void): void;
  /** Waits for the end of a process (or lane, by full name). Result: undefined when the time is up. */
  wait(name: string, options?: { readonly timeoutMs?: number }): Ending | undefined;
  /** The ending, or undefined while it lives. */
  poll(name: string): Ending | undefined;
  /** SIGKILL is real and at once; SIGTERM makes `stopping()` true there and ends its sleep. Result: was it alive? */
  kill(name: string, signal?: 'SIGKILL' | 'SIGTERM'): boolean;
  /** The same for every living process of a control group. Result: how many there were. */
  killGroup(group: string, signal?: 'SIGKILL' | 'SIGTERM'): number;
  /** The living processes, in the order in which they were started. */
  processes(): readonly ProcessEntry[];
  /** Ends this process at once, as _exit(2) does: connections are dropped, not closed. */
  exit(code: number): never;

  /** Puts a message into the mailbox of a process or lane. Result: false when it is gone. */
  send(to: string, message: Json): boolean;
  /** Oldest message for this lane; undefined when the time is up (default: waits until the plan's end). */
  receive(options?: { readonly timeoutMs?: number }): { readonly from: string; readonly message: Json } | undefined;

  /** Memory shared by the threads of this process, gone with it. */
  readonly shared: { get(key: string): Json | undefined; set(key: string, value: Json): void };
  /** An in-process mutex, re-entrant per lane. */
  mutex<T>(name: string, body: () => T): T;
}
