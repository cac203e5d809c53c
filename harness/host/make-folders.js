// Makes folders one by one: Node's own way (`recursive`) never ends where the kernel refuses, as below /proc. In plain
// JavaScript, as compile-cache.js says.
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from './sync-folder.js';

/**
 * Makes a folder and those above it, where they are missing. They outlive a power loss.
 *
 * @param {string} folder an absolute path
 * @returns {void}
 * @throws the file system's error
 */
export function makeFolders(folder) {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder));
  try {
    mkdirSync(folder);
    syncFolder(dirname(folder));
  } catch (error) {
    // Another process may have made it meanwhile.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}
