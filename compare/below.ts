// Does a file of a comparison's folder lie in it? A folder that came from elsewhere may hold symbolic links to anywhere.
import { lstatSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/**
 * True when a symbolic link leads the folder of `file` out of `folder`, or the file itself out of its own.
 *
 * @param file its name below `folder`; may be missing, with folders above it
 */
export function leadsElsewhere(folder: string, file: string): boolean {
  const root = real(folder);
  return root !== undefined && [dirname(file), file].some((part) => !isBelow(root, real(join(folder, part))));
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
