// Files of our own in folders that others may write, too: the cache, the folder of the runs, /tmp. Whoever can write there
// can put a symbolic link, a FIFO or a folder in a file's place; a link would lead our writes elsewhere, a FIFO holds its
// reader for ever. What stays out: what is in the files.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { harnessError } from '../errors/errors.ts';

/** What open(2) says, under these flags, of a link, a folder, a socket. */
const notRegular = ['ELOOP', 'EMLINK', 'EISDIR', 'ENXIO'];

/**
 * open(2) for what must be a regular file; a file that it makes is its owner's alone.
 *
 * @param flags of open(2)
 * @throws a harness error when something else is in its place; the file system's error
 */
export function openRegular(file: string, flags: number): number {
  let fd: number;
  try {
    fd = openSync(file, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  } catch (error) {
    if (error instanceof Error && 'code' in error && notRegular.includes(String(error.code)))
      throw notOurs(file, error);
    throw error;
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw notOurs(file);
}

/**
 * All bytes of a regular file.
 *
 * @throws as {@link openRegular}; a RangeError when it is longer than `bytesMax`
 */
export function readRegular(file: string, bytesMax: number): Buffer {
  const fd = openRegular(file, constants.O_RDONLY);
  try {
    return readAll(fd, bytesMax);
  } finally {
    closeSync(fd);
  }
}

/** All bytes of an open file, from where it stands. Throws a RangeError when it is longer than `bytesMax`. */
export function readAll(fd: number, bytesMax: number): Buffer {
  const { size } = fstatSync(fd);
  if (size > bytesMax) throw new RangeError(`it has ${size} bytes, more than ${bytesMax}`);
  return readFileSync(fd);
}

function notOurs(file: string, cause?: unknown): Error {
  return harnessError(
    'NOT_A_REGULAR_FILE',
    `${file} is not the regular file that Lockstep makes there: a symbolic link, a folder or a pipe is in its place.`,
    'Remove it if it is yours; if others can write into that folder, name another with LOCKSTEP_CACHE, LOCKSTEP_RUNS or TMPDIR.',
    cause,
  );
}
