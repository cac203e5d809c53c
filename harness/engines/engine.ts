// What an engine is, and how its name is read. What stays out: building one (ensure.ts).

import { didYouMean } from '../errors/did-you-mean.ts';
import { usageError } from '../errors/errors.ts';
import { OWN_ENGINE } from '../model/process.ts';
import { catalogue, type CatalogueEntry } from './catalogue.ts';
import { userCatalogue } from './user-catalogue.ts';

/** `plain` is what users run; `shm` has SQLite's own wal-index access marks as switch points (shm-marks.ts). */
export type EngineVariant = 'plain' | 'shm';

export interface EngineId {
  readonly version: string;
  readonly variant: EngineVariant;
}

/**
 * A SQLite version as a native binding for better-sqlite3.
 *
 * @property name as in a plan: `3.51.2` or `3.51.2+shm`
 * @property binding absolute path, for `new Database(file, { nativeBinding })`
 * @property hash sha256 in hexadecimal over what the binding was made from; the same on every machine of one kind
 */
export interface Engine extends EngineId {
  readonly name: string;
  readonly binding: string;
  readonly hash: string;
}

/**
 * Reads an engine's name.
 *
 * @param name a known SQLite version, with `+shm` behind it for the deep variant
 * @throws a usage error when the name has another shape or the version is not known
 */
export function parseEngineName(name: string): EngineId {
  const match = /^(\d+\.\d+\.\d+)(\+shm)?$/.exec(name);
  const version = match?.[1];
  if (version === undefined || !findEntry(version)) throw unknownEngineError(name);
  return { version, variant: match?.[2] === undefined ? 'plain' : 'shm' };
}

/** Throws as {@link parseEngineName} does, but for {@link OWN_ENGINE}. */
export function checkEngineName(name: string): void {
  if (name !== OWN_ENGINE) parseEngineName(name);
}

/** The name that {@link parseEngineName} reads back. */
export function engineName({ version, variant }: EngineId): string {
  return variant === 'shm' ? `${version}+shm` : version;
}

/** The name of one variant of an engine, whichever of the two is named. Throws as {@link parseEngineName}. */
export function variantName(name: string, variant: EngineVariant): string {
  if (name === OWN_ENGINE && variant === 'plain') return name;
  return engineName({ ...parseEngineName(name), variant });
}

/** All known versions, oldest first: the pinned ones, and those added on this machine. */
export function allEntries(): readonly CatalogueEntry[] {
  const added = userCatalogue().filter((entry) => !catalogue.some((pinned) => pinned.name === entry.name));
  return [...catalogue, ...added].toSorted((a, b) => compareVersions(a.name, b.name));
}

/** The entry of a SQLite version. The pinned ones are found even when the list of added ones is broken. */
export function findEntry(version: string): CatalogueEntry | undefined {
  return catalogue.find((entry) => entry.name === version) ?? userCatalogue().find((entry) => entry.name === version);
}

/**
 * The entry of a SQLite version that must be known.
 *
 * @throws a usage error when it is not
 */
export function getEntry(version: string): CatalogueEntry {
  const entry = findEntry(version);
  if (!entry) throw unknownEngineError(version);
  return entry;
}

/** Negative when `a` is the older version, positive when `b` is, 0 when they are equal. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (const [index, number] of left.entries()) {
    const difference = number - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function unknownEngineError(name: string): Error {
  const known = allEntries().map((entry) => entry.name);
  return usageError(
    'UNKNOWN_ENGINE',
    `There is no engine "${name}".${didYouMean(name, known, 1)} Known are ${known.join(', ')}, each also with +shm, and ${OWN_ENGINE}: what commands bring themselves.`,
    'Give one of these, or add another with `lockstep engines add RELEASE`, where RELEASE is a better-sqlite3 release.',
  );
}
