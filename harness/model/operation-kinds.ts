// Kinds of operations of a workload, read off its schema: what a swarm may switch off without a word of the scenario. An entry of a list is of the
// kind that tells the options of a union apart, `act=kanban, command.verb=create`: a literal of an option, or else its first enum. Where there is
// no such union, its first enum says it; the rest is data. A schema that says nothing, such as z.json(), has no kinds. What stays out: whether a
// run does without one (search/swarm.ts).
import type { $ZodLazy, $ZodType, $ZodTypes } from 'zod/v4/core';
import { entryOf } from './reading/bounded-list.ts';
import type { Json } from './values.ts';

/** @property parts what makes it up: `property=value`, or the value alone where entries are strings */
interface Kind {
  readonly name: string;
  readonly parts: readonly string[];
}

type JsonObject = { readonly [name: string]: Json };

/**
 * The kinds that occur in a workload, sorted by name: the list's place and what makes up the kind, as in `gateways.messages: order.verdict=exit`.
 *
 * @param essential parts (`property=value`) of kinds that are left out
 */
export function kindsIn(schema: $ZodType, workload: Json, essential: readonly string[] = []): readonly string[] {
  // What checks a workload need not be of zod 4, which alone tells what is in it.
  if (!('_zod' in schema)) return [];
  const names = new Set<string>();
  filtered(schema, workload, '', ({ name, parts }) => {
    if (!parts.some((part) => essential.includes(part))) names.add(name);
    return true;
  });
  return [...names].toSorted();
}

/** A workload without the entries of this kind. */
export function withoutKind(schema: $ZodType, workload: Json, kind: string): Json {
  return filtered(schema, workload, '', ({ name }) => name !== kind);
}

/** Can an entry of a list have this part: `property=value`, or the value alone? */
export function hasPart(schema: $ZodType, part: string): boolean {
  const at = part.lastIndexOf('=');
  const [path, word] = at < 0 ? [[], part] : [part.slice(0, at).split('.'), part.slice(at + 1)];
  const followed = new Set<$ZodType>(); // a schema may contain itself
  const follow = (one: $ZodType): boolean => {
    const bare = unwrapped(one);
    if (followed.has(bare)) return false;
    followed.add(bare);
    const entry = entryOf(bare) ?? elementOf(bare);
    if (entry !== undefined) return says(entry, path, word) || follow(entry);
    const { def } = bare._zod;
    if (def.type === 'object') return Object.values(def.shape).some(follow);
    if (def.type === 'record') return follow(def.valueType);
    return optionsOf(bare).some(follow);
  };
  return '_zod' in schema && follow(schema);
}

function says(schema: $ZodType, path: readonly string[], word: string): boolean {
  const bare = unwrapped(schema);
  const { def } = bare._zod;
  if (def.type === 'union' || def.type === 'intersection') return optionsOf(bare).some((one) => says(one, path, word));
  const [name, ...rest] = path;
  if (name === undefined) return wordsOf(bare).includes(word);
  if (def.type !== 'object' || !Object.hasOwn(def.shape, name)) return false;
  const property = def.shape[name];
  return property !== undefined && says(property, rest, word);
}

function optionsOf({ _zod: { def } }: $ZodTypes): readonly $ZodType[] {
  if (def.type === 'union') return def.options;
  return def.type === 'intersection' ? [def.left, def.right] : [];
}

function filtered(schema: $ZodType, value: Json, place: string, stays: (kind: Kind) => boolean): Json {
  if (typeof value !== 'object' || value === null) return value;
  const bare = unwrapped(schema);
  const entry = entryOf(bare) ?? elementOf(bare);
  if (entry !== undefined) {
    if (!isList(value)) return value;
    return value
      .filter((one) => {
        const kind = kindOf(entry, one, place);
        return kind === undefined || stays(kind);
      })
      .map((one) => filtered(entry, one, place, stays));
  }
  const { def } = bare._zod;
  if (def.type === 'union') {
    const option = optionFor(def.options, value);
    return option === undefined ? value : filtered(option, value, place, stays);
  }
  if (def.type === 'intersection') return filtered(def.right, filtered(def.left, value, place, stays), place, stays);
  if (isList(value)) return value;
  if (def.type === 'record') return mapped(value, (_name, part) => filtered(def.valueType, part, place, stays));
  if (def.type !== 'object') return value;
  return mapped(value, (name, part) => {
    const property = Object.hasOwn(def.shape, name) ? def.shape[name] : undefined;
    return property === undefined ? part : filtered(property, part, below(place, name), stays);
  });
}

function kindOf(entry: $ZodType, value: Json, place: string): Kind | undefined {
  const apart = tellingApart(entry, value, '');
  const parts = apart.length > 0 ? apart : firstWord(entry, value, '');
  if (parts.length === 0) return undefined;
  return { name: `${place === '' ? '' : `${place}: `}${parts.join(', ')}`, parts };
}

