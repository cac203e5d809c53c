// Whether an artefact of the cache is what its builder left there. The digests of its files lie beside them, in the form that
// `sha256sum -c` reads, and come and go with them in one rename. They are checked before use: a file that was cut, emptied or
// changed would end the process that loads it, or be another SQLite than its name says. What stays out: building anew
// (cache.ts), and whoever changes a file and its digest on purpose.
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, readdirSync, type Stats, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isMachineLimit } from '../errors/machine-limits.ts';
import { openRegular, readAll, readRegular } from '../host/regular-file.ts';

const DIGESTS_FILE = 'SHA256SUMS';

/** An amalgamation has 9 MB, a binding with symbols less; nothing of ours is longer. */
export const BYTES_MAX = 64 * 1024 * 1024;

/**
 * `damaged`: not what was built, or without digests (as older versions of Lockstep left it); `foreign`: another user's, who
 * could change it between our look and our use.
 */
export type ArtifactState = 'whole' | 'missing' | 'damaged' | 'foreign';

/** sha256 of bytes, in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Digests that this process has taken, each with the stamp of its file then. */
const taken = new Map<string, { readonly stamp: string; readonly digest: string }>();

/** A write so soon after another may leave the same times: the kernel's clock for files ticks a few hundred times a second. */
const SETTLED_MS = 1000;

/**
 * sha256 of a regular file, in hexadecimal. The file is read once, and again when it was touched since: nobody can set a ctime.
 *
 * @throws the file system's error; a harness error for what is no regular file; a RangeError for one that is far too long
 */
export function fileDigest(file: string): string {
  const fd = openRegular(file, constants.O_RDONLY);
  try {
    const { ino, size, mtimeNs, ctimeNs, ctimeMs } = fstatSync(fd, { bigint: true });
    const stamp = [ino, size, mtimeNs, ctimeNs].join(' ');
    const known = taken.get(file);
    if (known?.stamp === stamp) return known.digest;
    const digest = sha256(readAll(fd, BYTES_MAX));
    if (Date.now() - Number(ctimeMs) > SETTLED_MS) taken.set(file, { stamp, digest });
    return digest;
  } finally {
    closeSync(fd);
  }
}

/** Writes the digests of all files of a folder into it. */
export function writeDigests(dir: string): void {
  const lines = readdirSync(dir).map((name) => `${fileDigest(path.join(dir, name))}  ${name}\n`);
  writeFileSync(path.join(dir, DIGESTS_FILE), lines.join(''), { flag: 'wx' });
}

/**
 * Looks at an artefact.
 *
 * @param dir the artefact's folder
 * @param fileName its main file
 * @throws the system's error where this process may open, or hold, no more
 */
export function artifactState(dir: string, fileName: string): ArtifactState {
  let found: Stats | undefined;
  try {
    found = lstatSync(dir, { throwIfNoEntry: false });
  } catch {
    // A folder above it cannot be entered.
  }
  if (found === undefined) return 'missing';
  const user = process.getuid?.();
  // What root distrusts it can replace; others can only refuse it.
  if (user !== undefined && found.uid !== user && found.uid !== 0) return user === 0 ? 'damaged' : 'foreign';
  if (!found.isDirectory()) return 'damaged';
  try {
    return isWhole(dir, fileName) ? 'whole' : 'damaged';
  } catch (error) {
    if (isMachineLimit(error)) throw error;
    return 'damaged'; // a file is missing, unreadable, or none
  }
}

function isWhole(dir: string, fileName: string): boolean {
  const lines = readRegular(path.join(dir, DIGESTS_FILE), BYTES_MAX).toString().trimEnd().split('\n');
  const digests = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
  return (
    digests.has(fileName) &&
    [...digests].every(([name, digest]) => fileDigest(path.join(dir, path.basename(name))) === digest)
  );
}
