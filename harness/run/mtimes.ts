// When the contents of each file last changed, in virtual time: the kernel's own mtime is wall-clock, which no run may see.
// What stays out: changes that pass no gate.
import { op, type RawRecord } from '../gate/protocol.ts';

const nsPerMs = 1_000_000;

export class Mtimes {
  readonly #ns = new Map<string, number>();
  #nowMs = 0;
  /** Changes within one virtual millisecond. */
  #changes = 0;

  /** Nanoseconds since the run's start; 0 for a file that nobody has changed. Two changes never share one. */
  of(name: string): number {
    return this.#ns.get(name) ?? 0;
  }

  /** The contents of a file have changed. */
  touch(name: string, nowMs: number): void {
    this.#changes = nowMs === this.#nowMs ? this.#changes + 1 : 1;
    this.#nowMs = nowMs;
    this.#ns.set(name, nowMs * nsPerMs + this.#changes);
  }

  /** Follows a step of any lane. */
  see(record: Readonly<RawRecord>, names: readonly string[], nowMs: number): void {
    if (record.rc !== 0) return;
    const name = names[record.file] ?? '';
    switch (record.op) {
      case op.write:
      case op.truncate:
      case op.fileWrite:
        this.touch(name, nowMs);
        break;
      case op.copy:
        this.touch(record.text, nowMs);
        break;
      case op.rename:
        this.#move(name, record.text);
        break;
      case op.delete:
      case op.unlink:
        this.#ns.delete(name);
        break;
      default:
    }
  }

  #move(from: string, to: string): void {
    const ns = this.#ns.get(from);
    this.#ns.delete(from);
    if (ns === undefined) this.#ns.delete(to);
    else this.#ns.set(to, ns);
  }
}
