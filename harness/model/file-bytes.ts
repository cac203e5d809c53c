// The bytes of a file, changed as a file system changes them. What stays out: when, and by whom.

/** Zeros stand where nobody has written (POSIX, write(2) behind the end; ftruncate(2)). */
export class FileBytes {
  #bytes: Buffer;
  #size: number;

  /** @param begins copied, not kept */
  constructor(begins: Uint8Array = new Uint8Array(), room = begins.length) {
    this.#bytes = Buffer.alloc(Math.max(room, begins.length));
    this.#bytes.set(begins);
    this.#size = begins.length;
  }

  get size(): number {
    return this.#size;
  }

  /** What is in it: valid until it changes. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#size);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#lengthen(offset + bytes.length);
    this.#bytes.set(bytes, offset);
  }

  /** The same with one byte over and over; what lies behind the file's end stays out. */
  fill(from: number, to: number, byte: number): void {
    this.#bytes.fill(byte, Math.min(from, this.#size), Math.min(to, this.#size));
  }

  truncate(size: number): void {
    if (size > this.#size) this.#lengthen(size);
    else this.#bytes.fill(0, size, this.#size);
    this.#size = size;
  }

  #lengthen(end: number): void {
    if (end > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(end, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#size);
      this.#bytes = larger;
    }
    this.#size = Math.max(this.#size, end);
  }
}
