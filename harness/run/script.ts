// The script that the native host runs for a set of programs: the kept one, else one that is bundled and tried once in the host
// itself, which alone can say whether QuickJS reads it. What stays out: bundling and keeping (lane/native/).
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { asHostError } from '../errors/host-errors.ts';
import { laneEnv } from '../host/child-env.ts';
import { bundlePrograms, inTime, Unbundled } from '../lane/native/bundle.ts';
import { keepBundle, keptScript } from '../lane/native/bundle-cache.ts';
import { gaveUp, needsNode } from './process-errors.ts';

const run = promisify(execFile);

/** Real milliseconds for reading and evaluating a script, a hundred times what it takes. */
const trialMs = 30_000;

/** What keeps the host from running a script; undefined where nothing does. */
async function refusal(program: string, file: string, worlds: string): Promise<Unbundled | undefined> {
  try {
    await run(program, [file], { cwd: worlds, env: { ...laneEnv(worlds) }, timeout: trialMs });
    return undefined;
  } catch (error) {
    const { code, stderr = '' } = error as { readonly code?: number | string; readonly stderr?: string };
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
  const bundle = await inTime(bundlePrograms(modules), stop);
  if (bundle instanceof Unbundled) return bundle;
  writeFileSync(file, bundle.script);
  const refused = await refusal(program, file, worlds);
  if (refused === undefined) keepBundle(modules, bundle);
  return refused;
}
