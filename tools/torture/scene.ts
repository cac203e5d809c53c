// Where one blow is struck: folders of its own for everything that Lockstep writes, a copy of the cache, the commands that run
// in it, and what was found wrong. What stays out: what is struck (blows/).
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { execaSync } from 'execa';
import type { Chance } from './chance.ts';
import { cellsTold, halfWritten, leftIn, lostCells, standing, stillRunning, wrongWords } from './checks.ts';
import type { Command, Document } from './commands.ts';
import { describeThreads, endAll } from './processes.ts';
import { type Ended, type StartHow, Victim } from './victim.ts';

/** What an undisturbed run of a command gives. */
export interface Reference {
  readonly code: number;
  readonly facts: unknown;
}

/**
 * @property codes exit codes that are right beside the verdict's
 * @property verdict may it end with its verdict, in spite of all? Then it must be that of an undisturbed run. Default: yes
 * @property aborts it may end by an abort (SIGTRAP, SIGABRT): its folder waits as that of a killed one does, and no words are asked of it
 * @property leaves the coordinator itself was killed: its folder waits for the next command, which must sweep it
 * @property patienceMs after so long it hangs; more beside load
 * @property like what it must give is what this command gives, undisturbed. Default: itself
 * @property unread its document cannot have arrived
 */
export interface Allowed {
  readonly codes: readonly number[];
  readonly verdict?: boolean;
  readonly leaves?: boolean;
  readonly aborts?: boolean;
  readonly patienceMs?: number;
  readonly like?: Command;
  readonly unread?: boolean;
}

/** How much slower than alone everything is, by the machine's load. */
export function slowness(): number {
  return Math.min(5, Math.max(1, (loadavg()[0] ?? 0) / availableParallelism()));
}

/** Exit codes of a process that aborted: 128 and the number of the signal. */
export const abortCodes: readonly number[] = [133, 134];

/** Exit codes of verdicts. */
const verdictCodes: readonly number[] = [0, 1, 3];

export class Scene {
  readonly chance: Chance;
  /** In the environment of every process, and below it all their folders. */
  readonly folder: string;
  readonly runs: string;
  readonly temp: string;
  readonly cache: string;
  readonly work: string;
  readonly out: string;
  readonly wrong: string[] = [];
  /** Names in the folder of runs that are somebody else's. */
  readonly foreign: string[] = [];
  readonly #masterCache: string;
  readonly #references: Map<string, Reference>;
  readonly #mounts: string[] = [];
  readonly #kept: Ended[] = [];

  constructor(folder: string, masterCache: string, chance: Chance, references: Map<string, Reference>) {
    this.folder = folder;
    this.chance = chance;
    this.#masterCache = masterCache;
    this.#references = references;
    [this.runs, this.temp, this.cache, this.work] = ['runs', 'temp', 'cache', 'work'].map((name) =>
      join(folder, name),
    ) as [string, string, string, string];
    this.out = join(this.work, 'out');
    for (const path of [this.runs, this.temp, this.work]) mkdirSync(path, { recursive: true });
    cpSync(masterCache, this.cache, { recursive: true });
  }

