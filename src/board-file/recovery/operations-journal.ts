// The operations journal of a board: each transaction as its statements with their bound values, a line each, synced before
// its COMMIT and while nobody else may write: the order of lines is the order of commits. A line that is there and whole counts
// as committed, whatever became of the process; a COMMIT that failed takes its line back. The tail may be torn by a kill.
// What stays out: making a board of it (truth.ts).
import type { SqlValue, World } from '../../../harness/lane/world.ts';
import { unlessOsError } from '../os-error.ts';
import { syncFolder } from '../syncs.ts';
import { crc32 } from './crc32.ts';
import { recoveryFolder, segmentName } from './folder.ts';

/** @property changes rows that it changed: when it is done again on the same board it must change as many */
export interface Statement {
  readonly sql: string;
  readonly bind: readonly SqlValue[];
  readonly changes: number;
}

/** @property rows names of the rows that the transaction added, such as `task:t_1a2b3c4d` */
export interface Entry {
  readonly sequence: number;
  readonly by: string;
  readonly rows: readonly string[];
  readonly statements: readonly Statement[];
}

/**
 * A file of the journal.
 *
 * @property base sequence after which it begins
 * @property generation undefined where its first line is damaged: it belongs to the board beside which it lies
 * @property end of what its last whole line says: sequence of the last transaction
 * @property takenBack the transaction after that, where its COMMIT failed: where its line ended, bytes
 * @property length bytes up to the end of the last whole line
 * @property damaged lines behind that which were whole once: they have an end, and a torn one has none
 * @property size bytes of the file; what lies behind `length` is torn, or damaged
 */
export interface Segment {
  readonly base: number;
  readonly generation: string | undefined;
  readonly entries: readonly Entry[];
  readonly end: number;
  readonly takenBack: number | undefined;
  readonly length: number;
  readonly damaged: number;
  readonly size: number;
}

/** The first line of a segment. */
interface Head {
  readonly format: number;
  readonly generation: string;
}

/** In the place of the line of a COMMIT that failed, which ended there. */
interface TakenBack {
  readonly takenBack: number;
}

type Line = Head | Entry | TakenBack;

const newline = 10;

function lineOf(content: object): Uint8Array {
  const text = JSON.stringify(content);
  return new TextEncoder().encode(`${crc32(new TextEncoder().encode(text))} ${text}\n`);
}

/**
 * The whole lines, and where the last one ends. Each was on the disk before the next was begun, so one that is damaged before a
 * whole one was whole once: it is left out, and its number is missing.
 */
function wholeLines(bytes: Uint8Array): Pick<Segment, 'length' | 'damaged'> & { readonly lines: readonly Line[] } {
  const lines: Line[] = [];
  let length = 0;
  let damaged = 0;
  for (let from = 0; ; ) {
    const end = bytes.indexOf(newline, from);
    if (end < 0) return { lines, length, damaged };
    const line = new TextDecoder().decode(bytes.subarray(from, end));
    if (crc32(bytes.subarray(from + 9, end)) === line.slice(0, 8)) {
      lines.push(JSON.parse(line.slice(9)) as Line);
      length = end + 1;
      damaged = 0;
    } else damaged++;
    from = end + 1;
  }
}

function pathOf(file: string, base: number): string {
  return `${recoveryFolder(file)}/${segmentName(base)}`;
}

/** @throws FileError when it is not there */
export function readSegment(world: World, file: string, base: number): Segment {
  const bytes = world.files.read(pathOf(file, base));
  const { lines, length, damaged } = wholeLines(bytes);
  const entries = lines.filter((line) => 'sequence' in line);
  const last = lines.at(-1);
  return {
    base,
    generation: lines.find((line) => 'generation' in line)?.generation,
    entries,
    end: entries.at(-1)?.sequence ?? base,
    takenBack: last !== undefined && 'takenBack' in last ? last.takenBack : undefined,
    length,
    damaged,
    size: bytes.length,
  };
}

/** Bytes of a segment; undefined when it is not there. */
export function segmentSize(world: World, file: string, base: number): number | undefined {
  return world.files.stat(pathOf(file, base))?.size;
}

/** Begins a segment, all of it at once, and waits until all names of the folder are on the disk. Result: bytes. */
export function beginSegment(world: World, file: string, generation: string, base: number): number {
  const line = lineOf({ format: 1, generation, base });
  const name = `${recoveryFolder(file)}/next.journal`;
  world.files.write(name, new Uint8Array(0));
  write(world, name, line, 0);
  world.files.rename(name, pathOf(file, base));
  syncFolder(world, recoveryFolder(file));
  return line.length;
}

export function entryLine({ sequence, by, rows, statements }: Entry): Uint8Array {
  return lineOf({ sequence, by, rows, statements });
}

/** Writes a line and waits for the disk. @param at end of the last line, bytes */
export function appendLine(world: World, file: string, base: number, at: number, line: Uint8Array): void {
  write(world, pathOf(file, base), line, at);
}

function write(world: World, name: string, bytes: Uint8Array, at: number): void {
  const descriptor = world.files.open(name, 'r+');
  try {
    descriptor.write(bytes, at);
    descriptor.sync();
  } finally {
    descriptor.close();
  }
}

/**
 * Takes back the line of a COMMIT that failed, and says so in its place: a board that has the transaction all the same is told from one
 * whose journal has lost its end. Where nothing can be written the line is cut off.
 *
 * @param at where the line begins, and `length` of it, bytes
 * @throws FileError
 */
export function takeLineBack(world: World, file: string, base: number, at: number, length: number): void {
  const line = lineOf({ takenBack: at + length });
  const isSaid = unlessOsError(() => (appendLine(world, file, base, at, line), true)) === true;
  cutSegment(world, file, base, isSaid ? at + line.length : at);
}

/** Takes back what lies behind a place: a torn tail, or half a line. */
export function cutSegment(world: World, file: string, base: number, at: number): void {
  const descriptor = world.files.open(pathOf(file, base), 'r+');
  try {
    descriptor.truncate(at);
    descriptor.sync();
  } finally {
    descriptor.close();
  }
}
