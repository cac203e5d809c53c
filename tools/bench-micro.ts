// `npm run bench:micro`: times the functions that a run spends itself in. Each `*.bench.ts` stands beside what it measures and
// exports `addTasks`; here they run, one after the other, and become a table or JSON. What stays out: time to
// a known bug and costs of strategies, which whole processes take (`lockstep bench`).
import { globSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Bench, type Task } from 'tinybench';

/** What a bench file exports. Result: what is to be closed when all has been measured. */
type AddTasks = (bench: Bench) => Disposable | void | Promise<Disposable | void>;

/**
 * What one task took.
 *
 * @property meanMs of a call, with its 95 % confidence interval: samples are taken as independent of each other
 * @property medianMs what a load beside it moves least
 */
export interface Timing {
  readonly name: string;
  readonly meanMs: number;
  readonly lowMs: number;
  readonly highMs: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly samples: number;
}

/** @throws the error of a task that failed */
export function timingOf({ name, result }: Pick<Task, 'name' | 'result'>): Timing {
  if (result.state === 'errored') throw new Error(`"${name}" failed.`, { cause: result.error });
  if (result.state !== 'completed') throw new Error(`"${name}" did not come to its end: ${result.state}.`);
  const { mean, moe, p50, p99, samplesCount } = result.latency;
  return {
    name,
    meanMs: mean,
    lowMs: Math.max(0, mean - moe),
    highMs: mean + moe,
    medianMs: p50,
    p99Ms: p99,
    samples: samplesCount,
  };
}

/** `1.23 ms`, `456 µs`: three digits that count. */
export function durationText(ms: number): string {
  const [value, unit] = ms >= 1000 ? [ms / 1000, 's'] : ms >= 1 ? [ms, 'ms'] : [ms * 1000, 'µs'];
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`;
}

/** The table, as lines. */
export function tableOf(timings: readonly Timing[]): readonly string[] {
  const rows = [
    ['', 'mean', '95 % interval', 'median', 'p99', 'samples'],
    ...timings.map(({ name, meanMs, lowMs, highMs, medianMs, p99Ms, samples }) => [
      name,
      durationText(meanMs),
      `${durationText(lowMs)} to ${durationText(highMs)}`,
      durationText(medianMs),
      durationText(p99Ms),
      String(samples),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

async function addAll(files: readonly string[], bench: Bench, open: DisposableStack): Promise<void> {
  for (const file of files) {
    const { addTasks } = (await import(pathToFileURL(resolve(file)).href)) as { readonly addTasks?: AddTasks };
    if (typeof addTasks !== 'function') throw new Error(`${file} exports no function \`bench\` that adds its tasks.`);
    const opened = await addTasks(bench);
    if (opened !== undefined) open.use(opened);
  }
}

async function measure(timeMs: number): Promise<readonly Timing[]> {
  const files = globSync('**/*.bench.ts', { exclude: ['node_modules/**'] }).toSorted();
  const bench = new Bench({ time: timeMs, warmupTime: timeMs / 4 });
  using open = new DisposableStack();
  await addAll(files, bench, open);
  const tasks = await bench.run();
  return tasks.map((task) => timingOf(task));
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { json: { type: 'string' }, 'time-ms': { type: 'string', default: '1000' } },
  });
  const timeMs = Number(values['time-ms']);
  if (!Number.isInteger(timeMs) || timeMs < 1) {
    throw new Error(`--time-ms is "${values['time-ms']}". It takes whole milliseconds for each task, 1 or more.`);
  }
  const timings = await measure(timeMs);
  if (values.json !== undefined) {
    const about = { node: process.version, platform: `${process.platform} ${process.arch}`, timeMs };
    writeFileSync(values.json, `${JSON.stringify({ format: 1, ...about, timings }, null, 2)}\n`);
  }
  process.stdout.write(`${tableOf(timings).join('\n')}\n`);
}
