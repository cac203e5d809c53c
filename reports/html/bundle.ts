// The page's script and style, bundled at report time in another process (bundler-main.ts). What stays out: the data they show.
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';
import { readJson } from '../../harness/model/reading/json-text.ts';

/** What the bundler prints. */
const printed = z.object({ script: z.string(), style: z.string() });

export type PageBundle = Readonly<z.infer<typeof printed>>;

const bundlerMain = fileURLToPath(new URL('./bundler-main.ts', import.meta.url));

/** Real milliseconds that it may take: a hundred times what it takes on a quiet machine. */
const bundleMs = 60_000;

let bundled: Promise<PageBundle> | undefined;

/**
 * @returns script and style of the page, minified; made once a process, the same each time from the same sources
 * @throws an error whose message says in a line why there is none
 */
export async function bundlePage(): Promise<PageBundle> {
  bundled ??= bundle(bundlerMain);
  return bundled;
}

/**
 * As {@link bundlePage}, made anew.
 *
 * @param bundler the program that makes it
 */
export async function bundle(bundler: string): Promise<PageBundle> {
  // Nothing of the person's shell: neither options for Node nor a locale.
  const alone = { env: { TZ: 'UTC', LC_ALL: 'C' }, extendEnv: false, timeout: bundleMs, reject: false } as const;
  const made = await execa(process.execPath, ['--no-warnings', bundler], alone);
  const { json } = { json: undefined, ...readJson(made.stdout) };
  const read = made.failed ? undefined : printed.safeParse(json);
  if (read?.success === true) return read.data;
  const lacked = /os error \d+|code: \d+, [^}]*/.exec(made.stderr)?.[0].trim();
  const how = made.timedOut
    ? `it took more than ${bundleMs / 1000} s, most likely since the system gives no further thread`
    : read !== undefined
      ? 'what the process that does it has printed is no bundle'
      : `the process that does it ended by ${made.signal ?? `exit code ${made.exitCode}`}${lacked === undefined ? '' : ` (${lacked})`}`;
  throw new Error(
    `its script was not bundled: ${how}. Raise the limits on processes and memory (\`ulimit -u\`, \`ulimit -v\`)`,
  );
}
