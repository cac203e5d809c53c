// One torture from beginning to end: which blow comes when, one line for each, the counts at the end; and it leaves nothing
// behind, whatever ends it. What stays out: what a blow is.
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Abilities, abilitiesIn } from './abilities.ts';
import type { Blow } from './blow.ts';
import { blows } from './blows/catalogue.ts';
import { BusyLoops } from './busy.ts';
import { Chance, seedOfBlow } from './chance.ts';
import { root } from './commands.ts';
import { endAll } from './processes.ts';
import { type Reference, Scene } from './scene.ts';

export interface SessionOptions {
  readonly minutes?: number;
  readonly blows?: number;
  readonly seed?: number;
  readonly only?: string;
}

const minutesByDefault = 5;
const loadedShare = 0.15;

interface Count {
  passed: number;
  failed: number;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** On tmpfs where there is room for the copies of the cache, as Lockstep's own runs are. */
function roomyFolder(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize > 2e9) return '/dev/shm';
  } catch {
    // there is none
  }
  return tmpdir();
}

/** Where Lockstep keeps what it has built, as README says. */
function usualCache(): string {
  const { LOCKSTEP_CACHE: given, XDG_CACHE_HOME: xdg } = process.env;
  return given ?? join(xdg ?? join(homedir(), '.cache'), 'lockstep');
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w.,-]+$/.test(text) ? text : `'${text}'`;
}

