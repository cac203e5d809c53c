// The script that the native host runs for a set of programs: the kept one, else one that is bundled and tried once in the host
// itself, which alone can say whether QuickJS reads it. What stays out: bundling and keeping (lane/native/).
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runTool, type ToolEnd } from '../engines/run-tool.ts';
import { harnessError } from '../errors/errors.ts';
import { asHostError } from '../errors/host-errors.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import { laneEnv } from '../host/child-env.ts';
import { type Bundle, Unbundled } from '../lane/native/bundle.ts';
import { keepBundle, keptScript } from '../lane/native/bundle-cache.ts';
import { gaveUp, needsNode } from './process-errors.ts';

const runHost = promisify(execFile);

/** Real milliseconds for reading and evaluating a script, a hundred times what it takes. */
const trialMs = 30_000;

/** Real milliseconds that a bundle may take: sixty times what one takes on a quiet machine. Each cell of a comparison may wait so long. */
const bundleMs = 20_000;

const bundlerMain = fileURLToPath(new URL('../lane/native/bundler-main.ts', import.meta.url));

function noBundle(how: Exclude<ToolEnd['how'], 'done'>, stderr: string, limitMs: number): Error {
  const why = {
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

/**
 * The script for a set of programs, made in another process.
 *
 * @param bundler the program that makes it (bundler-main.ts)
 * @param folder for its temporary files
 * @param limitMs real
 * @throws RunInterrupted; a harness error where no bundle comes
 */
export async function bundleApart(
  bundler: string,
  modules: readonly string[],
  folder: string,
  stop: () => boolean,
  limitMs: number = bundleMs,
): Promise<Bundle | Unbundled> {
  const cancel = new AbortController();
  const watch = setInterval(() => {
    if (stop()) cancel.abort(new RunInterrupted());
  }, 50);
  try {
    const run = { cwd: folder, limitMs, signal: cancel.signal };
    const { how, stdout, stderr } = await runTool(process.execPath, ['--no-warnings', bundler, ...modules], run);
    if (how !== 'done') throw noBundle(how, stderr, limitMs);
    const made = JSON.parse(stdout) as Unbundled | { readonly script: string; readonly inputs: [string, string][] };
    return 'why' in made ? new Unbundled(made.why) : { script: made.script, inputs: new Map(made.inputs) };
  } finally {
    clearInterval(watch);
  }
}

/** What keeps the host from running a script; undefined where nothing does. */
async function refusal(
  program: string,
  file: string,
  worlds: string,
  stop: () => boolean,
): Promise<Unbundled | undefined> {
  try {
    await runHost(program, [file], { cwd: worlds, env: { ...laneEnv(worlds) }, timeout: trialMs });
    return undefined;
  } catch (error) {
    const {
      code,
      signal,
      stderr = '',
    } = error as {
      readonly code?: number | string;
      readonly signal?: string;
      readonly stderr?: string;
    };
    if (stop()) throw new RunInterrupted(); // a Ctrl-C at the terminal has reached it too
    if (typeof signal === 'string') {
      const remedy = 'Look for a loop at the top of a module, or for too little memory; or take --host node.';
      throw harnessError('NO_TRIAL', `Trying the bundled programs did not end by itself, but by ${signal}.`, remedy);
    }
    if (code !== gaveUp && code !== needsNode) throw asHostError(error);
    const [first = ''] = stderr.replace(/^lockstep: /, '').split('\n');
    return new Unbundled(code === needsNode ? `one of them ${first}` : first);
  }
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
  const bundle = await bundleApart(bundlerMain, modules, dirname(file), stop);
  if (bundle instanceof Unbundled) return bundle;
  writeFileSync(file, bundle.script);
  const refused = await refusal(program, file, worlds, stop);
  if (refused === undefined) keepBundle(modules, bundle);
  return refused;
}
