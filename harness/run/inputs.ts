// Standard inputs that a process writes to while the other runs. What is written lies in a file, and who comes to its end asks whether that is the
// end of all. What stays out: the file (pool.ts), and who asks (lane/register/, lane/python/, lane/preload/).
import type { CommandProgram } from '../model/process.ts';
import type { Answer, Asked } from '../model/request.ts';
import type { RunControl, RunState } from './run-state.ts';

/** What the event loop of a Node that is this process waits for (lane/register/waits.ts). */
export function loopKey(name: string): string {
  return `threads/${name}`;
}

/** A command that knows whose standard input it has: others that it starts may inherit it. */
export function withInput(command: CommandProgram, name: string): CommandProgram {
  return { ...command, env: { ...command.env, LOCKSTEP_INPUT: name } };
}

/** A process that is held goes on, with what it is to read. */
export function beginHeld(
  state: RunState,
  control: RunControl,
  { name, input, open = false }: Extract<Asked, { readonly kind: 'begin' }>,
): Answer {
  const process = state.processByName(name);
  if (process === undefined) return {};
  process.inputOpen = open;
  control.beginHeld(process, Buffer.from(input, 'base64'));
  return {};
}

/** May more come on the standard input of a process? Whoever started it, and nobody else, can write there. */
export function isInputOpen(state: RunState, name: string): boolean {
  const process = state.processByName(name);
  const writer = process?.parent === undefined ? undefined : state.processByName(process.parent);
  return process?.inputOpen === true && writer?.ending === undefined && !state.stopping;
}
