// Makers of programs, for `programs` of a scenario. Names of files in them are relative to the file that declares it. What stays out: how
// a program runs (lane/, run/).
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommandHost, ProgramRef } from '../model/process.ts';

/**
 * A program whose files wait for the file that declares the scenario.
 *
 * @param from `file:` URL of that file
 */
export type ProgramMaker = (from: string) => ProgramRef;

/**
 * A program over World: a function `(world, args) => void` that a module exports.
 *
 * @param module its path, relative to the scenario's file
 * @param name of the exported function
 */
export function world(module: string, name: string): ProgramMaker {
  return (from) => ({ module: new URL(module, from).href, export: name });
}

/**
 * What a command has besides its words. In words and values `{name}` stands for the name of the process, `{world}` for the folder of
 * the run, which is its working directory, and `{args.KEY}` for a field of what `start` gives it.
 *
 * @property env of the program, beside PATH and HOME: nothing else of your own reaches it
 */
export interface CommandOptions {
  readonly env?: { readonly [name: string]: string };
}

/**
 * Any program that links libsqlite3 dynamically, or runs one that does.
 *
 * @param words as at a shell; those that begin with `./` or `../` are files, relative to the scenario's. Any other stays as it is:
 *   `app.db` is one in the folder of the run, whatever lies beside the scenario
 */
export function command([file, ...words]: readonly [string, ...string[]], options: CommandOptions = {}): ProgramMaker {
  return (from) => {
    const found = (word: string): string => (/^\.{1,2}\//.test(word) ? beside(from, word) : word);
    return { command: [found(file), ...words.map(found)], host: 'preload', ...options };
  };
}

/**
 * A program in Python that uses its sqlite3.
 *
 * @param script relative to the scenario's file
 * @param args of the script
 * @param options.interpreter default `python3`
 */
export function python(
  script: string,
  args: readonly string[] = [],
  { interpreter = 'python3', ...options }: CommandOptions & { readonly interpreter?: string } = {},
): ProgramMaker {
  return scriptOf('python', interpreter, script, args, options);
}

/**
 * A program of Node's that uses better-sqlite3 or `node:sqlite`.
 *
 * @param script relative to the scenario's file
 * @param args of the script
 */
export function node(script: string, args: readonly string[] = [], options: CommandOptions = {}): ProgramMaker {
  return scriptOf('node', 'node', script, args, options);
}

function scriptOf(
  host: CommandHost,
  interpreter: string,
  script: string,
  args: readonly string[],
  options: CommandOptions,
): ProgramMaker {
  return (from) => ({ command: [interpreter, beside(from, script), ...args], host, ...options });
}

/** The absolute path of a file, relative to another one. */
function beside(from: string, path: string): string {
  return resolve(dirname(fileURLToPath(from)), path);
}
