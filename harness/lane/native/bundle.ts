// Bundles the World and lane programs into one script for the native host: the same TypeScript as in the Node host, with what
// lies below it there (better-sqlite3, Node's modules, flock) replaced by the modules of this folder. What stays out: running
// it (host.c), and what a program may do.
import { isBuiltin } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';
import { harnessError } from '../../errors/errors.ts';
import { RunInterrupted } from '../../errors/interrupted.ts';
import { packageDir } from '../../engines/package-dir.ts';

const here = import.meta.dirname;
const lane = dirname(here);

/** Folders of what the World stands on. Programs may lie beside it. */
const bottom = [here, lane, ...['host', 'errors', 'model'].map((room) => join(dirname(lane), room))];

const entry = '\0lockstep-programs';

/** By the names under which files of the harness import them. A program that imports one is not bundled. */
const replaced: { readonly [name: string]: string } = {
  'better-sqlite3': join(here, 'better-sqlite3.ts'),
  'node:fs': join(here, 'fs.ts'),
  'node:os': join(here, 'os.ts'),
  'node:path': join(here, 'path.ts'),
  'node:worker_threads': join(here, 'worker_threads.ts'),
  'node:zlib': join(here, 'zlib.ts'),
};

/** What the language has since 2021, and QuickJS of that year lacks. */
const lacking = [
  'array/at',
  'array/find-last',
  'array/find-last-index',
  'array/to-reversed',
  'array/to-sorted',
  'array/to-spliced',
  'array/with',
  'map/group-by',
  'object/group-by',
  'object/has-own',
  'string/at',
  'typed-array/at',
  'typed-array/to-reversed',
  'typed-array/to-sorted',
] as const;

const urlModule = '\0url';
const urlText = `import ${JSON.stringify(join(packageDir('core-js'), 'web', 'url.js'))}; export const { URL } = globalThis;`;

/** Globals that a bundle has only where somebody names them. */
const named: { readonly [name: string]: [string, string] } = {
  Buffer: [join(packageDir('buffer'), 'index.js'), 'Buffer'],
  URL: [urlModule, 'URL'],
};

/** What a program cannot have here, by any meaning: no bundle is made, and it runs in the Node host. */
const onlyInNode = [
  '__dirname',
  '__filename',
  '__resolve',
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'fetch',
  'global',
  'Intl',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
  'structuredClone',
  'WebAssembly',
] as const;

const metaOnlyInNode = {
  'import.meta.dirname': '__dirname',
  'import.meta.filename': '__filename',
  'import.meta.resolve': '__resolve',
} as const;

/** A global that is not there. */
const absent = '\0absent';

/** The global `process`, of which the World's own files use `exit` (give-up.ts). */
const bottomProcess = '\0process';

const nodeGlobal = '\0node-global:';

const injected: { [name: string]: [string, string] } = {
  ...named,
  process: [bottomProcess, 'process'],
  ...Object.fromEntries(onlyInNode.map((name) => [name, [`${nodeGlobal}${name}`, 'default']])),
};

function isBottom(importer: string): boolean {
  return bottom.includes(dirname(importer)) && !importer.endsWith('.test-support.ts');
}

const polyfills = ['buffer', 'core-js'].map((name) => join(packageDir(name), sep));

/** They ask which globals there are before they use one. */
function isPolyfill(importer: string | undefined): boolean {
  return importer !== undefined && polyfills.some((folder) => importer.startsWith(folder));
}

