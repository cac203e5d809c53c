// What must hold after every blow: of what a command said, and of what it leaves behind. Each function lists what is wrong, in
// words. What stays out: exit codes and results, which depend on the blow (scene.ts).
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Document } from './commands.ts';
import { describe, processesWith } from './processes.ts';
import type { Ended } from './victim.ts';

/** Those that a terminal obeys, and those that turn the direction of text. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
export const controlCharacters = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** What no sentence to a person contains, and what it is. */
const neverSaid: readonly (readonly [RegExp, string])[] = [
  [/^\s+at .+(:\d+:\d+|<anonymous>|native)\)?$/m, 'a stack trace'],
  [/defect of Lockstep/, '"defect of Lockstep"'],
  [/breaks the first promise/, '"breaks the first promise"'],
  [/\b(Type|Range|Reference|Syntax)Error\b/, 'an internal error'],
  [/Maximum call stack/, 'an overflow of the stack'],
  [/Unhandled|Uncaught|node:internal|^Node\.js v\d/m, 'an error that nobody caught'],
  [/\[object Object\]|(?<!received )\bundefined\b/, 'a word of the programming language'],
  [controlCharacters, 'raw control characters'],
];

/** Lines of progress: as many as there is work. */
const progress = /^(PASS|FAIL|INCONCLUSIVE|ERROR) |^engine |^gate|cells,|stress|searches|npm (warn|notice)/i;

/** What could not be written is printed whole, to be copied. */
const rescued = /^\{\n[\s\S]*?^\}\n(?=The file above could not be written)/gm;

const screenLines = 40;
const screenBytes = 8000;

/** What is wrong with what a command has said. */
export function wrongWords({ stdout, stderr }: Pick<Ended, 'stdout' | 'stderr'>, json: boolean): readonly string[] {
  const wrong = neverSaid.flatMap(([pattern, what]) =>
    [stderr, json ? '' : stdout].some((text) => pattern.test(text)) ? [`it said ${what}`] : [],
  );
  const said = stderr
    .replaceAll(rescued, '')
    .split('\n')
    .filter((line) => line !== '' && !progress.test(line));
  if (said.length > screenLines || said.join('\n').length > screenBytes) {
    wrong.push(`more than a screen on standard error (${said.length} lines, ${said.join('\n').length} characters)`);
  }
  return wrong;
}

/** Waits until no process has the mark. */
export async function stillRunning(mark: string, mostMs: number): Promise<readonly string[]> {
  const began = performance.now();
  let left = processesWith(mark);
  while (left.length > 0 && performance.now() - began < mostMs) {
    await sleep(30);
    left = processesWith(mark);
  }
  return left.length === 0 ? [] : [`left running: ${left.map(describe).join(', ')}`];
}

/** Every entry below a folder; links are not followed. */
export function below(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
    join(entry.parentPath, entry.name),
  );
}

/** Files that were being written when something happened to their writer. */
export function halfWritten(folders: readonly string[]): readonly string[] {
  const found = folders.flatMap(below).filter((path) => /\.tmp\b|\.tmp-/.test(path.slice(path.lastIndexOf('/') + 1)));
  return found.length === 0 ? [] : [`left half written: ${found.slice(0, 3).join(', ')}`];
}

/** Files in the temporary folder that stand there for all commands: locks of processors, and what Node has compiled. */
export const standing = /^lockstep-processor|^node-compile-cache$/;

/** Entries of a folder beside those that belong there. */
export function leftIn(
  folder: string,
  what: string,
  expected: (name: string) => boolean = () => false,
): readonly string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  const left = readdirSync(folder).filter((name) => !expected(name));
  return left.length === 0 ? [] : [`left in ${what}: ${left.slice(0, 4).join(', ')}`];
}

/** Cells that the lines of progress have called done. */
export function cellsTold(said: string): ReadonlyMap<string, string> {
  return new Map(
    [...said.matchAll(/^(PASS|FAIL|INCONCLUSIVE)\s+([\w.+-]+\/[\w.+-]+\/[\w.+-]+):/gm)].map(
      ([, verdict = '', cell = '']) => [cell, verdict.toLowerCase()],
    ),
  );
}

/** What a results.json lacks of the cells that were called done. A comparison that was told nothing has lost nothing. */
export function lostCells(out: string, told: ReadonlyMap<string, string>): readonly string[] {
  const path = join(out, 'results.json');
  if (!existsSync(path)) return told.size === 0 ? [] : ['results.json is not there, and cells were done'];
  let cells: readonly Document[];
  try {
    cells = (JSON.parse(readFileSync(path, 'utf8')) as { readonly cells: readonly Document[] }).cells;
  } catch (error) {
    return [`results.json cannot be read: ${String(error)}`];
  }
  const kept = new Map(
    cells.map((cell) => [['scenario', 'strategy', 'engine'].map((name) => String(cell[name])).join('/'), cell]),
  );
  return [...told].flatMap(([name, verdict]) => {
    const cell = kept.get(name);
    if (cell === undefined) return [`the finished cell ${name} is lost`];
    return cell['verdict'] === verdict
      ? []
      : [`the cell ${name} was told as ${verdict} and kept as ${String(cell['verdict'])}`];
  });
}
