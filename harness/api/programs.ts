// Makers of programs, for `programs` of a scenario. Their paths are relative to the file that declares it. What stays out: how a program
// runs (lane/).
import type { ProgramRef } from '../model/process.ts';

/**
 * A program whose paths wait for the file that declares the scenario.
 *
 * @param from `file:` URL of that file
 */
export type ProgramMaker = (from: string) => ProgramRef;

/**
 * A program over World: a function `(world, args) => void` that a module exports.
 *
 * @param module its path, relative to the scenario's file
 * @param name of the exported function
 */
export function world(module: string, name: string): ProgramMaker {
  return (from) => ({ module: new URL(module, from).href, export: name });
}
