// `npm run bench:replays [-- --replays 500 --plans 20 --load 1]`: same plan, same trace hash, thousands of times beside a busy core.
// Plans from all over the corpus are replayed so often each, most of them in reused processes, a few in fresh ones; every
// hash must be the one of the index. With `--crash 10`, so many plans in which the power goes, made for it: every hash must be the one that
// was told when they were found. With `--server`, the plans on a PostgreSQL server (scenarios/corpus/server): one hash each, whichever it is, since
// another PostgreSQL may have another. What stays out: other hosts and engines, which tests replay.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { Command as Program, InvalidArgumentError } from '@commander-js/extra-typings';
import { BusyLoops } from './busy.ts';
import { root } from './commands.ts';
import { ask, stopBySignal } from './front.ts';

/** Of the replays of a plan, those in fresh processes: they cost several times as much. */
const freshShare = 0.02;

const corpus = `${root}scenarios/corpus/`;

/** File systems of plans in which the power goes (docs/reference.md). */
const models = ['powersafe', 'no-powersafe-overwrite', 'ordered', 'writeback', 'lying-sync', 'atomic-4k'] as const;

function atLeast(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`It takes a whole number of ${least} or more.`);
    return value;
  };
}

/** The hash of each plan that was made small, by its path below the corpus. */
function hashes(): ReadonlyMap<string, string> {
  const index = JSON.parse(readFileSync(`${corpus}index.json`, 'utf8')) as {
    readonly plans: { readonly [name: string]: { readonly hash: string } };
  };
  const small = Object.entries(index.plans).filter(([name]) => name.startsWith('minimal/'));
  return new Map(small.map(([name, { hash }]) => [name, hash]));
}

/** Plans on a server, by path: of their hash nothing is known before. */
function serverPlans(): readonly (readonly [path: string, hash: undefined])[] {
  const folder = `${corpus}server/`;
  return readdirSync(folder)
    .toSorted()
    .map((name) => [folder + name, undefined] as const);
}

/** So many of them, from all over the list. */
function spread<T>(all: readonly T[], count: number): readonly T[] {
  return Array.from(
    { length: Math.min(count, all.length) },
    (_, i) => all[Math.floor((i * all.length) / Math.min(count, all.length))] as T,
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const options = new Program('replays')
  .description('Replays plans of the corpus over and over, and counts hashes that are not those of its index.')
  .option('--replays <n>', 'of each plan', atLeast(1), 500)
  .option('--plans <n>', 'so many plans, from all over the corpus', atLeast(1), 20)
  .option('--crash <n>', 'so many plans of power losses instead, one a seed, on each file system in turn', atLeast(1))
  .option('--server', 'the plans on a PostgreSQL server instead')
  .option('--load <n>', 'busy loops beside them', atLeast(0), 1)
  .option('--minutes <n>', 'no plan is begun after so many', atLeast(1))
  .parse()
  .opts();

const stopping = stopBySignal();

/**
 * @property times replays that were made
 * @property others hashes that are not the plan's, or what was said instead of any
 * @property hash the plan's; where none was known, the first that came
 */
interface Tried {
  readonly times: number;
  readonly fresh: number;
  readonly others: readonly string[];
  readonly hash: string | undefined;
}

/** Plans in which the power goes, by path, with their hashes: acknowledged rows are gone, though the strategy promises no better. */
async function crashPlans(count: number, out: string): Promise<ReadonlyMap<string, string>> {
  const made = new Map<string, string>();
  for (let seed = 1; made.size < count && seed <= 3 * count && !stopping.signal.aborted; seed++) {
    const model = models[seed % models.length] ?? models[0];
    const asked = ['--engine', '3.54.1', '--promise', 'acknowledged', '--states', '200', '--recoveries', '2'];
    const args = ['crash', 'wal-reset', ...asked, '--model', model, '--seed', `${seed}`, '--out', join(out, `${seed}`)];
    const { document } = await ask(args, out, stopping.signal);
    const findings = (document['findings'] ?? []) as readonly { readonly plan: string; readonly hash: string | null }[];
    const [found] = findings.filter(({ hash }) => hash !== null);
    if (found?.hash !== undefined && found.hash !== null) made.set(resolve(out, found.plan), found.hash);
  }
  return made;
}

async function tryPlan(path: string, known: string | undefined, folder: string): Promise<Tried> {
  const fresh = Math.max(1, Math.round(freshShare * options.replays));
  const seen: string[] = [];
  let times = 0;
  for (const [count, ...more] of [[options.replays - fresh], [fresh, '--fresh']] as const) {
    if (count === 0) continue;
    const args = ['replay', path, '--times', `${count}`, ...more];
    const { document, stderr } = await ask(args, folder, stopping.signal);
    times += Number(document['times'] ?? 0);
    seen.push(...((document['hashes'] as readonly string[] | undefined) ?? [stderr.trim().split('\n')[0] ?? '']));
  }
  const hash = known ?? seen[0];
  return { times, fresh, others: [...new Set(seen)].filter((one) => one !== hash), hash };
}

async function plansAsked(out: string): Promise<readonly (readonly [path: string, hash: string | undefined])[]> {
  if (options.server === true) return serverPlans();
  if (options.crash !== undefined) return [...(await crashPlans(options.crash, out))];
  return spread([...hashes()], options.plans).map(([name, hash]) => [corpus + name, hash] as const);
}

const folder = mkdtempSync(join(tmpdir(), 'replays-of-lockstep-'));
const began = performance.now();
const minutes = (): number => (performance.now() - began) / 60_000;
const plans = await plansAsked(folder);
let [replayed, wrong, done] = [0, 0, 0];
say(`${options.replays} replays of each of ${plans.length} plans, beside ${options.load} busy loops`);
try {
  using _busy = new BusyLoops(options.load);
  for (const [path, known] of plans) {
    const name = basename(path);
    if (stopping.signal.aborted || minutes() >= (options.minutes ?? Infinity)) break;
    const planBegan = performance.now();
    const { times, fresh, others, hash } = await tryPlan(path, known, folder);
    if (stopping.signal.aborted) break;
    const ok = times === options.replays && others.length === 0;
    const seconds = ((performance.now() - planBegan) / 1000).toFixed(1);
    say(`${ok ? 'ok    ' : 'NOT OK'} ${name}: ${times} replays, ${fresh} of them fresh, ${seconds} s`);
    for (const one of others) say(`       ${one} instead of ${hash}`);
    replayed += times;
    wrong += ok ? 0 : 1;
    done++;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (done < plans.length) say(`${plans.length - done} plans were not tried: it ended early`);
say(`${replayed} replays of ${done} plans in ${minutes().toFixed(1)} minutes, ${wrong} plans with another hash`);
const lacking = options.crash !== undefined && plans.length < options.crash;
if (lacking) say(`only ${plans.length} of ${options.crash} plans of power losses were found`);
process.exitCode = stopping.code() !== 0 ? stopping.code() : wrong > 0 || lacking ? 1 : 0;
