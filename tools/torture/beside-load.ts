// `npm run torture -- --load 20 --runs 300`: so many runs of every scenario beside so many busy loops, and how many harness
// errors that gave. A run that violates an invariant is no error: the search goes on behind it, with another seed. Runs are of
// the small shipped plans of the scenario, in turns, each in schedules of its own, so that 300 take minutes and not hours;
// with --full they are what `lockstep run` draws. What stays out: blows.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BusyLoops } from './busy.ts';
import { root } from './commands.ts';
import { ask, stopBySignal } from './front.ts';

interface LoadOptions {
  readonly loops: number;
  readonly runs: number;
  readonly jobs: number;
  readonly seed?: number;
  readonly scenarios?: string;
  readonly full: boolean;
}

interface Tally {
  runs: number;
  violating: number;
  steps: number;
  errors: string[];
}

const minimal = `${root}scenarios/corpus/minimal`;
const harnessError = 4;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Starting processes costs more than small runs do: so many plans of a scenario at most. */
const plansMost = 4;

/** Plans of a scenario to run in turns, from all over its list; undefined stands for drawing plans. */
function plansOf(scenario: string, full: boolean): readonly (string | undefined)[] {
  const shipped = readdirSync(minimal).filter((name) => name.startsWith(`${scenario}.`));
  if (full || shipped.length === 0) return [undefined];
  const every = Math.max(1, shipped.length / plansMost);
  return shipped.filter((_, i) => Math.floor(i % every) === 0).map((name) => join(minimal, name));
}

async function runScenario(scenario: string, options: LoadOptions, folder: string, stop: AbortSignal): Promise<Tally> {
  const tally: Tally = { runs: 0, violating: 0, steps: 0, errors: [] };
  const plans = plansOf(scenario, options.full);
  const each = Math.ceil(options.runs / plans.length);
  let seed = options.seed ?? 1;
  for (const plan of plans) {
    for (let left = Math.min(each, options.runs - tally.runs); left > 0 && !stop.aborted; seed++) {
      const args = [
        'run',
        scenario,
        '--runs',
        `${left}`,
        '--seed',
        `${seed}`,
        '--jobs',
        `${options.jobs}`,
        '--no-shrink',
      ];
      // Looked at for one invariant that hardly ever fails, a search makes all its runs in one go.
      const { code, document, stderr } = await ask(
        [...args, '--only', 'lanes-end', ...(plan === undefined ? [] : ['--plan', plan])],
        folder,
        stop,
      );
      if (stop.aborted) break;
      const made = Math.max(1, Number(document['runs'] ?? 0));
      left -= made;
      tally.runs += made;
      tally.steps += Number(document['steps'] ?? 0);
      if (code === 1) tally.violating++;
      else if (code !== 0 && code !== 3)
        tally.errors.push(`exit code ${code}, seed ${seed}: ${stderr.trim().split('\n').slice(0, 2).join(' ')}`);
      if (code === harnessError && Number(document['runs'] ?? 0) === 0 && tally.errors.length > 20) return tally;
    }
  }
  return tally;
}

/** Result: the exit code. */
export async function besideLoad(options: LoadOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'torture-of-lockstep-'));
  const stopping = stopBySignal();
  const failures: string[] = [];
  let clean = 0;
  try {
    const { document } = await ask(['list'], folder, stopping.signal);
    const known = (document['scenarios'] as readonly { readonly name: string }[]).map(({ name }) => name);
    const names = options.scenarios?.split(',') ?? known;
    say(
      `${options.runs} runs of each of ${names.join(', ')}, beside ${options.loops} busy loops, --jobs ${options.jobs}`,
    );
    using _busy = new BusyLoops(options.loops);
    for (const name of names) {
      if (stopping.signal.aborted) break;
      const began = performance.now();
      const { runs, violating, steps, errors } = await runScenario(name, options, folder, stopping.signal);
      const seconds = Math.round((performance.now() - began) / 1000);
      say(
        `${name}: ${runs} runs, ${steps} steps, ${violating} searches ended by a violation, ${errors.length} harness errors, ${seconds} s`,
      );
      for (const error of errors) say(`    ${error}`);
      failures.push(...errors);
      clean += runs - errors.length;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const interrupted = stopping.code();
  if (interrupted !== 0) say('interrupted: this is as far as it came');
  say(`${clean} passed, ${failures.length} failed`);
  return interrupted !== 0 ? interrupted : failures.length > 0 ? 1 : 0;
}
