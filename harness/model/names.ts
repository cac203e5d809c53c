// What a well-formed name is: of a file below the world's directory, and of a process, lane or program. One answer for
// plans, workloads, faults, the coordinator and lanes. What stays out: where a name leads on the disk, links included,
// which whoever opens the file checks.
import { hasUnseen, quoted } from './visible.ts';

const utf8 = new TextEncoder();

/**
 * NAME_MAX of Linux's file systems for a segment; in all what leaves room, in the 512 bytes of SQLite's MAX_PATHNAME
 * (os_unix.c), for the run's folder and a suffix such as -journal.
 */
const bytesMax = { segment: 255, name: 300 } as const;

/** Why this is no name of a file below the world's directory, as the end of a sentence; undefined when it is one. */
export function fileNameComplaint(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (utf8.encode(name).length > bytesMax.name) return `it has more than ${bytesMax.name} bytes`;
  if (hasUnseen(name)) return 'it has a control character, a line break or another character that is not seen';
  if (name.includes('\\')) return 'it has a backslash; folders are parted by /';
  if (name.startsWith('/')) return 'it begins with /, and names are relative to the directory of the world';
  for (const segment of name.split('/')) {
    if (segment === '') return 'it has an empty part between two /, or ends in one';
    if (segment === '.' || segment === '..') return `it has the part ${quoted(segment)}`;
    if (utf8.encode(segment).length > bytesMax.segment) return `it has a part of more than ${bytesMax.segment} bytes`;
  }
  return undefined;
}

/** What nearly every name is: nothing in it that {@link fileNameComplaint} would have to look at. */
const plain = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$/;

/** Is this a name of a file below the world's directory? */
export function isFileName(name: string): boolean {
  return plain.test(name) || fileNameComplaint(name) === undefined;
}

/** So that a file named after a process keeps within {@link bytesMax}. */
const wordMax = 100;

/**
 * Is this a name of a process, of a thread within one, of a program, a group? One word, since names travel in the
 * gate's text requests; never `.` or `..`, since programs name files after themselves and each other.
 */
export function isProcessName(name: string): boolean {
  return name.length <= wordMax && /^[A-Za-z0-9_.-]+$/.test(name) && !/^\.\.?$/.test(name);
}

/** Is this a name of a lane: a process's, or `process/thread`? */
export function isLaneName(name: string): boolean {
  const words = name.split('/');
  return words.length <= 2 && words.every(isProcessName);
}

/** The process of a lane, which is `<process>` or `<process>/<thread>`: `gateway-1` of `gateway-1/notifier`. */
export function processOf(lane: string): string {
  return lane.split('/')[0] ?? lane;
}
