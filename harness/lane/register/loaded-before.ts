// A package that a zygote has loaded for the processes that it forks, which find it as if they had loaded it themselves: when the
// program asks for its first file, and in `require.cache` not before. Meant for better-sqlite3 of the version that engines are made for, of which
// it is known that loading it does nothing but define. What stays out: which engine is under it (replace-sqlite.ts).
import { createRequire } from 'node:module';
import { packageOf } from './package-of.ts';
import { real } from './process-of-run.ts';

/** A module of CommonJS. */
interface Loaded {
  exports: unknown;
  children: Loaded[];
  parent: Loaded | null | undefined;
  readonly loaded: boolean;
  readonly _compile: unknown;
}

type Load = (module: Loaded, file: string) => void;

/** Node's loader of CommonJS. @property _cache what is loaded, by file @property _pathCache what was asked for, and found */
interface Loader {
  readonly _cache: { [file: string]: Loaded };
  readonly _pathCache: { [request: string]: string };
  readonly _extensions: { [extension: string]: Load };
  _load: (request: string, parent: Loaded | undefined, isMain: boolean) => unknown;
  readonly prototype: Pick<Loaded, '_compile'>;
}

const loader = (): Loader => (real.require('node:module') as { readonly Module: Loader }).Module;

/** Of Node's cache of what names lead to, which nobody sees: it forgets one when what that leads to fails to load. */
function forgetNames(asked: readonly (readonly [request: string, parent: Loaded | undefined])[]): void {
  const { _extensions } = loader();
  const loads = { ..._extensions };
  const fails = (): never => {
    throw new Error('It is not to be loaded.');
  };
  for (const extension of Object.keys(loads)) _extensions[extension] = fails;
  for (const [request, parent] of asked)
    try {
      loader()._load(request, parent, false);
    } catch {
      // as it should
    }
  Object.assign(_extensions, loads);
}

/** Has Node's loader forget all but what it knew. Result: what it has loaded beside, by file, in the order of loading. */
function forget(known: ReadonlySet<string>, asked: Parameters<typeof forgetNames>[0]): ReadonlyMap<string, Loaded> {
  const { _cache, _pathCache } = loader();
  const loaded = new Map(Object.entries(_cache).filter(([file]) => !known.has(file)));
  for (const file of loaded.keys()) delete _cache[file];
  const children = new Map([...loaded].map(([file, { children: own }]) => [file, [...own]]));
  forgetNames(asked);
  for (const [file, own] of children) loaded.get(file)?.children.splice(0, Infinity, ...own);
  for (const request of Object.keys(_pathCache)) if (!known.has(request)) delete _pathCache[request];
  return loaded;
}

/** Does it, and has Node's loader forget what it has loaded meanwhile. Result: that, by file, in the order of loading. */
export function forgetting(act: () => void): ReadonlyMap<string, Loaded> {
  const Module = loader();
  const { _cache, _pathCache, _load } = Module;
  const known = new Set([...Object.keys(_cache), ...Object.keys(_pathCache)]);
  const asked: [request: string, parent: Loaded | undefined][] = [];
  Module._load = (request, parent, isMain) => {
    asked.push([request, parent]);
    return _load(request, parent, isMain);
  };
  let loaded: ReadonlyMap<string, Loaded> = new Map();
  try {
    act();
  } finally {
    Module._load = _load;
    loaded = forget(known, asked);
  }
  return loaded;
}

/** Gives the program what is loaded, once it asks for its first file; unless it has its own way of loading modules, or has some of them. */
function offer(loaded: ReadonlyMap<string, Loaded>, first: string): void {
  const { _cache, _extensions, prototype } = loader();
  const load = _extensions['.js'];
  const own = loaded.get(first);
  if (load === undefined || own === undefined) return;
  const { _compile: compile } = prototype;
  const rest = [...loaded].filter(([file]) => file !== first);
  const loadOrTake: Load = (module, file) => {
    if (file !== first || module._compile !== compile || rest.some(([part]) => _cache[part]?.loaded === true))
      return load(module, file);
    if (_extensions['.js'] === loadOrTake) _extensions['.js'] = load;
    for (const [part, one] of rest) {
      const looked = _cache[part]; // who imports it has Node look into it first
      if (looked !== undefined) one.parent = looked.parent;
      else if (one.parent === own) one.parent = module;
      _cache[part] = one;
    }
    module.children.push(...own.children);
    module.exports = own.exports;
  };
  _extensions['.js'] = loadOrTake;
}

/**
 * In a zygote: loads better-sqlite3 where its program would find it, and uses it once.
 *
 * @param main the program's file
 * @param version of which it must be
 */
export function loadBefore(main: string, version: string): void {
  let file: string;
  try {
    file = createRequire(main).resolve('better-sqlite3');
  } catch {
    return; // it has none
  }
  if (packageOf(file)?.version !== version) return;
  const load = (): unknown => real.require(file);
  // once for what stays in Node (expressions, the binding), and once to be given away as it is before its first use
  try {
    forgetting(() => new (load() as new (path: string) => { close: () => void })(':memory:').close());
    offer(forgetting(load), file);
  } catch {
    // it is damaged, which the program hears of if it asks for it
  }
}
