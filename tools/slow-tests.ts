// Which tests are slow: those that took more than a bound of processor time when they were last measured, in slow-tests.json by file and
// name, with the seconds. `npm test` spends a budget on them a day, and each has its day. `npm run test:times` measures them anew, with
// LOCKSTEP_PART=today those whose turn it is. A test that is not in the list, because it is new or was renamed, is not slow: it runs every
// time, or by its name if it is a long one (long-tests.ts).
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { lastingName, type LongTurn } from './long-tests.ts';

/** Processor seconds that a test may take without being slow. */
const slowS = 0.1;

/** Processor seconds that slow tests take on one day, but for what one more of them takes. */
const dayS = 30;

const root = fileURLToPath(new URL('..', import.meta.url));
const listFile = fileURLToPath(new URL('slow-tests.json', import.meta.url));

/** Names of tests (suites and test, ` > ` between them) by file, from the root of the repository. */
export type Names = { readonly [file: string]: readonly string[] };

/** The same, with the processor seconds that each takes. */
export type SlowTests = { readonly [file: string]: { readonly [name: string]: number } };

export function readSlowTests(): SlowTests {
  const seconds = z.record(z.string(), z.number().positive());
  return z.record(z.string(), seconds).parse(JSON.parse(readFileSync(listFile, 'utf8')));
}

interface Slow {
  readonly file: string;
  readonly name: string;
  readonly seconds: number;
}

/**
 * The slow tests of each day: the longest first, each to the day that has least to do.
 *
 * @returns as many days as the budget makes of them
 */
export function slowDays(slow: SlowTests, budgetS = dayS): readonly Names[] {
  const tests = Object.entries(slow).flatMap(([file, of]) =>
    Object.entries(of).map(([name, seconds]): Slow => ({ file, name, seconds })),
  );
  const sum = tests.reduce((all, { seconds }) => all + seconds, 0);
  const days = Array.from({ length: Math.max(1, Math.ceil(sum / budgetS)) }, () => ({ seconds: 0, of: [] as Slow[] }));
  const key = ({ file, name }: Slow): string => `${file} ${name}`;
  for (const test of tests.toSorted((a, b) => b.seconds - a.seconds || (key(a) < key(b) ? -1 : 1))) {
    const least = days.reduce((one, other) => (other.seconds < one.seconds ? other : one));
    least.of.push(test);
    least.seconds += test.seconds;
  }
  return days.map(({ of }) =>
    Object.fromEntries(
      [...Map.groupBy(of, ({ file }) => file)].map(([file, all]) => [file, all.map(({ name }) => name)]),
    ),
  );
}

/** Which of the days a turn of long tests has; undefined where all slow tests run: who names files and no part gets all that are in them. */
export function slowDayOf(turn: LongTurn, days: number): number | undefined {
  return typeof turn === 'number' ? turn % days : undefined;
}

/** The slow tests of all days but one. */
export function slowLeftOut(days: readonly Names[], day: number | undefined): Names {
  const others = day === undefined ? [] : days.filter((_, i) => i !== day);
  const files = new Set(others.flatMap((names) => Object.keys(names)));
  return Object.fromEntries([...files].map((file) => [file, others.flatMap((names) => names[file] ?? [])]));
}

/** What Vitest's JSON reporter writes, as far as it counts here. */
const measured = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(
        z.object({
          ancestorTitles: z.array(z.string()),
          title: z.string(),
          status: z.string(),
          meta: z.object({ processorMs: z.number().optional() }),
        }),
      ),
    }),
  ),
});

/**
 * @param report document of Vitest's JSON reporter, of a run that measured (LOCKSTEP_TIMES=1)
 * @param folder where the files that it names lie. Whose name has this place in it, or the home of who measured, has another one elsewhere:
 *   it is left out
 */
export function slowTestsOf(report: unknown, folder: string): SlowTests {
  const files = measured.parse(report).testResults.map(({ name, assertionResults }) => {
    const all = assertionResults.map((result) => ({
      full: nameOf(result),
      seconds: result.status === 'passed' ? (result.meta.processorMs ?? 0) / 1000 : 0,
    }));
    const slow = all
      .filter(({ full, seconds }) => seconds > slowS && !full.includes(folder) && !full.includes(homedir()))
      .map(({ full, seconds }) => [full, Math.round(seconds * 10) / 10] as const);
    return [relative(folder, name), inOrder(Object.fromEntries(slow))] as const;
  });
  return inOrder(Object.fromEntries(files.filter(([, slow]) => Object.keys(slow).length > 0)));
}

/**
 * A list with what was measured later: who ran has the new figure, or is not slow any more; who was left out keeps the old one.
 *
 * @param slow the old list
 * @param report, folder as slowTestsOf takes them
 */
export function slowTestsSince(slow: SlowTests, report: unknown, folder: string): SlowTests {
  const now = slowTestsOf(report, folder);
  const all = new Map(Object.entries(slow));
  for (const { name, assertionResults } of measured.parse(report).testResults) {
    const file = relative(folder, name);
    const leftOut = assertionResults.filter(({ status }) => status !== 'passed').map(nameOf);
    const old = Object.entries(slow[file] ?? {}).filter(([of]) => leftOut.includes(of));
    all.set(file, inOrder({ ...Object.fromEntries(old), ...now[file] }));
  }
  return inOrder(Object.fromEntries([...all].filter(([, of]) => Object.keys(of).length > 0)));
}

const nameOf = ({ ancestorTitles, title }: { readonly ancestorTitles: readonly string[]; readonly title: string }) =>
  lastingName([...ancestorTitles, title].join(' > '));

function inOrder<T>(named: { readonly [name: string]: T }): { readonly [name: string]: T } {
  return Object.fromEntries(Object.entries(named).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Files of the list that there are not any more. */
export function goneFrom(slow: SlowTests): readonly string[] {
  return Object.keys(slow).filter((file) => !existsSync(`${root}${file}`));
}

if (import.meta.main) {
  const [report] = process.argv.slice(2);
  if (report === undefined) {
    process.stderr.write('It takes the document of Vitest’s JSON reporter.\n');
    process.exit(2);
  }
  const slow = slowTestsSince(readSlowTests(), JSON.parse(readFileSync(report, 'utf8')), root);
  writeFileSync(listFile, `${JSON.stringify(slow, null, 2)}\n`);
  const seconds = Object.values(slow).flatMap((of) => Object.values(of));
  const sum = seconds.reduce((all, one) => all + one, 0);
  process.stdout.write(
    `${seconds.length} tests in ${Object.keys(slow).length} files are slow and take ${sum.toFixed(0)} s of processors: ${relative(process.cwd(), listFile)}\n`,
  );
}
