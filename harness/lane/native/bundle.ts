// Bundles the World and lane programs into one script for the native host: the same TypeScript as in the Node host, with what
// lies below it there (better-sqlite3, Node's modules, flock) replaced by the modules of this folder. What stays out: running
// it (host.c), and what a program may do.
import { isBuiltin } from 'node:module';
import { basename, dirname, join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Plugin } from 'rolldown';
import { sha256 } from '../../engines/digests.ts';
import { packageDir } from '../../engines/package-dir.ts';
import { gaps, onlyInNode } from './gaps.ts';

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

/** Files that have another here, as those of this room's parent import them. */
const ownFiles = ['./file-lock.ts', './backup-of.ts', '../host/world-path.ts'];

/** What the language has in Node, and QuickJS of 2021 lacks. What neither has in the same way is a gap (gaps.ts). */
const lacking = [
  'array-buffer/detached',
  'array/at',
  'array/find-last',
  'array/find-last-index',
  'array/to-reversed',
  'array/to-sorted',
  'array/to-spliced',
  'array/with',
  'async-disposable-stack/index',
  'data-view/get-float16',
  'data-view/set-float16',
  'disposable-stack/index',
  'error/is-error',
  ...[
    'dispose',
    'drop',
    'every',
    'filter',
    'find',
    'flat-map',
    'for-each',
    'from',
    'map',
    'reduce',
    'some',
    'take',
    'to-array',
  ].map((name) => `iterator/${name}`),
  'map/group-by',
  'math/f16round',
  'object/group-by',
  'object/has-own',
  'promise/try',
  'promise/with-resolvers',
  'regexp/escape',
  ...[
    'difference',
    'intersection',
    'is-disjoint-from',
    'is-subset-of',
    'is-superset-of',
    'symmetric-difference',
    'union',
  ].map((name) => `set/${name}`),
  'string/at',
  'string/is-well-formed',
  'string/to-well-formed',
  'suppressed-error',
  'symbol/async-dispose',
  'symbol/dispose',
  'typed-array/at',
  'typed-array/find-last',
  'typed-array/find-last-index',
  'typed-array/to-reversed',
  'typed-array/to-sorted',
  'typed-array/with',
];

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
  process: [bottomProcess, 'process'],
  ...Object.fromEntries(onlyInNode.map((name) => [name, [`${nodeGlobal}${name}`, 'default']])),
};

function isBottom(importer: string): boolean {
  return bottom.includes(dirname(importer)) && !importer.endsWith('.test-support.ts');
}

const polyfills = join(packageDir('core-js'), sep);

/** They ask which globals there are before they use one. */
function isPolyfill(importer: string | undefined): boolean {
  return importer?.startsWith(polyfills) === true;
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
    ...lacking.map((name) => `import ${JSON.stringify(join(packageDir('core-js'), 'es', `${name}.js`))};`),
    `import ${JSON.stringify(join(here, 'language.ts'))};`,
    `import ${JSON.stringify(join(here, 'globals.ts'))};`,
    `import { serveProgramsOf } from ${JSON.stringify(join(here, 'main.ts'))};`,
    `serveProgramsOf({\n${loads.join('\n')}\n});`,
  ].join('\n');
}

/** Members by which a program reaches for a gap, where it writes them: `x.localeCompare`, `Math.sin`. */
const gap = new RegExp(
  `\\bMath\\s*\\.\\s*(?:${gaps.Math.join('|')})\\b|` +
    `\\.\\s*(?:stack|fromAsync|localeCompare|toLocale\\w+|rawJSON|waitAsync|stackTraceLimit)\\b|\\bRegExp\\s*\\.\\s*(?!escape\\b)\\w+`,
);

/**
 * @param missing gets what no bundle can have, in words
 * @param inputs gets the digests of the modules, by path
 */
function resolver(modules: readonly string[], missing: string[], inputs: Map<string, string>): Plugin {
  return {
    name: 'lockstep-native',
    async resolveId(name, importer) {
      if (name === entry) return entry;
      if (name === absent) return name;
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
        if (ownFiles.includes(name) && dirname(importer) === lane) return join(here, basename(name));
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
      return null;
    },
    transform(code, id) {
      if (!id.startsWith('\0')) inputs.set(id, sha256(Buffer.from(code)));
      const [reached] = isBottom(id) || isPolyfill(id) ? [] : (gap.exec(code) ?? []);
      if (reached !== undefined) missing.push(`${id} uses ${reached.replace(/^\./, '')}, which only Node has`);
      if (!code.includes('import.meta.url')) return null;
      return code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href));
    },
  };
}

/**
 * @property script its text
 * @property inputs the digests (sha256 in hexadecimal) of the modules in it, by path
 */
export interface Bundle {
  readonly script: string;
  readonly inputs: ReadonlyMap<string, string>;
}

/**
 * The script for a set of programs.
 *
 * @param modules `file:` URLs
 * @returns why there is none, where there is none
 */
export async function bundlePrograms(modules: readonly string[]): Promise<Bundle | Unbundled> {
  const missing: string[] = [];
  const inputs = new Map<string, string>();
  try {
    // Loaded only here: it takes longer than most bundles do to be found in the cache (bundle-cache.ts).
    const { rolldown } = await import('rolldown');
    await using build = await rolldown({
      input: entry,
      cwd: here, // not where somebody happens to stand
      plugins: [resolver(modules, missing, inputs)],
      platform: 'neutral',
      // What Firefox 92 can read QuickJS can, too: blocks in classes are made simpler, private fields stay (as WeakMaps they would
      // be slow). Not so `#x in y`, and some regular expressions: what these do the trial says (run/script.ts).
      transform: { target: 'firefox92', inject: injected, define: metaOnlyInNode },
      onLog: () => {},
    });
    const { output } = await build.generate({ format: 'iife', codeSplitting: false, keepNames: true });
    // rolldown writes a literal so where the target has no such flag: then no trial meets it.
    if (/\bnew RegExp\("(?:[^"\\]|\\.)*", "[a-z]*[dv]/.test(output[0].code))
      missing.push('one of them has a regular expression with the flag d or v, which only Node has');
    const [first] = missing;
    if (first !== undefined) return new Unbundled(first);
    // A script is sloppy where it does not say otherwise, and a module never is.
    return { script: `'use strict';\n${output[0].code}`, inputs };
  } catch (error) {
    return new Unbundled(error instanceof Error ? error.message : String(error));
  }
}
