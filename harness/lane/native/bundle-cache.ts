// Keeps bundles beside the engines: making one takes rolldown, its threads and a tenth of a second, looking whether the kept one is
// still right a hundredth. A bundle is one file, written whole or not at all: its own digest, what it was made from, the script.
// It holds as long as every module in it, and every file that says how modules are found and read, is what it was. What stays out:
// making bundles (bundle.ts).
//
//   <cache>/bundle/<key>   the key: everything but the modules' contents, and which modules programs are in
import { readdirSync, statSync, unlinkSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { artifactPath } from '../../engines/cache.ts';
import { BYTES_MAX, fileDigest, sha256 } from '../../engines/digests.ts';
import { installedDigests } from '../../engines/installed-digests.ts';
import { packageVersion } from '../../engines/package-dir.ts';
import { readRegular } from '../../host/regular-file.ts';
import { writeWhole } from '../../host/write-whole.ts';
import type { Bundle } from './bundle.ts';
import { fixesFiles } from './quickjs-fix.ts';

/** So many are kept, the last ones used: a set of programs has one, of half a megabyte. */
const bundlesMax = 100;

/** What decides how imports are found and TypeScript is read, in the folders above a module. */
const settings = ['package.json', 'tsconfig.json'] as const;

/** By digest: a file that is not there. */
const missing = '-';

/** Where the bundle of these modules lies. */
function placeOf(modules: readonly string[]): string {
  const here = import.meta.dirname;
  return dirname(
    artifactPath({
      kind: 'bundle',
      fileName: 'programs.js',
      inputs: [
        ...['rolldown', 'core-js'].map((name) => `${name} ${packageVersion(name)}`),
        ...['bundle.ts', 'gaps.ts', 'host.c', ...fixesFiles].map((name) => ({
          file: join(here, name),
        })),
        ...Object.entries(installedDigests).flatMap(([file, digest]) => (file.startsWith('qjsc/') ? [digest] : [])),
        ...modules,
      ],
    }),
  );
}

function digestOf(file: string): string {
  try {
    return fileDigest(file);
  } catch {
    return missing; // or unreadable, which the bundle says when it is made
  }
}

/** The files that say how modules are found and read: those above each. What packages are installed npm has checked. */
function settingsAbove(files: Iterable<string>): Set<string> {
  const folders = new Set<string>();
  for (const file of files) {
    for (let folder = dirname(file); !folders.has(folder); folder = dirname(folder)) folders.add(folder);
  }
  return new Set([...folders].flatMap((folder) => settings.map((name) => join(folder, name))));
}

/**
 * The script of a kept bundle, if it would be made the same today.
 *
 * @param modules `file:` URLs
 */
export function keptScript(modules: readonly string[]): string | undefined {
  const file = placeOf(modules);
  try {
    if (!isSafe(file)) return undefined;
    const bytes = readRegular(file, BYTES_MAX);
    const body = bytes.subarray(65);
    if (sha256(body) !== bytes.toString('latin1', 0, 64)) return undefined;
    const end = body.indexOf('\n');
    const inputs = JSON.parse(body.toString('utf8', 0, end)) as [string, string][];
    if (!inputs.every(([path, digest]) => digestOf(path) === digest)) return undefined;
    utimesSync(file, new Date(), new Date());
    return body.toString('utf8', end + 1);
  } catch {
    return undefined; // there is none, or none that can be used: it is made anew
  }
}

/** Ours or root's: another user could change it. */
function isSafe(file: string): boolean {
  const { uid } = statSync(file);
  return uid === 0 || uid === process.getuid?.();
}

/** Keeps a bundle; where it cannot be kept, nothing is lost but time. */
export function keepBundle(modules: readonly string[], { script, inputs }: Bundle): void {
  const above = [...settingsAbove(inputs.keys())].map((file) => [file, digestOf(file)]);
  const body = `${JSON.stringify([...inputs, ...above])}\n${script}`;
  const file = placeOf(modules);
  try {
    writeWhole(file, `${sha256(Buffer.from(body))}\n${body}`);
    dropOldest(dirname(file));
  } catch {
    // No space, or no right to write: the next coordinator bundles again.
  }
}

function dropOldest(folder: string): void {
  const files = readdirSync(folder).map((name) => join(folder, name));
  if (files.length <= bundlesMax) return;
  const byAge = files.map((file) => ({ file, usedMs: statSync(file).mtimeMs })).toSorted((a, b) => b.usedMs - a.usedMs);
  for (const { file } of byAge.slice(bundlesMax)) unlinkSync(file);
}
