// Words of the viewer: times, steps, arguments, names of lanes. The number of a step stands plain, as sentences about the run
// write it. What stays out: where they stand.
import type { TimelineStep } from '../../../harness/model/timeline.ts';
import { at, type Model } from './model.ts';

/** Thin space between a figure and its unit. */
const thin = '\u202f';

/**
 * Virtual time in words, exact to the millisecond.
 *
 * @param ms since the run's start
 */
export function timeText(ms: number): string {
  if (ms === 0) return `0${thin}s`;
  if (ms < 1000) return `${ms}${thin}ms`;
  const seconds = Number(((ms % 60_000) / 1000).toFixed(3));
  const minutes = Math.floor(ms / 60_000) % 60;
  const hours = Math.floor(ms / 3_600_000);
  const parts: string[] = [];
  if (hours > 0) parts.push(`${hours}${thin}h`);
  if (minutes > 0) parts.push(`${minutes}${thin}min`);
  if (seconds > 0) parts.push(`${seconds}${thin}s`);
  return parts.join(' ');
}

/** A name cut in two at its last slash: process and thread. The thread is empty for a process with one lane. */
export function laneParts(name: string): { readonly process: string; readonly thread: string } {
  const slash = name.indexOf('/');
  return slash < 0 ? { process: name, thread: '' } : { process: name.slice(0, slash), thread: name.slice(slash) };
}

export function laneName(model: Model, lane: number | null): string {
  return lane === null ? 'nobody' : (model.timeline.lanes[lane] ?? `lane ${lane}`);
}

export function fileName(model: Model, file: number): string {
  return file < 0 ? '' : (model.timeline.files[file] ?? `file ${file}`);
}

export function codeText(code: number | string | undefined): string {
  return code === undefined ? '' : String(code);
}

/** A result for a narrow column: SQLite's codes without their common prefix. */
export function shortCode(code: number | string | undefined): string {
  return codeText(code).replace(/^SQLITE_/, '');
}

/** `slot=WRITE mode=exclusive`; empty without arguments. */
export function argsText(args: TimelineStep[6]): string {
  if (args === null) return '';
  return Object.entries(args)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** One step in a line: who, what, on which file, with what result. */
export function stepText(model: Model, row: TimelineStep): string {
  const { ops, codes } = model.timeline;
  const file = fileName(model, row[at.file]);
  const detail = row[at.args]?.['level'] ?? row[at.args]?.['slot'];
  const what = [ops[row[at.op]] ?? '', file, detail === undefined ? '' : String(detail)].filter((word) => word !== '');
  return `${laneName(model, row[at.lane])}: ${what.join(' ')} → ${codeText(codes[row[at.code]])}`;
}
