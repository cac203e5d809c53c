// Processes by name: which program one runs, what it is told, how it ended.
import type { Json } from './values.ts';

/**
 * Where a program lives. A scenario lists its programs by name; traces and plans know the name only.
 *
 * @property module absolute `file:` URL of the module (use `import.meta.resolve` or `import.meta.url`)
 * @property export the exported {@link Program}
 */
export interface ProgramRef {
  readonly module: string;
  readonly export: string;
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
