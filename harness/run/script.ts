// The script that the native host runs for a set of programs: the kept one, else one that is bundled and tried once in the host
// itself, which alone can say whether QuickJS reads it. What stays out: bundling and keeping (lane/native/).
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { runTool, type ToolEnd } from '../engines/run-tool.ts';
import { harnessError } from '../errors/errors.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import { lastWords } from '../errors/last-words.ts';
import { machineLimit } from '../errors/machine-limits.ts';
import { coordinatorEnv, laneEnv } from '../host/child-env.ts';
import { type Bundle, Unbundled } from '../lane/native/bundle.ts';
import { keepBundle, keptScript } from '../lane/native/bundle-cache.ts';
import { readJson } from '../model/reading/json-text.ts';
import { gaveUp, needsNode } from './process-errors.ts';

/** Real milliseconds for reading and evaluating a script, a hundred times what it takes. */
const trialMs = 30_000;

/** Real milliseconds that a bundle may take: sixty times what one takes on a quiet machine. */
const bundleMs = 120_000;

/** What the bundler prints (bundler-main.ts). */
const bundlerSays = z.union([
  z.object({ why: z.string() }),
  z.object({ script: z.string(), inputs: z.array(z.tuple([z.string(), z.string()])) }),
]);

/** Runs a tool that ends early where `stop` says so. @throws RunInterrupted; what runTool throws */
async function heeding(stop: () => boolean, run: (signal: AbortSignal) => Promise<ToolEnd>): Promise<ToolEnd> {
  const cancel = new AbortController();
  const watch = setInterval(() => {
    if (stop()) cancel.abort(new RunInterrupted());
  }, 50);
  try {
    return await run(cancel.signal);
  } finally {
    clearInterval(watch);
  }
}

function noBundle(how: ToolEnd['how'], stderr: string, limitMs: number): Error {
  const why = {
    done: 'what the process that does it has printed is no bundle',
    late: `it took more than ${limitMs / 1000} s, most likely since the system gives no further thread`,
    failed: 'the process that does it failed',
    missing: 'Node could not be started',
  };
  const lacked = /^.*\(os error \d+\)$/m.exec(stderr)?.[0];
  const ended = typeof how === 'object' ? `the process that does it was ended by ${how.signal}` : why[how];
  return harnessError(
    'NO_BUNDLE',
    `The programs could not be bundled: ${ended}${lacked === undefined ? '' : ` (${lacked})`}.`,
    'Raise the limits on processes and memory (`ulimit -u`, `ulimit -v`, or those of the container), or take --host node.',
  );
}

/** Bundles sets of programs, each in a process of its own. */
export class Bundler {
  readonly #program: string;
  readonly #limitMs: number;
  /** Why no bundle came in its time: no other is waited for. */
  #late: Error | undefined;

  /**
   * @param program what makes a bundle (bundler-main.ts)
   * @param limitMs real
   */
  constructor(program: string, limitMs: number = bundleMs) {
    this.#program = program;
    this.#limitMs = limitMs;
  }

  /**
   * The script for a set of programs.
   *
   * @param folder for temporary files
   * @throws RunInterrupted; a harness error where no bundle comes, or an earlier one has not come in its time
   */
  async bundle(modules: readonly string[], folder: string, stop: () => boolean): Promise<Bundle | Unbundled> {
    if (this.#late !== undefined) throw this.#late;
    const args = ['--no-warnings', this.#program, ...modules];
    const run = { cwd: folder, limitMs: this.#limitMs, env: coordinatorEnv() };
    const { how, stdout, stderr } = await heeding(stop, (signal) =>
      runTool(process.execPath, args, { ...run, signal }),
    );
    const { json } = { json: undefined, ...readJson(stdout) };
    const made = how === 'done' ? bundlerSays.safeParse(json).data : undefined;
    if (made === undefined) {
      const error = noBundle(how, stderr, this.#limitMs);
      if (how === 'late') this.#late = error;
      throw error;
    }
    return 'why' in made ? new Unbundled(made.why) : { script: made.script, inputs: new Map(made.inputs) };
  }
}

const bundler = new Bundler(fileURLToPath(new URL('../lane/native/bundler-main.ts', import.meta.url)));

/** What keeps the host from running a script; undefined where nothing does. */
async function refusal(
  program: string,
  file: string,
  worlds: string,
  stop: () => boolean,
): Promise<Unbundled | undefined> {
  const { how, exitCode, stderr } = await heeding(stop, (signal) =>
    runTool(program, [file], { cwd: worlds, limitMs: trialMs, signal, env: laneEnv(worlds) }),
  );
  if (how === 'done') return undefined;
  if (how === 'late' || typeof how === 'object') {
    const ended = how === 'late' ? 'SIGKILL' : how.signal;
    const remedy = 'Look for a loop at the top of a module, or for too little memory; or take --host node.';
    throw harnessError('NO_TRIAL', `Trying the bundled programs did not end by itself, but by ${ended}.`, remedy);
  }
  const [first = ''] = stderr.replace(/^lockstep: /, '').split('\n');
  if (exitCode === gaveUp) return new Unbundled(first);
  if (exitCode === needsNode) return new Unbundled(`one of them ${first}`);
  const doing = 'The bundled programs could not be tried in the native host';
  throw (
    machineLimit(stderr, doing) ??
    harnessError(
      'NO_TRIAL',
      `${doing} (${program})${lastWords(stderr)}`,
      'Run `npx lockstep doctor`, or take --host node.',
    )
  );
}

/**
 * Writes the script for a set of programs.
 *
 * @param modules `file:` URLs
 * @param program the native host
 * @param file where the script goes
 * @param worlds the folder of the runs
 * @param stop asked while a bundle is made
 * @returns why there is none, where there is none
 * @throws RunInterrupted; a harness error where no bundle comes, or the host cannot be started
 */
export async function writeScript(
  modules: readonly string[],
  program: string,
  file: string,
  worlds: string,
  stop: () => boolean,
): Promise<Unbundled | undefined> {
  const kept = keptScript(modules);
  if (kept !== undefined) {
    writeFileSync(file, kept);
    return undefined;
  }
  const bundle = await bundler.bundle(modules, dirname(file), stop);
  if (bundle instanceof Unbundled) return bundle;
  writeFileSync(file, bundle.script);
  const refused = await refusal(program, file, worlds, stop);
  if (refused === undefined) keepBundle(modules, bundle);
  return refused;
}
