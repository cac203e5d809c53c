// Lane programs that look at the language itself: which names it has, how deep calls may go, and what only Node has, reached for in
// ways that no bundle shows.
/* oxlint-disable no-implied-eval, no-unsafe-call, no-unsafe-return, no-unnecessary-template-expression -- what programs may write is asked here, not what they should */
import type { Json, World } from '../world.ts';

export function setup(world: World): void {
  world.open('lab.db').close();
}

/** Every name that the language gives: of globals, of what they have, and of what iterators have. */
export function languageNames(): readonly string[] {
  const names: string[] = [];
  const add = (path: string, owner: object): void => {
    for (const key of Reflect.ownKeys(owner)) {
      const name = typeof key === 'symbol' ? `[${key.description}]` : key;
      if (typeof owner !== 'function' || !['length', 'name', 'prototype', 'arguments', 'caller'].includes(name))
        names.push(`${path}.${name}`);
    }
  };
  const root = new Function('return this')() as { readonly [name: string]: unknown };
  for (const name of Object.getOwnPropertyNames(root)) {
    names.push(name);
    const descriptor = Object.getOwnPropertyDescriptor(root, name);
    const value: unknown = descriptor?.value;
    if (value === root || value === null || (typeof value !== 'object' && typeof value !== 'function')) continue;
    add(name, value);
    const { prototype } = value as { readonly prototype?: object };
    if (typeof value === 'function' && prototype !== undefined) add(`${name}.prototype`, prototype);
  }
  const above = (value: object): object => Object.getPrototypeOf(value) as object;
  const iterators = {
    Array: [].values(),
    Map: new Map().values(),
    Set: new Set().values(),
    String: ''[Symbol.iterator](),
  };
  for (const [name, iterator] of Object.entries(iterators)) add(`%${name}Iterator%`, above(iterator));
  add('%Iterator%', above(above([].values())));
  add('%RegExpStringIterator%', above(''.matchAll(/a/g)));
  add('%TypedArray%', above(Uint8Array));
  add('%TypedArray%.prototype', above(Uint8Array.prototype));
  return names.toSorted();
}

export function naming(world: World): void {
  world.observe('names', languageNames());
}

/** So many calls in calls: an answer, where the stack has room for them. */
function deep(calls: number): number {
  return calls === 0 ? 0 : 1 + deep(calls - 1);
}

const unwritten = (...parts: readonly string[]): string => parts.join('');
const member = (owner: unknown, ...parts: readonly string[]): unknown =>
  (owner as { [name: string]: unknown })[unwritten(...parts)];

/** What Node alone can answer, reached for in ways that no bundle shows. */
export const acts: { readonly [name: string]: (world: World) => unknown } = {
  comparing: () => member('a', 'locale', 'Compare'),
  sine: () => member(Math, 'si', 'n'),
  'last match': () => member(RegExp, '$', '1'),
  failing: () => (JSON.parse('null') as { readonly deep: number }).deep,
  words: () => {
    try {
      return JSON.parse('{');
    } catch (error) {
      return (error as Error).message;
    }
  },
  stack: () => member(new Error('of mine'), 'st', 'ack'),
  source: () => `${deep as unknown as string}`,
  date: () => new Date('Nov 28 2026'),
  'great number read': () => Number.parseInt('f'.repeat(20), 16),
  'great number written': () => (1e300).toString(7),
  flags: () => new RegExp('a', unwritten('v')),
  modifiers: () => new RegExp('(?i:a)'),
  'empty turns': () => new RegExp('(a*)?'),
  'empty first turn': () => new RegExp('(?:|a)?'),
  'younger letter': () => '\u{10570}'.toLowerCase(),
  'younger capital': () => 'ƛ'.toUpperCase(),
  'younger last letter': () => 'aΣ\u1734'.toLowerCase(),
  'younger letter in an expression': () => /[a-z]/i.test('\ua7cb'),
  'younger mark': () => 'a\u0898\u0301'.normalize('NFD'),
  'properties of a younger character': () => /\p{L}/u.test('\u0870'),
  'younger property': () => new RegExp(unwritten('\\p{Extended_', 'Pictographic}'), 'u'),
  'extensions of scripts': () => new RegExp(unwritten('\\p{scx=', 'Latin}'), 'u'),
  'within a pair': () => /\B/u.exec('a😀'),
  latin1: () => new TextDecoder('latin1'),
  deep: () => deep(1_000_000),
  'deep in a file call': (world) => {
    const visit = (): void => {
      world.files.exists('a');
      visit();
    };
    visit();
  },
};

export function doing(world: World, name: Json): void {
  acts[name as string]?.(world);
}

/** Some steps, and then that. */
export function workingThenDoing(world: World, name: Json): void {
  const db = world.open('lab.db');
  db.run('CREATE TABLE IF NOT EXISTS worked(n)');
  db.close();
  doing(world, name);
}

export function deepening(world: World): void {
  world.observe('depth', deep(9_000));
  const global = new Function('return this')() as object;
  world.observe(
    'hidden',
    Object.getOwnPropertyNames(global).filter((name) => /host|lockstep/i.test(name)),
  );
}
