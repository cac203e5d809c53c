// Ranges that are there at once: what a worker would bring after its ten seconds, so that a bench waits for the store alone.
import { randomBytes } from 'node:crypto';
import type { RangeMaker } from '../runs.ts';

/** @param runs of each range, as far as its result is large: 8 bytes each */
export function readyRanges(runs: number): RangeMaker {
  const fingerprints = randomBytes(8 * runs);
  return {
    make: (_, { first, count }) => {
      fingerprints.writeUInt32BE(first % 2 ** 32); // so that no two are the same, and nothing compresses them away
      return Promise.resolve({
        first,
        count,
        reached: Math.floor(count / 3),
        steps: 4000 * count,
        seconds: 10,
        marks: { 'wal reset inside a checkpoint': Math.floor(count / 3), 'checkpoint truncated the wal': count },
        hazards: [],
        failed: {},
        kept: [],
        fingerprints,
        hashes: Buffer.alloc(32, first % 251),
        coverage: [],
      });
    },
    close: () => Promise.resolve(),
  };
}
