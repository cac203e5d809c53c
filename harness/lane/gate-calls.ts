// The gate's SQL functions as methods: one prepared statement each. What stays out: what they mean to a program.
import type Database from 'better-sqlite3';

export class Gate {
  readonly #calls = new Map<string, Database.Statement>();
  readonly #connection: Database.Database;

  constructor(connection: Database.Database) {
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
  /** Stops before an action. Result: 0, or the code that it must fail with. */
  step(kind: string, file: string | null, detail: string | null): number {
    return this.#call('step', kind, file, detail) as number;
  }
  /** The action has happened. `length` and `sum` say what it read or wrote, for the trace. */
  done(code: number, length = 0, sum = 0): void {
    this.#call('done', code, length, sum);
  }
  sleep(ms: number): void {
    this.#call('sleep', ms);
  }
  observe(text: string): void {
    this.#call('observe', text);
  }
  ask(text: string): string {
    return this.#call('ask', text) as string;
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

  #call(name: string, ...values: readonly (bigint | number | string | null)[]): unknown {
    let statement = this.#calls.get(name);
    if (statement === undefined) {
      const places = values.map(() => '?').join(',');
      statement = this.#connection.prepare(`select lockstep_${name}(${places})`).pluck();
      this.#calls.set(name, statement);
    }
    return statement.get(...values);
  }
}
