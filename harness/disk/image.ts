// The files that a power loss leaves: what is on the disk for certain, and of what was under way all but what a state says is lost. What
// stays out: which states there are (crash-states.ts).
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CrashState } from '../model/crash.ts';
import { largeSectorBytes } from '../model/file-systems.ts';
import { type DiskOperation, isOnData, isOnNames } from '../model/disk.ts';
import { FileBytes } from '../model/file-bytes.ts';
import { isIn } from './ranges.ts';
import { changeBytes, changeNames, type DurableDisk } from './durable-disk.ts';

/** Bytes of files that images have in common and that are kept for the next. */
const keptMost = 64 << 20;

/** What a spoilt byte is: no text, no zero, no part of a header. */
const spoiltByte = 0xa5;

/** @property digest of names and bytes: of two images with the same one there is one */
export interface Image {
  readonly files: ReadonlyMap<string, ImageFile>;
  readonly digest: string;
}

interface ImageFile {
  readonly bytes: Buffer;
  readonly digest: string;
  readonly linksTo: string | undefined;
  /** Of the file: two names with the same one are names of one file. */
  readonly number: number;
}

/** A write, as far as it got. */
function write(
  bytes: FileBytes,
  operation: Extract<DiskOperation, { readonly kind: 'write' }>,
  number: number,
  state: CrashState,
): void {
  const { offset } = operation;
  const end = offset + operation.bytes.length;
  if (state.torn?.operation === number) bytes.write(offset, operation.bytes.subarray(0, state.torn.bytes));
  else if (state.hollow !== undefined && isIn(state.hollow, number)) bytes.write(offset, new Uint8Array(end - offset));
  else bytes.write(offset, operation.bytes);
  if (state.spoilt !== number) return;
  bytes.fill(offset - (offset % largeSectorBytes), offset, spoiltByte);
  bytes.fill(end, Math.ceil(end / largeSectorBytes) * largeSectorBytes, spoiltByte);
}

/** Makes images of states at the moment at which a disk stands. Keeps what they have in common. */
export class Images {
  readonly #disk: DurableDisk;
  readonly #known = new Map<string, ImageFile>();
  #kept = 0;

  constructor(disk: DurableDisk) {
    this.#disk = disk;
  }

  /** @param state of the moment at which the disk stands */
  of(state: CrashState): Image {
    const names = new Map(this.#disk.names);
    const kept = new Map<number, number[]>();
    for (const number of this.#disk.pending) {
      if (isIn(state.lost, number)) continue;
      const operation = this.#disk.operation(number);
      if (isOnNames(operation)) changeNames(names, operation);
      if (!isOnData(operation)) continue;
      const list = kept.get(operation.file);
      if (list === undefined) kept.set(operation.file, [number]);
      else list.push(number);
    }
    const files = new Map<string, ImageFile>();
    const hash = createHash('sha1');
    const seen = new Map<number, string>();
    for (const [name, number] of [...names].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const file = this.#file(number, kept.get(number) ?? [], state);
      files.set(name, file);
      const linked = seen.has(number) ? `${seen.get(number)}\0` : '';
      seen.set(number, name);
      hash.update(`${name}\0${file.digest}\0${linked}`);
    }
    return { files, digest: hash.digest('hex') };
  }

  /** The disk has gone on: of what was kept most will not be asked for again. */
  forget(): void {
    this.#known.clear();
    this.#kept = 0;
  }

  #file(number: number, kept: readonly number[], state: CrashState): ImageFile {
    const linksTo = this.#disk.log.files[number]?.linksTo;
    const { version, bytes: durable } = this.#disk.file(number);
    const special = kept.flatMap((one) => [
      ...(state.torn?.operation === one ? [`torn ${one} ${state.torn.bytes}`] : []),
      ...(state.spoilt === one ? [`spoilt ${one}`] : []),
      ...(state.hollow !== undefined && isIn(state.hollow, one) ? [`hollow ${one}`] : []),
    ]);
    const key = `${number}.${version}:${kept.join()};${special.join()}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = new FileBytes(durable);
    for (const one of kept) {
      const operation = this.#disk.operation(one);
      if (operation.kind === 'write') write(made, operation, one, state);
      else if (isOnData(operation)) changeBytes(made, operation);
    }
    const { bytes } = made;
    const file = {
      bytes,
      digest: createHash('sha1')
        .update(linksTo ?? bytes)
        .digest('hex'),
      linksTo,
      number,
    };
    this.#kept += bytes.length;
    if (this.#kept > keptMost) this.forget();
    this.#known.set(key, file);
    return file;
  }
}

/**
 * Writes an image into a folder that exists and has none of its files.
 *
 * @returns names that mean the same file, by that which was written first
 */
export function writeImage({ files }: Image, folder: string): readonly (readonly [string, string])[] {
  const written = new Map<number, string>();
  const links: [string, string][] = [];
  for (const [name, { bytes, linksTo, number }] of files) {
    const path = join(folder, name);
    const first = written.get(number);
    if (name.includes('/')) mkdirSync(dirname(path), { recursive: true });
    if (linksTo !== undefined) symlinkSync(linksTo, path);
    else if (first === undefined) writeFileSync(path, bytes);
    else {
      linkSync(join(folder, first), path);
      links.push([first, name]);
    }
    if (first === undefined) written.set(number, name);
  }
  return links;
}
