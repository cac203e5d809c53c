// A copy of a world: the files that a setup program left, for each run anew. Names of one inode stay names of one, and links
// stay links: made into separate files they would be another world.
import { copyFileSync, linkSync, lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param from a folder that nobody changes meanwhile
 * @param to exists and is empty
 */
export function copyWorld(from: string, to: string): void {
  copyFolder(from, to, new Map());
}

/** @param copies by inode, of files that have several names */
function copyFolder(from: string, to: string, copies: Map<number, string>): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      mkdirSync(target);
      copyFolder(source, target, copies);
    } else if (entry.isSymbolicLink()) {
      symlinkSync(readlinkSync(source), target); // relative to its own folder (World.files.symlink)
    } else {
      copyFile(source, target, copies);
    }
  }
}

function copyFile(source: string, target: string, copies: Map<number, string>): void {
  const { nlink, ino } = lstatSync(source);
  const first = nlink > 1 ? copies.get(ino) : undefined;
  if (first !== undefined) {
    linkSync(first, target);
    return;
  }
  copyFileSync(source, target);
  if (nlink > 1) copies.set(ino, target);
}
