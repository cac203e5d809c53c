// Kinds of operations of a workload, read off its schema: what a swarm may switch off without a word of the scenario. An entry of a list is of a
// kind when its schema has literals or enums of strings in it, `act=kanban, command.verb=create`; or is one itself. A schema that says nothing,
// such as z.json(), has no kinds. What stays out: whether a run does without one (swarm.ts).
import type { $ZodLazy, $ZodType, $ZodTypes } from 'zod/v4/core';
import { entryOf } from '../model/reading/bounded-list.ts';
import type { Json } from '../model/values.ts';

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

/** All that makes up kinds of entries of a schema's lists, whether any workload has them or not: `property=value`, or the value alone. */
export function partsIn(schema: $ZodType): ReadonlySet<string> {
  const parts = new Set<string>();
  // A schema may contain itself.
  const [followed, asked] = [new Set<$ZodType>(), new Set<string>()];
  const numbers = new Map<$ZodType, number>();
  const numberOf = (one: $ZodType): number => numbers.get(one) ?? (numbers.set(one, numbers.size), numbers.size - 1);
  const ask = (one: $ZodType, path: string): void => {
    const bare = unwrapped(one);
    const key = `${numberOf(bare)} ${path}`;
    if (asked.has(key) || path.split('.').length > deepest) return;
    asked.add(key);
    const { def } = bare._zod;
    if (def.type === 'literal')
      for (const value of def.values) for (const part of partOf(path, value as Json)) parts.add(part);
    if (def.type === 'enum')
      for (const value of Object.values(def.entries)) for (const part of partOf(path, value)) parts.add(part);
    if (def.type === 'object') for (const [name, its] of Object.entries(def.shape)) ask(its, below(path, name));
    for (const option of optionsOf(bare)) ask(option, path);
  };
  const follow = (one: $ZodType): void => {
    const bare = unwrapped(one);
    if (followed.has(bare)) return;
    followed.add(bare);
    const entry = entryOf(bare) ?? elementOf(bare);
    const { def } = bare._zod;
    if (entry !== undefined) {
      ask(entry, '');
      follow(entry);
    } else if (def.type === 'object') for (const its of Object.values(def.shape)) follow(its);
    else if (def.type === 'record') follow(def.valueType);
    for (const option of optionsOf(bare)) follow(option);
  };
  if ('_zod' in schema) follow(schema);
  return parts;
}

/** Properties of properties of an entry, at most. */
const deepest = 8;

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
  const parts = partsOf(entry, value, '');
  if (parts === undefined || parts.length === 0) return undefined;
  return { name: `${place === '' ? '' : `${place}: `}${parts.join(', ')}`, parts };
}

const takesAnything: ReadonlySet<string> = new Set(['any', 'unknown']);

/** Undefined where the value is none of the schema, as far as literals and types tell: that is how an option of a union is found. */
function partsOf(schema: $ZodType, value: Json | undefined, path: string): readonly string[] | undefined {
  const bare = unwrapped(schema);
  const { def } = bare._zod;
  // What an entry may lack says nothing about its kind.
  if (value === undefined) return bare === schema && !takesAnything.has(def.type) ? undefined : [];
  if (value === null && bare !== schema) return [];
  switch (def.type) {
    case 'null':
      return value === null ? [] : undefined;
    case 'literal':
      return def.values.includes(value as string) ? partOf(path, value) : undefined;
    case 'enum':
      return Object.values(def.entries).includes(value as string) ? partOf(path, value) : undefined;
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === def.type ? [] : undefined;
    case 'union':
      return firstOf(def.options, (option) => partsOf(option, value, path));
    case 'intersection':
      return joined([partsOf(def.left, value, path), partsOf(def.right, value, path)]);
    case 'object':
      if (!isObject(value)) return undefined;
      return joined(Object.entries(def.shape).map(([name, part]) => partsOf(part, value[name], below(path, name))));
    case 'record':
      return isObject(value) && takesAll(def.valueType, Object.values(value)) ? [] : undefined;
    case 'array':
      return isList(value) && takesAll(def.element, value) ? [] : undefined;
    default:
      return [];
  }
}

function partOf(path: string, value: Json): readonly string[] {
  if (typeof value !== 'string') return [];
  return [path === '' ? value : `${path}=${value}`];
}

function joined(parts: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  return parts.includes(undefined) ? undefined : parts.flatMap((one) => one ?? []);
}

function firstOf<T, R>(all: readonly T[], ask: (one: T) => R | undefined): R | undefined {
  for (const one of all) {
    const answer = ask(one);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function optionFor(options: readonly $ZodType[], value: Json): $ZodType | undefined {
  return options.find((option) => takesAll(option, [value]));
}

function takesAll(schema: $ZodType, values: readonly Json[]): boolean {
  return values.every((value) => partsOf(schema, value, '') !== undefined);
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

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}
