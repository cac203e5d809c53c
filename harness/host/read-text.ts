// Reads a text file that a person was given by somebody: never more of it than a bound, and only UTF-8. What stays out:
// what is in it, and which sentence the error becomes a part of.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { machineLimit } from '../errors/machine-limits.ts';
import { visible } from '../model/visible.ts';

const chunkBytes = 1 << 16;
const mebibyte = 1 << 20;

function tooLong(bytesMax: number): Error {
  return new Error(`it has more than ${bytesMax / mebibyte} MiB`);
}

/** What a file has, at most `bytesMax`: a device or a pipe does not say beforehand how much that is. */
function bytesOf(fd: number, bytesMax: number): Buffer {
  const stat = fstatSync(fd);
  if (stat.isDirectory()) throw new Error('it is a folder');
  if (stat.size > bytesMax) throw tooLong(bytesMax);
  const chunks: Buffer[] = [];
  let length = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    const read = readSync(fd, chunk);
    if (read === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, read));
    length += read;
    if (length > bytesMax) throw tooLong(bytesMax);
  }
}

function decoded(bytes: Buffer): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new Error('it is UTF-16, and must be UTF-8');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Error('it is not text in UTF-8', { cause: error });
  }
}

/**
 * The text of a file, without a byte order mark.
 *
 * @param bytesMax a longer file is refused before it is read; whole mebibytes
 * @throws a harness error where the machine does not let it be read; any other Error's message is the end of a sentence:
 *   `<file> cannot be read: …`
 */
export function readText(path: string, bytesMax: number): string {
  try {
    return readWhole(path, bytesMax);
  } catch (error) {
    throw machineLimit(error, `${visible(path)} could not be read`) ?? error;
  }
}

function readWhole(path: string, bytesMax: number): string {
  const fd = openSync(path, 'r');
  try {
    return decoded(bytesOf(fd, bytesMax));
  } finally {
    closeSync(fd);
  }
}
