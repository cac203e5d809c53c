// A name is on the disk when its folder has been synced (fsync(2)). In plain JavaScript, as compile-cache.js says.
import { closeSync, fsyncSync, openSync } from 'node:fs';

/** What a file system answers that cannot sync a folder: there is nothing to be done about it. */
const cannot = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR', 'EPERM', 'EACCES']);

/**
 * Syncs the names in a folder.
 *
 * @param {string} folder
 * @returns {void}
 * @throws the file system's error, such as EIO
 */
export function syncFolder(folder) {
  let fd;
  try {
    fd = openSync(folder, 'r');
    fsyncSync(fd);
  } catch (error) {
    if (!cannot.has(String(Reflect.get(Object(error), 'code')))) throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
