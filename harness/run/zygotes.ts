// The zygotes of one kind, one for each set of what their processes must have in common, and how one for commands is asked. What stays
// out: what that is.
import { mkdirSync } from 'node:fs';
import type { Environment } from './command-env.ts';
import type { StartOrder } from './starter.ts';
import { Zygote, type ZygoteOptions } from './zygote.ts';

/** A request for a process of a command, a line of JSON: its words behind the program, its environment, and where it speaks. */
export function commandRequest(
  words: readonly string[],
  env: Environment,
  { detached, inPath, outPath, logPath }: StartOrder,
): Uint8Array {
  const request = { words, env, detached, stdin: inPath, stdout: outPath, stderr: logPath };
  return Buffer.from(`${JSON.stringify(request)}\n`);
}

export class Zygotes {
  readonly #kind: string;
  readonly #folder: string;
  readonly #zygotes = new Map<string, Zygote>();

  /** @param folder where FIFOs and logs go; made when it is needed */
  constructor(kind: string, folder: string) {
    this.#kind = kind;
    this.#folder = folder;
  }

  /** @param common JSON: what the processes of a zygote have in common */
  of(common: unknown, options: Omit<ZygoteOptions, 'folder' | 'name'>): Zygote {
    const key = JSON.stringify(common);
    const known = this.#zygotes.get(key);
    if (known !== undefined) return known;
    mkdirSync(this.#folder, { recursive: true });
    const zygote = new Zygote({ ...options, folder: this.#folder, name: `${this.#kind}-${this.#zygotes.size}` });
    this.#zygotes.set(key, zygote);
    return zygote;
  }

  close(): void {
    for (const zygote of this.#zygotes.values()) zygote.close();
    this.#zygotes.clear();
  }
}
