// What a coordinator and its processes hold does not grow with the runs that they have made: a search may make a million.
// LOCKSTEP_MEMORY_RUNS=100000 makes so many; 5,000 show a leak of a statement or a descriptor a run.
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { Held } from '../testing/memory-main.test-support.ts';
import { long } from '../testing/long.test-support.ts';

const program = fileURLToPath(new URL('../testing/memory-main.test-support.ts', import.meta.url));
const runs = process.env['LOCKSTEP_MEMORY_RUNS'] ?? '5000';

test.skipIf(process.platform !== 'linux')(
  'after all runs as much is held as after a tenth of them',
  { ...long, timeout: 30 * 60_000 },
  async () => {
    const { stdout } = await execa(process.execPath, ['--no-warnings', '--expose-gc', program, runs]);
    const samples = JSON.parse(stdout) as readonly Held[];
    const [first, last] = [samples[0]!, samples.at(-1)!];
    expect(last.runs).toBe(Number(runs));
    const grown = (of: (held: Held) => number, unit: number): number => (of(last) - of(first)) / unit;
    const mebibyte = 2 ** 20;
    expect(grown(({ heapBytes }) => heapBytes, mebibyte)).toBeLessThan(3);
    expect(grown(({ descriptors }) => descriptors, 1)).toBe(0);
    expect(grown(({ natives }) => natives, 1)).toBeLessThanOrEqual(1);
    expect(grown(({ nativeKb, natives }) => nativeKb / natives, 1024)).toBeLessThan(1);
    // What Node keeps of its heap and gives back when it likes; a statement a run that stays would be 100 MiB.
    expect(grown(({ residentBytes }) => residentBytes, mebibyte)).toBeLessThan(50);
    expect(grown(({ examinerKb }) => examinerKb, 1024)).toBeLessThan(50);
  },
);
