// Which tests are slow: those that took longer than a bound when they were last measured, by file and name, in slow-tests.json.
// `npm run test:times` measures them anew, on a quiet machine. A test that is not in the list, because it is new or was renamed, is not
// slow: it runs every time. What stays out: whose turn it is (long-tests.ts).
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Milliseconds that a test may take without being slow. */
const slowMs = 400;

const root = fileURLToPath(new URL('..', import.meta.url));
const listFile = fileURLToPath(new URL('slow-tests.json', import.meta.url));

/** Names of slow tests (suites and test, ` > ` between them) by file, from the root of the repository. */
export type SlowTests = { readonly [file: string]: readonly string[] };

export function readSlowTests(): SlowTests {
  return z.record(z.string(), z.array(z.string())).parse(JSON.parse(readFileSync(listFile, 'utf8')));
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
          duration: z.number().nullish(),
        }),
      ),
    }),
  ),
});

/**
 * @param report document of Vitest's JSON reporter
 * @param folder where the files that it names lie. Whose name has this place in it, or the home of who measured, has another one elsewhere:
 *   it is left out
 * @param scale how many times as slow as a quiet machine the one was that it was measured on
 */
export function slowTestsOf(report: unknown, folder: string, scale = 1): SlowTests {
  const files = measured.parse(report).testResults.map(({ name, assertionResults }) => {
    const slow = assertionResults.filter(
      ({ status, duration }) => status === 'passed' && (duration ?? 0) > slowMs * scale,
    );
    return [
      relative(folder, name),
      slow
        .map(({ ancestorTitles, title }) => [...ancestorTitles, title].join(' > '))
        .filter((one) => !one.includes(folder) && !one.includes(homedir())),
    ] as const;
  });
  return Object.fromEntries(
    files
      .filter(([, names]) => names.length > 0)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([file, names]) => [file, names.toSorted()]),
  );
}

/** Files of the list that there are not any more. */
export function goneFrom(slow: SlowTests): readonly string[] {
  return Object.keys(slow).filter((file) => !existsSync(`${root}${file}`));
}

if (import.meta.main) {
  const [report, scale = '1'] = process.argv.slice(2);
  if (report === undefined || !(Number(scale) > 0)) {
    process.stderr.write(
      'It takes the document of Vitest’s JSON reporter, and how many times as slow as quiet the machine was.\n',
    );
    process.exit(2);
  }
  const slow = slowTestsOf(JSON.parse(readFileSync(report, 'utf8')), root, Number(scale));
  writeFileSync(listFile, `${JSON.stringify(slow, null, 2)}\n`);
  const count = Object.values(slow).flat().length;
  process.stdout.write(
    `${count} tests in ${Object.keys(slow).length} files are slow: ${relative(process.cwd(), listFile)}\n`,
  );
}
