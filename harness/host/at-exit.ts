// What has to be undone when this process exits in the middle of it, however it does. What stays out: a SIGKILL, after
// which the next process clears up.

import { holdSignals } from './signals.ts';

const cleanups = new Set<() => void>();

process.on('exit', () => {
  holdSignals(() => {
    for (const cleanup of [...cleanups].toReversed()) {
      try {
        cleanup();
      } catch {
        // The others must still have their turn, and nobody is left to hear of it.
      }
    }
  });
});

/**
 * Has `cleanup` called when this process exits; the latest first, so that what works in a folder ends before the folder goes.
 *
 * @returns takes it back
 */
export function atExit(cleanup: () => void): () => void {
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
  };
}
