// Can a program be started? Its module is loaded as a lane process loads it (lane/host.ts), once; a command is looked for. What
// stays out: what the program does.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CommandProgram, isCommand, type ProgramRef, type WorldProgram } from '../model/process.ts';
import { findProgram } from './command.ts';
import { machineLimit } from '../errors/machine-limits.ts';

const load = createRequire(import.meta.url);
const known = new Map<string, string | undefined>();

/**
 * Why this program cannot be started, as the end of a sentence; undefined when it can.
 *
 * @throws a harness error when the machine does not let it be read
 */
export function programComplaint(ref: ProgramRef): string | undefined {
  if (isCommand(ref)) return commandComplaint(ref);
  const key = `${ref.module}#${ref.export}`;
  if (!known.has(key)) known.set(key, complaintOf(ref));
  return known.get(key);
}

function commandComplaint({ command: [file], files }: CommandProgram): string | undefined {
  if (file.includes('{') || findProgram(file) !== undefined) return undefined;
  const own = files === undefined ? undefined : findProgram(join(files, file));
  if (own !== undefined) return undefined;
  return `its command ${JSON.stringify(file)} is no program that can be run here, by PATH or as a file`;
}

function complaintOf({ module, export: name }: WorldProgram): string | undefined {
  let path: string;
  try {
    path = fileURLToPath(module);
  } catch {
    return `its module ${JSON.stringify(module)} is no file: URL; take new URL('./x.program.ts', import.meta.url).href`;
  }
  let loaded: { readonly [name: string]: unknown };
  try {
    loaded = load(path) as { readonly [name: string]: unknown };
  } catch (error) {
    const limit = machineLimit(error, `The module ${path} could not be loaded`);
    if (limit !== undefined) throw limit;
    const reason = error instanceof Error ? error.message : String(error);
    return `its module does not load: ${reason.split('\n')[0] ?? ''}`;
  }
  if (typeof loaded[name] === 'function') return undefined;
  const functions = Object.keys(loaded).filter((one) => typeof loaded[one] === 'function');
  return `its module exports no function ${JSON.stringify(name)}, only ${functions.join(', ') || 'none at all'}`;
}
