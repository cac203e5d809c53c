// Asks a person on a terminal, with an answer that Enter takes. What stays out: what is asked.
import { createInterface } from 'node:readline/promises';

/** @param usual what an empty answer means; undefined: it is asked again until there is one */
export type Ask = (question: string, usual: string | undefined) => Promise<string>;

/**
 * @param on the terminal; default: this process's own
 * @returns what the body does with the answers; the signal ends it early
 */
export async function asking<T>(
  signal: AbortSignal,
  body: (ask: Ask) => Promise<T>,
  on: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream } = {
    input: process.stdin,
    output: process.stderr,
  },
): Promise<T> {
  const terminal = createInterface(on);
  try {
    return await body(async (question, usual) => {
      const shown = usual === undefined ? `${question}: ` : `${question} [${usual}]: `;
      for (;;) {
        const answer = (await terminal.question(shown, { signal })).trim();
        if (answer !== '') return answer;
        if (usual !== undefined) return usual;
      }
    });
  } finally {
    terminal.close();
  }
}
