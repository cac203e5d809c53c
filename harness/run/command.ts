// A command with its placeholders filled in, and what it needs on this machine. What stays out: how it is started
// (command-starter.ts).
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { CommandProgram, StartProcess } from '../model/process.ts';

/** The world's folder as programs see it: the same in every run, wherever the run lies (gate.c, WORLD). */
export const worldName = '/lockstep';

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function filled(text: string, { name, args }: Pick<StartProcess, 'name' | 'args'>): string {
  return text.replaceAll(/\{(name|world|args\.([A-Za-z0-9_-]+))\}/g, (_, what: string, key?: string) => {
    if (what === 'name') return name;
    if (what === 'world') return worldName;
    const fields = (args ?? {}) as { readonly [field: string]: unknown };
    return textOf(key === undefined ? undefined : fields[key]);
  });
}

/**
 * A command for one process: its placeholders filled in, its files found.
 *
 * @param ref `{name}`, `{world}`, `{args.KEY}` are replaced (model/process.ts)
 * @param process its name, and what it is told
 */
export function commandFor(ref: CommandProgram, process: Pick<StartProcess, 'name' | 'args'>): CommandProgram {
  const { files } = ref;
  const words = ref.command.map((word) => {
    const text = filled(word, process);
    if (files === undefined || isAbsolute(text) || !existsSync(join(files, text))) return text;
    return join(files, text);
  });
  const env = Object.entries(ref.env ?? {}).map(([key, value]) => [key, filled(value, process)] as const);
  return { ...ref, command: words as [string, ...string[]], env: Object.fromEntries(env) };
}

/** Which processes of two commands could stand for each other. */
export function commandKey({ command, host, env }: CommandProgram): string {
  return JSON.stringify([command, host, env ?? {}]);
}

/** Where the system finds a program, as execvp(3) looks for it; undefined where it does not. */
export function findProgram(file: string, path: string = process.env['PATH'] ?? ''): string | undefined {
  const places = file.includes('/') ? [file] : path.split(delimiter).map((folder) => join(folder || '.', file));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return statSync(place).isFile();
    } catch {
      return false;
    }
  });
}
