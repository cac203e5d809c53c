// Does a file of a comparison's folder lie in it? A folder that came from elsewhere may hold symbolic links to anywhere.
import { lstatSync, realpathSync } from 'node:fs';
import { join, normalize, sep } from 'node:path';

/**
 * True when a symbolic link leads `file`, or a folder above it, out of `folder`.
 *
 * @param file its name below `folder`; may be missing, with folders above it
 */
export function leadsElsewhere(folder: string, file: string): boolean {
  const root = real(folder);
  const parts = normalize(file).split(sep);
  const above = parts.map((_, i) => join(folder, ...parts.slice(0, i + 1)));
  return root !== undefined && above.some((path) => !isBelow(root, real(path)));
}

/** Undefined for what is not there; '' for a link to nowhere, behind which a file may be made. */
function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined ? undefined : '';
  }
}

function isBelow(root: string, path: string | undefined): boolean {
  return path === undefined || path === root || path.startsWith(root === sep ? sep : root + sep);
}
