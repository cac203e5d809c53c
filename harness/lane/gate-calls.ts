// The gate's SQL functions as methods: one prepared statement each. What stays out: what they mean to a program.
import type { DescriptorKind, StepKind } from '../model/operations.ts';

type Value = bigint | number | string | Uint8Array | null;

/** Of a connection that the gate is loaded on, what is called here: better-sqlite3's, or what looks like it. */
export interface Statements {
  readonly prepare: (sql: string) => { readonly pluck: () => { readonly get: (...values: Value[]) => unknown } };
}

export class Gate {
  readonly #calls = new Map<string, { readonly get: (...values: Value[]) => unknown }>();
  #connection: Statements;

  constructor(connection: Statements) {
    this.#connection = connection;
  }

  /** From here on it is called by another connection, of another SQLite perhaps. */
  moveTo(connection: Statements): void {
    this.#calls.clear();
    this.#connection = connection;
  }

  attach(inPath: string, outPath: string): void {
    this.#call('attach', inPath, outPath);
  }
  /** Waits for work. Result: the job, JSON. */
  job(): string {
    return this.#call('job') as string;
  }
  enter(lane: number, seed: bigint, root: string): void {
    this.#call('enter', lane, seed, root);
  }
  leave(text: string): void {
    this.#call('leave', text);
  }
  /** From here on the end of the process is that of its lane. @param text how it ends unless it ends well, JSON (end.ts) */
  ends(text: string | null): void {
    this.#call('ends', text);
  }
  /** @throws where another SQLite answers */
  engine(version: string): void {
    this.#call('engine', version);
  }
  /** SQLite's own chance, one stream for the process, begins anew. */
  reseed(): void {
    this.#call('reseed');
  }
  /** Stops before an operation on a file, or at a label. Result: 0, or the code that it must fail with. */
  step(kind: StepKind, file: string, detail: string | null): number;
  step(label: string, file: null, detail: null): number;
  step(kind: string, file: string | null, detail: string | null): number {
    return this.#call('step', kind, file, detail) as number;
  }
  /** Stops before an operation on a descriptor: `length` bytes at `offset`, or the new length. Result: as that of step. */
  on(kind: DescriptorKind, fd: number, length: number, offset: number): number {
    return this.#call('on', kind, fd, length, offset) as number;
  }
  /** In place of `done` after a step `open`, which gave this descriptor. */
  opened(fd: number): void {
    this.#call('opened', fd);
  }
  /** Numbers of the descriptors that SQLite has of the file of this path, JSON; null where there is no such file. */
  scan(path: string): string | null {
    return this.#call('scan', path) as string | null;
  }
  /** A read lock of bytes, or its end, by {@link rangeLock}. Result: 0 or the errno. */
  range(fd: number, how: number, length: number, offset: number): number {
    return this.#call('range', fd, how, length, offset) as number;
  }
  /** How this thread opens the next database. @returns 0 where SQLite has no such VFS */
  opens(vfs: string | null, alone: boolean): number {
    return this.#call('opens', vfs, alone ? 1 : 0) as number;
  }
  /** Writes where this process has this place of a file in its memory. Result: 0 or the errno. */
  poke(path: string, offset: number, bytes: Uint8Array): number {
    return this.#call('poke', path, offset, bytes) as number;
  }
  /** The action has happened. `length` and `sum` say what it read or wrote, for the trace. */
  done(code: number, length = 0, sum = 0): void {
    this.#call('done', code, length, sum);
  }
  /** @param quietUntilMs virtual ms since the Unix epoch until which each waking would repeat the last */
  sleep(ms: number, quietUntilMs?: number): void {
    if (quietUntilMs === undefined) this.#call('sleep', ms);
    else this.#call('sleep', ms, String(quietUntilMs));
  }
  /** Says in the trace that a name was refused: it leads out of the world's directory. */
  refuse(name: string): void {
    this.#call('refuse', name);
  }
  /**
   * From here on this thread, and those that it starts, may write below these folders only, run no program, open no TCP
   * connection and signal no process outside; no new privileges, no core file.
   *
   * @returns the version of Landlock that holds it; 0 where the kernel cannot
   */
  confine(folders: readonly string[]): number {
    return this.#call('confine', ...folders) as number;
  }
  observe(text: string): void {
    this.#call('observe', text);
  }
  ask(text: string): string {
    return this.#call('ask', text) as string;
  }
  /** JSON, or null when nobody has set it. */
  get(key: string): string | null {
    return this.#call('get', key) as string | null;
  }
  set(key: string, value: string): void {
    this.#call('set', key, value);
  }
  lock(name: string): void {
    this.#call('lock', name);
  }
  unlock(name: string): void {
    this.#call('unlock', name);
  }
  answer(): string {
    return this.#call('answer') as string;
  }
  now(): number {
    return this.#call('now') as number;
  }
  random(): number {
    return (this.#call('random') as number) / 2 ** 53;
  }
  stopping(): boolean {
    return this.#call('stopping') === 1;
  }

  #call(name: string, ...values: Value[]): unknown {
    const key = `${name}/${values.length}`;
    let statement = this.#calls.get(key);
    if (statement === undefined) {
      const places = values.map(() => '?').join(',');
      statement = this.#connection.prepare(`select lockstep_${name}(${places})`).pluck();
      this.#calls.set(key, statement);
    }
    return statement.get(...values);
  }
}

/** What the World of a lane asks of its gate. Where a lane runs free, something else answers (search/stress/free-gate.ts). */
export type GateCalls = Omit<Gate, 'attach' | 'job' | 'enter' | 'leave' | 'confine' | 'ends' | 'engine' | 'moveTo'>;
