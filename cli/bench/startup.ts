// `npm run bench:startup`: how long a person waits. Node alone, and in turns with it the front door that tells what it takes, lists
// what there is, and finds a known bug, as whole processes: to their end, or to the first line that is said. Medians, and how
// many times Node alone each takes. What stays out: how long the rest of a search takes (bench.ts).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { machinesOf } from '../../harness/run/machines.ts';
import { median } from './statistics.ts';

const engine = '3.51.2';
const lockstep = fileURLToPath(new URL('../lockstep.js', import.meta.url));
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' } } });

/** Real milliseconds until a process says something; without a word until its end. It goes on to its end. */
async function waitMs(args: readonly string[], until: 'end' | 'first line'): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said: number | undefined;
  child.stderr.on('data', () => (said ??= performance.now()));
  await once(child, 'close');
  const end = until === 'end' ? performance.now() : said;
  if (end === undefined) throw new Error(`\`node ${args.join(' ')}\` said nothing.`);
  return end - began;
}

await machinesOf([engine]);
const out = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
const run = ['run', 'wal-reset', '--engine', engine];
const waits = [
  { name: 'node alone', args: ['-e', '0'], until: 'end' },
  { name: 'lockstep --help', args: [lockstep, '--help'], until: 'end' },
  { name: 'lockstep list', args: [lockstep, 'list'], until: 'end' },
  {
    name: `lockstep ${run.join(' ')}, to its first line`,
    args: [lockstep, ...run, '--no-shrink', '--out', out],
    until: 'first line',
  },
] as const;
const taken = waits.map((): number[] => []);
try {
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [i, { args, until }] of waits.entries()) taken[i]?.push(await waitMs(args, until));
} finally {
  rmSync(out, { recursive: true });
}
const alone = median(taken[0] ?? []);
for (const [i, { name }] of waits.entries()) {
  const ms = median(taken[i] ?? []);
  process.stdout.write(`${name.padEnd(62)}${ms.toFixed(0).padStart(6)} ms${(ms / alone).toFixed(1).padStart(7)} ×\n`);
}