export class Session {
  readonly #options: SessionOptions;
  readonly #seed: number;
  readonly #home = mkdtempSync(join(roomyFolder(), 'torture-of-lockstep-'));
  readonly #cache = join(this.#home, 'cache');
  readonly #references = new Map<string, Reference>();
  readonly #counts = new Map<string, Count>();
  readonly #skipped = new Map<string, string>();
  #scene: Scene | undefined;
  #stoppedBy = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#seed = Math.floor(options.seed ?? Math.random() * 2 ** 31);
  }

  /** Result: the exit code. */
  async run(): Promise<number> {
    this.#listen();
    try {
      const chosen = this.#chosen();
      if (chosen.length === 0) {
        process.stderr.write(`There is no blow ${this.#options.only ?? ''}; --list lists them.\n`);
        return 2;
      }
      say(`seed ${this.#seed}`);
      await this.#prepare();
      const fit = this.#fit(chosen, abilitiesIn(this.#home));
      if (fit.length > 0) await this.#strikeAll(fit);
      return this.#tell();
    } finally {
      this.#clean();
    }
  }

  #chosen(): readonly Blow[] {
    const names = this.#options.only?.split(',');
    return names === undefined ? blows : blows.filter(({ name }) => names.includes(name));
  }

  #fit(chosen: readonly Blow[], abilities: Abilities): readonly Blow[] {
    return chosen.filter(({ name, lacks }) => {
      const why = lacks?.(abilities);
      if (why !== undefined) this.#skipped.set(name, why);
      return why === undefined;
    });
  }

  /** Ctrl-C: what is under way is ended, and what is known is told. */
  #listen(): void {
    const stop = (code: number) => () => {
      if (this.#stoppedBy !== 0) process.exit(code);
      this.#stoppedBy = code;
      if (this.#scene !== undefined) endAll(this.#scene.folder);
    };
    process.on('SIGINT', stop(130));
    process.on('SIGTERM', stop(143));
    process.on('SIGHUP', stop(129));
    process.on('exit', () => this.#clean());
  }

  #clean(): void {
    endAll(this.#home);
    this.#scene?.close();
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** A cache in which everything is built that is used, and nothing else, to copy for each blow. */
  async #prepare(): Promise<void> {
    chmodSync(this.#home, 0o755); // some blows are struck at another user
    mkdirSync(this.#cache);
    // Engines take a minute to compile and are copied; what they are called says nothing but that they are here.
    const engines = join(usualCache(), 'engine');
    if (existsSync(engines)) cpSync(engines, join(this.#cache, 'engine'), { recursive: true });
    const lockstep = async (...args: readonly string[]): Promise<string> => {
      const env = { LOCKSTEP_CACHE: this.#cache, LOCKSTEP_TORTURE: this.#home };
      const options = { cwd: this.#home, env, stdin: 'ignore', reject: false, detached: true } as const;
      return (await execa(process.execPath, [`${root}cli/lockstep.js`, ...args], options)).stdout;
    };
    const built = await lockstep('engines', 'build', '3.50.4', '3.51.2', '3.54.1', '--json');
    const copied = join(this.#cache, 'engine');
    const isUsed = (name: string): boolean => built.includes(name.slice(0, 64));
    const names = readdirSync(copied);
    if (names.some(isUsed))
      for (const name of names) if (!isUsed(name)) rmSync(join(copied, name), { recursive: true });
    await lockstep('run', 'wal-reset', '--engine', '3.54.1', '--runs', '2', '--jobs', '2');
  }

  async #strikeAll(fit: readonly Blow[]): Promise<void> {
    const { minutes, blows: most, only } = this.#options;
    const times = most ?? (only !== undefined && minutes === undefined ? fit.length : Infinity);
    const endsAt =
      most === undefined || minutes !== undefined
        ? performance.now() + (minutes ?? minutesByDefault) * 60_000
        : Infinity;
    const order = new Chance(this.#seed);
    for (let number = 0; number < times && performance.now() < endsAt && this.#stoppedBy === 0; number++) {
      const blow = only === undefined ? order.weighted(fit) : fit[number % fit.length];
      if (blow !== undefined)
        await this.#strike(
          blow,
          number,
          seedOfBlow(this.#seed, only === undefined ? number : Math.floor(number / fit.length)),
        );
    }
  }

  async #strike(blow: Blow, number: number, seed: number): Promise<void> {
    const chance = new Chance(seed, blow.name);
    const began = performance.now();
    const scene = new Scene(join(this.#home, `${number}`), this.#cache, chance, this.#references);
    this.#scene = scene;
    const load = chance.with(loadedShare) ? chance.between(1, 4) : 0;
    let happened = '';
    try {
      using _busy = new BusyLoops(load);
      happened = await blow.strike(scene);
    } catch (error) {
      scene.wrong.push(
        `the blow itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    } finally {
      scene.close();
    }
    if (this.#stoppedBy !== 0) return;
    const count = this.#counts.get(blow.name) ?? { passed: 0, failed: 0 };
    this.#counts.set(blow.name, count);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const beside = load === 0 ? '' : `, beside ${load} busy loops`;
    const head = `${String(number + 1).padStart(4)}  seed ${seed}  ${blow.name}  ${happened}${beside}  ${seconds} s`;
    if (scene.wrong.length === 0) {
      count.passed++;
      say(`${head}  ok`);
      return;
    }
    count.failed++;
    say(`${head}  NOT OK`);
    for (const wrong of new Set(scene.wrong)) say(`        ${wrong}`);
    for (const line of scene.said) say(`        | ${line.slice(0, 200)}`);
    say(`        again: npm run torture -- --only ${quoted(blow.name)} --seed ${seed}`);
  }

  #tell(): number {
    for (const [name, why] of this.#skipped) say(`left out: ${name}: ${why}`);
    const all = { passed: 0, failed: 0 };
    for (const [name, { passed, failed }] of [...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      say(`${name.padEnd(28)} ${passed} passed, ${failed} failed`);
      all.passed += passed;
      all.failed += failed;
    }
    if (this.#stoppedBy !== 0) say('interrupted: this is as far as it came');
    say(`${all.passed} passed, ${all.failed} failed`);
    if (this.#stoppedBy !== 0) return this.#stoppedBy;
    return all.failed > 0 ? 1 : 0;
  }
}