  get env(): Readonly<Record<string, string>> {
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: this.work,
      TMPDIR: this.temp,
      LOCKSTEP_RUNS: this.runs,
      LOCKSTEP_CACHE: this.cache,
      LOCKSTEP_TORTURE: this.folder,
      npm_config_update_notifier: 'false',
      npm_config_cache: join(this.work, 'npm'),
    };
  }

  start(command: Command, how: StartHow = {}): Victim {
    return new Victim(command, how, this.folder, this.work, this.env);
  }

  /** Notes what is wrong, when it is. */
  expect(holds: boolean, otherwise: string): void {
    if (!holds) this.wrong.push(otherwise);
  }

  /** What the commands said last, for a report. */
  get said(): readonly string[] {
    const lines = this.#kept.flatMap(({ stderr, stdout }) =>
      (stderr.trim() === '' ? stdout : stderr).trim().split('\n'),
    );
    return lines.filter((line) => line !== '').slice(-6);
  }

  /** What the command gives when nobody disturbs it: tried once, in folders of its own, and kept for later blows. */
  async reference(command: Command): Promise<Reference> {
    const args = command.args.map((arg) => arg.replace(this.work, join(this.folder, 'reference')));
    const key = args.map((arg) => arg.replace(this.folder, '')).join(' ');
    const known = this.#references.get(key);
    if (known !== undefined) return known;
    const runs = join(this.folder, 'reference-runs');
    mkdirSync(runs);
    const env = { LOCKSTEP_RUNS: runs, LOCKSTEP_CACHE: this.#masterCache };
    const victim = this.start({ ...command, args }, { json: true, env });
    const ended = await this.#ending(victim, 180_000);
    const reference = { code: ended.code, facts: factsOf(command, ended) };
    const wrong = verdictCodes.includes(ended.code) ? [] : [`undisturbed, ${command.name} ended with ${ended.code}`];
    wrong.push(...wrongWords(ended, true), ...leftIn(runs, 'the folder of runs, undisturbed'));
    this.wrong.push(...wrong);
    if (wrong.length === 0) this.#references.set(key, reference);
    rmSync(runs, { recursive: true, force: true });
    return reference;
  }

  /** Waits for the end of a victim, and checks all that must hold then. */
  async settle(victim: Victim, allowed: Allowed): Promise<Ended> {
    const ended = await this.#ending(victim, allowed.patienceMs ?? 60_000);
    this.#kept.push(ended);
    if (ended.hung) return ended;
    const { command, how } = victim;
    const aborted = allowed.aborts === true && abortCodes.includes(ended.code);
    const byVerdict = verdictCodes.includes(ended.code) && (allowed.verdict ?? true);
    if (byVerdict && !allowed.codes.includes(ended.code)) {
      const reference = await this.reference(allowed.like ?? command);
      if (reference.code !== ended.code) {
        this.wrong.push(`exit code ${ended.code}, and ${reference.code} when nobody disturbs it`);
      } else if (how.json === true && allowed.unread !== true && reference.facts !== undefined) {
        const facts = factsOf(command, ended);
        if (!isDeepStrictEqual(facts, reference.facts)) {
          this.wrong.push(`another result than undisturbed: ${brief(facts)} instead of ${brief(reference.facts)}`);
        }
      }
    } else if (!allowed.codes.includes(ended.code) && !aborted) {
      this.wrong.push(
        `exit code ${ended.code}${ended.signal === undefined ? '' : ` (${ended.signal})`}, allowed are ${allowed.codes.join(', ')}`,
      );
    }
    this.wrong.push(...(await this.#after(victim, ended, (allowed.leaves ?? false) || aborted)));
    return ended;
  }

  async #ending(victim: Victim, patienceMs: number): Promise<Ended & { readonly hung: boolean }> {
    const patience = patienceMs * slowness();
    await victim.after(patience);
    const hung = victim.ended === undefined;
    if (hung) {
      this.wrong.push(`hangs: it has not ended after ${Math.round(patience / 1000)} s`);
      this.wrong.push(...victim.processes().map((found) => `hangs: ${describeThreads(found)}`));
      endAll(this.folder);
    }
    return { ...(await victim.end), hung };
  }

  async #after({ command, how }: Victim, ended: Ended, leaves: boolean): Promise<readonly string[]> {
    // Without room nothing more can be kept; then it must have said so.
    const noRoom = ended.code === 4 && /could not be written/.test(ended.stderr);
    const told = noRoom ? new Map<string, string>() : cellsTold(`${ended.stderr}\n${ended.stdout}`);
    const running = await stillRunning(this.folder, 5000 * slowness());
    if (running.length > 0) endAll(this.folder);
    return [
      ...running,
      ...(leaves ? [] : wrongWords(ended, how.json ?? false)),
      ...(leaves ? [] : this.left()),
      ...(command.out === undefined ? [] : lostCells(command.out, told)),
    ];
  }

  /** What lies about that must not. */
  left(): readonly string[] {
    return [
      ...leftIn(this.runs, 'the folder of runs', (name) => this.foreign.includes(name)),
      ...leftIn(this.temp, 'the temporary folder', (name) => standing.test(name)),
      ...halfWritten([this.work, this.cache]),
    ];
  }

  /** After the coordinator was killed: the next command sweeps what it left. */
  async sweptBy(next: Command): Promise<void> {
    await this.settle(this.start(next), { codes: [] });
  }

  /** A small file system in a folder; needs root. */
  mount(folder: string, options: string): void {
    mkdirSync(folder, { recursive: true });
    execaSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
    this.#mounts.push(folder);
  }

  /** A mounted file system gets this size. */
  resize(folder: string, kilobytes: number): void {
    execaSync('mount', ['-o', `remount,size=${Math.ceil(kilobytes)}k`, folder]);
  }

  /** Ends what runs here and removes what lies here. */
  close(): void {
    endAll(this.folder);
    for (const folder of this.#mounts.splice(0)) execaSync('umount', ['-l', folder], { reject: false });
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What must be the same in every run of the command, of its document. */
function factsOf(command: Command, { stdout }: Ended): unknown {
  if (command.facts === undefined) return undefined;
  try {
    return command.facts(JSON.parse(stdout) as Document);
  } catch (error) {
    return `no document (${String(error).slice(0, 80)})`;
  }
}

function brief(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
