// One processor for a coordinator and its lanes. Only one of them runs at any time, and handing over between two
// threads of one processor is a plain switch, while waking another processor is not: measured, 20 to 30 % more runs a
// second. Programs that run side by side (jobs of a search, test workers) must not choose the same one: each takes the
// first that no other has. What stays out: results, which never depend on it.
import { closeSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allowedProcessors, tryFlock } from './native.ts';
import { openRegular } from './regular-file.ts';

/** All that this program may use: for what has other things to do than to hand over, such as a child that is starting. */
export const allProcessors = allowedProcessors();

/** The processor of this program, held by a flock(2) that goes with it; its coordinators run by turns and share it. */
let held: { readonly processors: readonly number[]; readonly fd: number | undefined } | undefined;

function tryProcessor(processor: number): number | undefined {
  let fd: number | undefined;
  try {
    fd = openRegular(join(tmpdir(), `lockstep-processor-${processor}`), constants.O_RDWR | constants.O_CREAT);
    if (tryFlock(fd, 'exclusive')) return fd;
  } catch {
    // Another user's, or something else in its place: taken.
  }
  if (fd !== undefined) closeSync(fd);
  return undefined;
}

/** Takes a processor for this program, if it has none; where all are taken, one of them. */
export function takeProcessor(): readonly number[] {
  if (held !== undefined) return held.processors;
  for (const processor of allProcessors) {
    const fd = tryProcessor(processor);
    if (fd === undefined) continue;
    held = { processors: [processor], fd };
    return held.processors;
  }
  const any = allProcessors[process.pid % Math.max(1, allProcessors.length)];
  held = { processors: any === undefined ? [] : [any], fd: undefined };
  return held.processors;
}

/** Gives it back: no coordinator is open. */
export function giveProcessor(): void {
  if (held?.fd !== undefined) closeSync(held.fd);
  held = undefined;
}
