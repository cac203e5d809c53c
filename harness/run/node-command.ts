// Which Node a command means, and what of its words is Node's own: what a zygote is started with, and what each of its processes is told.
// What stays out: starting it (node-command-starter.ts).
import { basename } from 'node:path';

/**
 * @property node as it is given, by name or path
 * @property options of Node
 * @property main the program's file
 * @property words behind it
 */
export interface NodeCommand {
  readonly node: string;
  readonly options: readonly string[];
  readonly main: string;
  readonly words: readonly string[];
}

/**
 * V8 does everything in the one thread that runs the program: a process can be copied (lane/register/zygote.c), and what is collected
 * when depends on the program alone.
 */
export const nodeFlags = ['--single-threaded', '--v8-pool-size=1'] as const;

/** Options that have their value in the next word (`node --help`). */
const withValue: ReadonlySet<string> = new Set([
  '-C',
  '-r',
  '--conditions',
  '--import',
  '--require',
  '--stack-trace-limit',
  '--title',
  '--unhandled-rejections',
]);

/** Options that have none, or theirs behind a `=`, and change nothing about when a program is loaded. */
const plain =
  /^--(no-[a-z-]+|enable-source-maps|expose-gc|experimental-(strip|transform)-types|pending-deprecation|throw-deprecation|trace-(warnings|uncaught|deprecation|exit)|(import|require|conditions|input-type|max-old-space-size|stack-size|stack-trace-limit|title|unhandled-rejections)=.*)$/;

/** Undefined for what is no Node, or no program in a file, or has options that are not among those known here. */
export function nodeCommand([node, ...rest]: readonly [string, ...string[]]): NodeCommand | undefined {
  if (!/^node(js)?$/.test(basename(node))) return undefined;
  let at = 0;
  for (let word = rest[at]; word?.startsWith('-') === true; word = rest[at])
    if (withValue.has(word)) at += 2;
    else if (plain.test(word)) at++;
    else return undefined;
  const main = rest[at];
  return main === undefined ? undefined : { node, options: rest.slice(0, at), main, words: rest.slice(at + 1) };
}
