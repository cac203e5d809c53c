// A project of somebody's own that has installed the package: packed here, installed into an empty folder, and nothing of the checkout
// within its reach. What stays out: what is tried there.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';

export const root = dirname(import.meta.dirname);

/** Without what npm tells its children of this project, and without what is installed in it. */
const env = Object.fromEntries(
  Object.entries(process.env)
    .filter(([name]) => !/^(?:npm_|NODE_|VITEST|INIT_CWD|FORCE_COLOR)/i.test(name))
    .map(([name, value]) => [
      name,
      name === 'PATH'
        ? (value ?? '')
            .split(':')
            .filter((one) => !one.startsWith(root))
            .join(':')
        : value,
    ]),
);

export interface Outcome {
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** The version that this project uses of a package, such as `vitest@1.2.3`. */
export function versioned(name: string): string {
  const { devDependencies } = z
    .object({ devDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  return `${name}@${devDependencies[name]}`;
}

let packing: Promise<string> | undefined;

/** Packs the package, once. Result: absolute path. */
async function packed(): Promise<string> {
  packing ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-packed-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const { stdout } = await execa('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
    const [{ filename }] = z
      .tuple([z.object({ filename: z.string() })])
      .parse(JSON.parse(stdout.slice(stdout.indexOf('[\n'))));
    return join(folder, filename);
  })();
  return packing;
}

export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'lockstep-package-'));

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs a program there. */
  async at(file: string, args: readonly string[], cwd = this.folder): Promise<Outcome> {
    const got = await execa(file, args, { cwd, env, extendEnv: false, reject: false, stdin: 'ignore' });
    return { code: got.exitCode, out: got.stdout, err: got.stderr };
  }

  /** Installs the package. @param beside other packages, with their versions */
  async install(beside: readonly string[] = []): Promise<void> {
    const options = ['--save-dev', '--prefer-offline', '--no-audit', '--no-fund'];
    const got = await this.at('npm', ['install', ...options, await packed(), ...beside]);
    if (got.code !== 0) throw new Error(got.err);
  }

  /**
   * Types what a page says to type, with the package that is packed here for the one of the registry, and answers for a person.
   *
   * @param answers what is typed behind a line that asks on a terminal
   */
  async type(script: string, answers: { readonly [line: string]: string }): Promise<void> {
    for (const line of script.split('\n')) {
      const typed = `${line.replace(/^(npm install .*) lockstep$/, `$1 --prefer-offline ${await packed()}`)} ${answers[line] ?? ''}`;
      const { code, out, err } = await this.at('sh', ['-c', typed]);
      if (code !== 0) throw new Error(`exit code ${code}: ${line}\n${out}\n${err}`);
    }
  }

  /**
   * Runs `npx lockstep`.
   *
   * @param args of a command that gives a document
   * @throws where it gives none: what it says instead
   */
  async document<T extends z.ZodType>(
    args: readonly string[],
    shape: T,
  ): Promise<{ readonly code: number | undefined; readonly document: z.infer<T> }> {
    const { code, out, err } = await this.at('npx', ['lockstep', ...args, '--json']);
    if (out === '') throw new Error(err);
    return { code, document: shape.parse(JSON.parse(out)) };
  }
}