/** What tells the options of unions apart, in the entry and in objects in it. */
function tellingApart(schema: $ZodType, value: Json | undefined, path: string): readonly string[] {
  const bare = unwrapped(schema);
  const { def } = bare._zod;
  if (!isObject(value)) return [];
  if (def.type === 'intersection') return optionsOf(bare).flatMap((one) => tellingApart(one, value, path));
  if (def.type === 'object')
    return Object.entries(def.shape).flatMap(([name, its]) => tellingApart(its, value[name], below(path, name)));
  const option = def.type === 'union' ? optionFor(def.options, value) : undefined;
  return option === undefined ? [] : [...ownWords(option, value, path), ...tellingApart(option, value, path)];
}

/** Of an option of a union: its literals, or else its first enum. */
function ownWords(option: $ZodType, value: JsonObject, path: string): readonly string[] {
  const { def } = unwrapped(option)._zod;
  if (def.type !== 'object') return [];
  const words = Object.entries(def.shape).flatMap(([name, its]) => {
    const word = value[name];
    const bare = unwrapped(its);
    const isWord = typeof word === 'string' && wordsOf(bare).includes(word);
    return isWord ? [{ isLiteral: bare._zod.def.type === 'literal', part: partOf(below(path, name), word) }] : [];
  });
  const literals = words.filter(({ isLiteral }) => isLiteral);
  return (literals.length > 0 ? literals : words.slice(0, 1)).map(({ part }) => part);
}

/** The first that may be one of several words. */
function firstWord(schema: $ZodType, value: Json | undefined, path: string): readonly string[] {
  const bare = unwrapped(schema);
  if (typeof value === 'string') {
    const words = wordsOf(bare);
    return words.length > 1 && words.includes(value) ? [partOf(path, value)] : [];
  }
  if (!isObject(value)) return [];
  const { def } = bare._zod;
  const inside = (one: $ZodType): readonly string[] => firstWord(one, value, path);
  if (def.type === 'intersection') return firstOf(optionsOf(bare), inside);
  const option = def.type === 'union' ? optionFor(def.options, value) : undefined;
  if (option !== undefined) return inside(option);
  if (def.type !== 'object') return [];
  return firstOf(Object.entries(def.shape), ([name, its]) => firstWord(its, value[name], below(path, name)));
}

/** Words that a schema takes, and no others: literals, enums, and unions of those. */
function wordsOf(schema: $ZodType): readonly string[] {
  const bare = unwrapped(schema);
  const { def } = bare._zod;
  if (def.type === 'literal') return def.values.filter((value) => typeof value === 'string');
  if (def.type === 'enum') return Object.values(def.entries).filter((value) => typeof value === 'string');
  const all = def.type === 'union' ? def.options.map(wordsOf) : [];
  return all.some((words) => words.length === 0) ? [] : all.flat();
}

/** Is a value one of the schema, as far as literals and types tell? So an option of a union is found. */
function takes(schema: $ZodType, value: Json | undefined): boolean {
  const bare = unwrapped(schema);
  const { def } = bare._zod;
  if (value === undefined) return bare !== schema || takesAnything.has(def.type);
  if (value === null && bare !== schema) return true;
  if (entryOf(bare) !== undefined) return isList(value);
  switch (def.type) {
    case 'null':
      return value === null;
    case 'literal':
      return def.values.includes(value as string);
    case 'enum':
      return Object.values(def.entries).includes(value as string);
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === def.type;
    case 'union':
      return def.options.some((option) => takes(option, value));
    case 'intersection':
      return takes(def.left, value) && takes(def.right, value);
    case 'object':
      return isObject(value) && Object.entries(def.shape).every(([name, part]) => takes(part, value[name]));
    case 'record':
      return isObject(value) && Object.values(value).every((one) => takes(def.valueType, one));
    case 'array':
      return isList(value) && value.every((one) => takes(def.element, one));
    default:
      return true;
  }
}

const takesAnything: ReadonlySet<string> = new Set(['any', 'unknown']);

function partOf(path: string, word: string): string {
  return path === '' ? word : `${path}=${word}`;
}

function firstOf<T>(all: readonly T[], ask: (one: T) => readonly string[]): readonly string[] {
  for (const one of all) {
    const parts = ask(one);
    if (parts.length > 0) return parts;
  }
  return [];
}

function optionFor(options: readonly $ZodType[], value: Json): $ZodType | undefined {
  return options.find((option) => takes(option, value));
}

function elementOf({ _zod: { def } }: $ZodTypes): $ZodType | undefined {
  return def.type === 'array' ? def.element : undefined;
}

/** Without what lets a value be absent, or makes another of it: a plan has what goes in. */
function unwrapped(schema: $ZodType): $ZodTypes {
  const known = schema as $ZodTypes;
  if (entryOf(known) !== undefined) return known;
  const { def } = known._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'catch':
    case 'readonly':
    case 'nonoptional':
      return unwrapped(def.innerType);
    case 'lazy':
      // `getter` makes another schema each time.
      return unwrapped((known as $ZodLazy)._zod.innerType);
    case 'pipe':
      return unwrapped((def.in as $ZodTypes)._zod.def.type === 'transform' ? def.out : def.in);
    default:
      return known;
  }
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function mapped(value: JsonObject, change: (name: string, part: Json) => Json): Json {
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, change(name, part)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}
