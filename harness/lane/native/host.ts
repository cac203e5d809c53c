// The object `host` that host.c makes: what this room's modules stand on. Each function throws what the module that it serves
// throws in Node. What stays out: any use of it.
import type { Gate } from '../gate-calls.ts';
import type { SqlValue } from '../../model/values.ts';

export interface NativeStatement {
  run(...bind: readonly SqlValue[]): { readonly changes: number; readonly lastInsertRowid: number };
  get(...bind: readonly SqlValue[]): unknown;
  all(...bind: readonly SqlValue[]): readonly unknown[];
}

export interface NativeDatabase {
  readonly open: boolean;
  readonly inTransaction: boolean;
  exec(sql: string): void;
  prepare(sql: string): NativeStatement;
  /** Without SQLITE_DBCONFIG_DEFENSIVE. */
  unsafeMode(isOn: boolean): void;
  backup(path: string): NativeBackup;
  close(): void;
}

/** A copy that is being made by SQLite's backup API. */
export interface NativeBackup {
  transfer(pages: number): { readonly totalPages: number; readonly remainingPages: number };
  close(): void;
}

interface NativeHost {
  readonly gate: Gate;
  readonly errno: { readonly [name: string]: number };
  readonly constants: {
    readonly [name in
      | `O_${'RDONLY' | 'RDWR' | 'WRONLY' | 'CREAT' | 'TRUNC' | 'EXCL' | 'APPEND'}`
      | `LOCK_${'SH' | 'EX' | 'UN'}`]: number;
  };
  /** From now on SQLite's errors are made by this constructor, of a message and the name of a code. */
  throwAs(error: new (message: string, code: string) => Error): void;
  /** @param library which copy of SQLite in this process */
  openDatabase(path: string, readonly: boolean, mustExist: boolean, timeoutMs: number, library: 1 | 2): NativeDatabase;
  open(path: string, flags: number): number;
  close(fd: number): void;
  /** Bytes of an open file. */
  size(fd: number): number;
  /** One read at an offset in the file, in bytes. */
  read(fd: number, bytes: number, offset: number): Uint8Array;
  /** One write at an offset in the file. Result: how many bytes it took. */
  write(fd: number, data: Uint8Array, offset: number): number;
  truncate(fd: number, bytes: number): void;
  sync(fd: number): void;
  readFile(path: string): Uint8Array;
  writeFile(path: string, data: string | Uint8Array, exclusive: boolean): void;
  /** Bytes of a file; undefined where there is none. */
  stat(path: string): number | undefined;
  /** What a name is, and its bytes; undefined where there is none. */
  lstat(path: string): readonly ['file' | 'folder' | 'link', number] | undefined;
  exists(path: string): boolean;
  rename(from: string, to: string): void;
  unlink(path: string): void;
  link(from: string, to: string): void;
  symlink(target: string, path: string): void;
  mkdir(path: string): void;
  rmdir(path: string): void;
  chmod(path: string, mode: number): void;
  fchmod(fd: number, mode: number): void;
  /** @param changed seconds since 1970 */
  utime(path: string, changed: number): void;
  readdir(path: string): string[];
  /** Undefined for what is no link. */
  readlink(path: string): string | undefined;
  realpath(path: string): string;
  /** As worldPath (host/world-path.ts) has it, with `follow` for `followed`; null: this host has no quick answer. */
  worldPath(root: string, name: string, follow: boolean): string | null;
  /** Without waiting. Result: 0 or the errno. */
  flock(fd: number, operation: number): number;
  crc32(data: string | Uint8Array): number;
  encode(text: string): Uint8Array;
  decode(bytes: Uint8Array): string;
  exit(code: number): never;
  /** Writes to the log of the process. */
  say(text: string): void;
  startThread(inPath: string, outPath: string): void;
  /** fork(2); the copy goes on as a process of the run behind these FIFOs. Result: whether this is the copy. */
  fork(inPath: string, outPath: string): boolean;
  /** Ends the process: its program does what only Node does. */
  needsNode(what: string): never;
  /** From now on errors of QuickJS have words: the process ends by one. */
  tellAll(): void;
  /** Sets what serves the jobs of this lane. */
  serveBy(serve: () => void): void;
}

const globals = globalThis as unknown as { host?: NativeHost };

export const host = globals.host as NativeHost;
delete globals.host; // programs come later: theirs is the World alone
