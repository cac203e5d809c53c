// Texts between two processes of ours, a line each, over pipes that block: what an examiner and a process that runs free are
// asked and answer. What stays out: waiting with a limit, as the coordinator does (waiting.ts).
import { readSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { setImmediate as turn } from 'node:timers/promises';

/**
 * The lines that come, until nobody is left to write; what comes after the last line feed is none. Before each the event loop
 * turns: only then does Node free what belongs to objects of addons that have gone (node_api.h, finalizers), such as
 * SQLite's statements.
 */
export async function* readLines(fd: number): AsyncGenerator<string> {
  const chunk = Buffer.alloc(1 << 16);
  const decoder = new StringDecoder('utf8'); // a chunk may end within a character
  let waiting = '';
  for (;;) {
    const n = readSync(fd, chunk, 0, chunk.length, null);
    if (n === 0) return;
    waiting += decoder.write(chunk.subarray(0, n));
    for (let end = waiting.indexOf('\n'); end >= 0; end = waiting.indexOf('\n')) {
      const line = waiting.slice(0, end);
      waiting = waiting.slice(end + 1);
      await turn();
      yield line;
    }
  }
}

/** @param text without a line feed */
export function writeLine(fd: number, text: string): void {
  const bytes = Buffer.from(`${text}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