/** What keeps a program from being bundled, as the end of a sentence that begins with its module. */
export class Unbundled {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

function entryText(modules: readonly string[]): string {
  const loads = modules.map((url) => `${JSON.stringify(url)}: () => require(${JSON.stringify(fileURLToPath(url))}),`);
  return [
    ...lacking.map((name) => `import ${JSON.stringify(join(packageDir('core-js'), 'actual', `${name}.js`))};`),
    `import ${JSON.stringify(join(here, 'globals.ts'))};`,
    `import { serveProgramsOf } from ${JSON.stringify(join(here, 'main.ts'))};`,
    `serveProgramsOf({\n${loads.join('\n')}\n});`,
  ].join('\n');
}

/** @param missing gets what no bundle can have, in words */
function resolver(modules: readonly string[], missing: string[]): Plugin {
  return {
    name: 'lockstep-native',
    async resolveId(name, importer) {
      if (name === entry) return entry;
      if (name === absent || name === urlModule) return name;
      if (isPolyfill(importer) && (name.startsWith(nodeGlobal) || name === bottomProcess)) return absent;
      if (name.startsWith(nodeGlobal)) {
        missing.push(`${importer ?? 'it'} uses ${name.slice(nodeGlobal.length)}, which only Node has`);
        return { id: name, external: true };
      }
      if (importer === undefined || importer === entry) return null;
      if (isBottom(importer)) {
        const other = replaced[name];
        if (other !== undefined) return other;
        if (name === bottomProcess) return join(here, 'process.ts');
        if (name === './file-lock.ts' && dirname(importer) === lane) return join(here, 'file-lock.ts');
      }
      if (name === bottomProcess) missing.push(`${importer} uses process, which only Node has`);
      else if (isBuiltin(name)) missing.push(`${importer} imports ${name}, which only Node has`);
      else {
        const found = await this.resolve(name, importer, { skipSelf: true });
        if (found !== null && found.external === false) return found;
        missing.push(`${importer} imports ${name}, which is not to be found`);
      }
      return { id: name, external: true };
    },
    load(id) {
      if (id === entry) return entryText(modules);
      if (id === absent) return 'export default undefined; export const process = undefined;';
      if (id === urlModule) return urlText;
      return null;
    },
    transform(code, id) {
      if (!code.includes('import.meta.url')) return null;
      return code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href));
    },
  };
}

/** Real milliseconds that a bundle may take: two hundred times what one takes on a quiet machine. */
const bundleMs = 60_000;

/**
 * Waits for a bundle, which may never come: where the system gives no thread, rolldown says nothing and waits for one.
 *
 * @param stop asked several times a second; true ends the wait with RunInterrupted
 * @param limitMs real
 * @throws a harness error when it does not come
 */
export async function inTime<Result>(
  bundle: Promise<Result>,
  stop: () => boolean,
  limitMs: number = bundleMs,
): Promise<Result> {
  const began = performance.now();
  let watch: NodeJS.Timeout | undefined;
  const given = new Promise<never>((_, reject) => {
    watch = setInterval(() => {
      if (stop()) reject(new RunInterrupted());
      if (performance.now() - began < limitMs) return;
      reject(
        harnessError(
          'NO_BUNDLE',
          `The programs could not be bundled within ${limitMs / 1000} s: most likely the system gives no further thread.`,
          'Raise the limit on processes (`ulimit -u`, or that of the container), or take --host node.',
        ),
      );
    }, 50);
  });
  try {
    return await Promise.race([bundle, given]);
  } finally {
    clearInterval(watch);
  }
}

/**
 * The script for a set of programs.
 *
 * @param modules `file:` URLs
 * @returns the text of the script, or why there is none
 */
export async function bundlePrograms(modules: readonly string[]): Promise<string | Unbundled> {
  const missing: string[] = [];
  try {
    await using build = await rolldown({
      input: entry,
      cwd: here, // not where somebody happens to stand
      plugins: [resolver(modules, missing)],
      platform: 'neutral',
      transform: { target: 'es2022', inject: injected, define: metaOnlyInNode },
      onLog: () => {},
    });
    const { output } = await build.generate({ format: 'iife', codeSplitting: false });
    const [first] = missing;
    // A script is sloppy where it does not say otherwise, and a module never is.
    return first === undefined ? `'use strict';\n${output[0].code}` : new Unbundled(first);
  } catch (error) {
    return new Unbundled(error instanceof Error ? error.message : String(error));
  }
}
