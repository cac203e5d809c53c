// Processes by name: which program one runs, what it is told, how it ended.
import type { Json } from './values.ts';

/**
 * A program over World.
 *
 * @property module absolute `file:` URL of the module (use `import.meta.resolve` or `import.meta.url`)
 * @property export the exported {@link Program}
 */
export interface WorldProgram {
  readonly module: string;
  readonly export: string;
}

/**
 * What is put under a command so that its work passes through the gate: a module that replaces Python's time, chance, threads and
 * files; one that does so in Node; a library that is loaded before all others, for what links SQLite dynamically.
 */
export const commandHosts = ['python', 'node', 'preload'] as const;
export type CommandHost = (typeof commandHosts)[number];

/** In place of an engine's version: the SQLite that commands bring themselves. Which that is they say (gate.c, tellEngine). */
export const OWN_ENGINE = 'own';

/**
 * A program as a command. In `command` and the values of `env`, `{name}` stands for the name of the process, `{world}` for
 * the folder of the run as the program sees it, and `{args.KEY}` for a field of what the process is told.
 *
 * @property command the file (absolute, or looked for in PATH) and its arguments
 * @property env beside PATH, HOME and what keeps runs alike; nothing else of the person's environment reaches the program
 * @property files folder that relative names in `command` mean where there is such a file; absolute
 */
export interface CommandProgram {
  readonly command: readonly [string, ...string[]];
  readonly host: CommandHost;
  readonly env?: { readonly [name: string]: string };
  readonly files?: string;
}

/** Where a program lives. A scenario lists its programs by name; traces and plans know the name only. */
export type ProgramRef = WorldProgram | CommandProgram;

export function isCommand(ref: ProgramRef): ref is CommandProgram {
  return 'command' in ref;
}

export function isWorldProgram(ref: ProgramRef): ref is WorldProgram {
  return !isCommand(ref);
}

/** How a process or a thread came to its end, as seen by who waits for it. */
export type Ending =
  | { readonly how: 'returned' }
  | { readonly how: 'threw'; readonly error: string }
  | { readonly how: 'exited'; readonly code: number }
  | { readonly how: 'killed'; readonly signal: string };

/** A process to start with, in order. */
export interface StartProcess {
  readonly name: string;
  readonly program: string;
  readonly args: Json;
}
