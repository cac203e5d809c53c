// Holds package-lock.json to what `npm ci` needs on any machine: every package pinned by its integrity, no host named, and
// every optional package listed. (Where a registry lacks a version for another platform, npm writes a lock without it, and
// then `npm ci` refuses that very lock; pin a version that all platforms have.)
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

interface Locked {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const text = readFileSync(join(dirname(import.meta.dirname), 'package-lock.json'), 'utf8');
const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Locked>> };
const installed = Object.entries(packages).filter(([path]) => path !== '');

it('has packages', () => {
  expect(installed.length).toBeGreaterThan(100);
});

it('pins every package by its integrity', () => {
  expect(
    installed.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true).map(([path]) => path),
  ).toEqual([]);
});

it('names no registry', () => {
  expect(installed.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
});

it('lists every optional package, for all platforms', () => {
  const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));
  expect(wanted.filter((name) => !installed.some(([path]) => path.endsWith(`node_modules/${name}`)))).toEqual([]);
});
