// `npm run bench:rates -- --against REV`: how many random runs a second this tree makes, and how many another commit of this
// repository, side by side on one machine: the other is cloned and built, the two take turns, and what is printed are
// ratios. A cell goes on past failures: it is asked for one invariant only, which its runs do not violate. What stays out:
// how runs are made (lockstep run).
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command as Program, InvalidArgumentError } from 'commander';
import { execa } from 'execa';
import { z } from 'zod';
import { cells, type Cell, nameOf } from './cells.ts';
import { type Measured, tableOf } from './table.ts';

const root = join(import.meta.dirname, '../..');

/** What `lockstep run --json` says of its runs, in every commit. */
const runShape = z.looseObject({ runs: z.number(), steps: z.number(), seconds: z.number() });

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It takes a whole number from 1 on.');
  return value;
}

const options = new Program('bench:rates')
  .description('Random runs a second of this tree and of another commit, side by side.')
  .requiredOption('--against <rev>', 'the other commit')
  .option('--rounds <n>', 'so many times each cell on each side', whole, 3)
  .option('--time <seconds>', 'for one cell on one side', whole, 30)
  .option('--jobs <n>', 'as `lockstep run` takes it', whole, 2)
  .option('--engine <version>', 'SQLite version', '3.54.1')
  .option('--cells <names>', `these, with commas; known are ${cells.map(nameOf).join(', ')}`)
  .option('--json <file>', 'keeps what was measured')
  .parse()
  .opts<{
    readonly against: string;
    readonly rounds: number;
    readonly time: number;
    readonly jobs: number;
    readonly engine: string;
    readonly cells?: string;
    readonly json?: string;
  }>();

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** A clone of this repository at a commit, with its packages and the engine: its path. */
async function built(rev: string, folder: string): Promise<string> {
  const clone = join(folder, 'against');
  say(`cloning and building ${rev}`);
  await execa('git', ['clone', '--quiet', '--shared', root, clone]);
  await execa('git', ['checkout', '--quiet', rev], { cwd: clone });
  await execa('npm', ['ci', '--no-audit', '--no-fund'], { cwd: clone });
  await lockstep(clone, ['engines', 'build', options.engine]);
  return clone;
}

/** Exit codes of a verdict are no failure of the measurement. */
async function lockstep(tree: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await execa('node', ['--no-warnings', 'cli/lockstep.js', ...args], {
    cwd: tree,
    preferLocal: true,
    localDir: tree,
    reject: false,
    stdin: 'ignore',
  });
  if (exitCode !== undefined && [0, 1, 3].includes(exitCode)) return stdout;
  throw new Error(`lockstep ${args.join(' ')} in ${tree} ended with ${exitCode}: ${stderr}`);
}

async function measure(tree: string, { scenario, strategy, only }: Cell, seed: number, out: string): Promise<Measured> {
  const { time, jobs, engine } = options;
  const cell = ['run', scenario, '--strategy', strategy, '--engine', engine, '--only', only];
  const budget = ['--time', `${time}s`, '--jobs', String(jobs), '--seed', String(seed), '--no-shrink'];
  const said = await lockstep(tree, [...cell, ...budget, '--out', out, '--json']);
  const { runs, steps, seconds } = runShape.parse(JSON.parse(said));
  return { runs, steps, seconds };
}

function chosen(): readonly Cell[] {
  const names = options.cells?.split(',');
  const unknown = names?.find((name) => !cells.some((cell) => nameOf(cell) === name));
  if (unknown !== undefined) throw new Error(`There is no cell ${unknown}. Known are ${cells.map(nameOf).join(', ')}.`);
  return cells.filter((cell) => names?.includes(nameOf(cell)) ?? true);
}

const folder = await mkdtemp(join(tmpdir(), 'lockstep-rates-'));
const results = new Map(chosen().map((cell) => [nameOf(cell), { here: [] as Measured[], there: [] as Measured[] }]));
try {
  const there = await built(options.against, folder);
  await lockstep(root, ['engines', 'build', options.engine]);
  for (let round = 1; round <= options.rounds; round++)
    for (const cell of chosen()) {
      say(`round ${round} of ${options.rounds}: ${nameOf(cell)}`);
      const sides = [
        { tree: root, side: 'here' },
        { tree: there, side: 'there' },
      ] as const;
      // Each goes first in every other round: a machine gets slower or faster meanwhile.
      for (const { tree, side } of round % 2 === 1 ? sides : sides.toReversed())
        results.get(nameOf(cell))?.[side].push(await measure(tree, cell, round, folder));
      if (options.json !== undefined)
        await writeFile(
          options.json,
          `${JSON.stringify({ format: 1, ...options, cells: Object.fromEntries(results) }, null, 2)}\n`,
        );
    }
  process.stdout.write(`${tableOf(results, options.against)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
