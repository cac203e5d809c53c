// Where a name of the world leads on the disk: the one answer for raw file operations of lanes and for the coordinator's own.
// The gate has the same for SQLite's names (`resolve` in gate.c); world-path.test.ts asks both. What stays out: what the
// kernel refuses beneath (lockstep_confine in gate.c).
import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { isFileName } from '../model/names.ts';

/** As the kernel's own limit: path_resolution(7). */
const linksMax = 40;

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root + sep);
}

function targetOf(path: string): string | undefined {
  try {
    // Asked before it is read: the error of readlink(2) for what is no link takes Node as long as some whole operations on files.
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
    return isLink ? readlinkSync(path) : undefined;
  } catch {
    return undefined; // no link, or not there
  }
}

/** The folder that really holds a path; undefined where there is none, so that whatever is tried there fails. */
function folderOf(root: string, path: string): string | undefined {
  const folder = dirname(path);
  if (folder === root) return root;
  try {
    return realpathSync.native(folder);
  } catch {
    return undefined;
  }
}

/**
 * The real path of a name, links resolved.
 *
 * @param root the world's directory, absolute, without a symbolic link in it
 * @param name below the world's directory; `.` for that itself
 * @param last what becomes of a link in the last segment: `followed` (also one whose target does not exist, since opening it
 *   may create that), or `itself` as rename, unlink and link(2) take it
 * @returns undefined when the name is malformed or leads out of the world
 */
export function worldPath(root: string, name: string, last: 'followed' | 'itself' = 'followed'): string | undefined {
  if (name === '.') return root;
  if (!isFileName(name)) return undefined;
  let path = root + sep + name;
  for (let links = 0; links < linksMax; links++) {
    const folder = folderOf(root, path);
    if (folder === undefined) return isInside(root, path) ? path : undefined;
    if (!isInside(root, folder)) return undefined;
    const target = last === 'followed' ? targetOf(path) : undefined;
    if (target === undefined) return isInside(root, path) ? folder + path.slice(path.lastIndexOf(sep)) : undefined;
    path = resolve(folder, target);
  }
  return undefined;
}
