// The zygotes of one kind, one for each set of what their processes must have in common. What stays out: what that is.
import { mkdirSync } from 'node:fs';
import { Zygote, type ZygoteOptions } from './zygote.ts';

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
