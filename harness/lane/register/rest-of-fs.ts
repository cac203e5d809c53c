// What else Node's fs has, on files of the world: trees that are copied, files that are watched; and a refusal of whatever would go unseen. What
// stays out: single calls (replace-fs.ts), and how trees are copied and files watched (more-fs.ts).
import fs, { type CopyOptions, type CopySyncOptions } from 'node:fs';
import { copying, copyNow, copySoon, Watches } from './more-fs.ts';
import type { Places } from './places.ts';
import { notFollowed, real } from './process-of-run.ts';

type AnyCall = (...given: unknown[]) => unknown;

/** Functions of fs by their names, which take the place of Node's. */
interface Replaced {
  readonly sync: { [name: string]: unknown };
  readonly callbacks: { [name: string]: unknown };
  readonly promises: { [name: string]: unknown };
}

type Given = [from: string, to: string, options?: CopyOptions];

/** `cp`, where any of both is of the world. */
export function replaceTrees(places: Places, { sync, callbacks, promises }: Replaced): void {
  const concerns = ([from, to]: Given) => [from, to].some((name) => places.nameOf(name) !== undefined);
  const copy = ([from, to, options]: Given) =>
    copying(places.absolute(from) ?? from, places.absolute(to) ?? to, options);
  const cp = (...given: Given): Promise<void> =>
    concerns(given) ? copySoon(copy(given)) : real.fs.promises.cp(...given);
  sync['cpSync'] = (...given: Given): void => {
    if (concerns(given)) copyNow(copy(given));
    else real.fs.cpSync(...(given as [string, string, CopySyncOptions?]));
  };
  promises['cp'] = cp;
  callbacks['cp'] = (...given: unknown[]): void => {
    const told = given.pop() as (error: Error | null) => void;
    cp(...(given as Given)).then(() => told(null), told);
  };
}

/** `watchFile` looks now and then; `watch` is told by the kernel, whenever it likes. */
export function replaceWatches(places: Places, callbacks: Replaced['callbacks']): void {
  const watches = new Watches();
  const { watchFile, unwatchFile } = real.fs as unknown as { readonly [name: string]: AnyCall };
  const isName = (path: unknown) => places.nameOf(path) !== undefined;
  callbacks['watchFile'] = (path: unknown, ...more: unknown[]) => {
    if (!isName(path)) return watchFile?.(path, ...more);
    const [options, listener] = typeof more[0] === 'function' ? [{}, more[0]] : more;
    return watches.watch(places.absolute(path) ?? '', options ?? {}, listener as () => void);
  };
  callbacks['unwatchFile'] = (path: unknown, listener?: () => void) =>
    isName(path) ? watches.unwatch(places.absolute(path) ?? '', listener) : unwatchFile?.(path, listener);
}

/** What to do in place of a call that nobody would see. */
const instead: { readonly [name: string]: string } = {
  watch:
    "who is told of a change, and when, is the machine's. Let it look by itself (fs.watchFile, or fs.stat now and then)",
  glob: 'let it read the folder (fs.readdir with `recursive`)',
  globSync: 'let it read the folder (fs.readdirSync with `recursive`)',
};

/** What of the arguments names a file. */
function aboutOf(name: string, given: readonly unknown[]): unknown {
  if (!name.startsWith('glob')) return given[0];
  const [, options] = given as readonly [unknown, { readonly cwd?: unknown } | undefined];
  return options?.cwd ?? '.';
}

/** Whatever else of fs concerns a file of the world ends the run: its work there would be in no trace. */
export function refuseUnseen({ sync, callbacks, promises }: Replaced, isWorld: (given: unknown) => boolean): void {
  const refuse = (module: object, called: string, followed: object) => {
    for (const [name, own] of Object.entries(module)) {
      if (typeof own !== 'function' || !/^[a-z]/.test(name) || name in followed || name.startsWith('create')) continue;
      const guarded = (...given: unknown[]): unknown => {
        const about = aboutOf(name, given);
        if (!isWorld(about)) return (own as AnyCall)(...given);
        const what = instead[name] ?? 'nobody would see it. Let it do without, or do it to a file elsewhere';
        return notFollowed(`calls ${called}.${name} on ${String(about)}, which is a file of the run: ${what}`);
      };
      Object.assign(module, { [name]: guarded });
    }
  };
  refuse(fs, 'fs', { ...sync, ...callbacks });
  refuse(fs.promises, 'fs.promises', promises);
}
