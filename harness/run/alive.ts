// A file by which processes hear that the coordinator is gone, whoever their parent is: a FIFO that it has open and nobody writes to
// (diesWithCoordinator in gate.c). What stays out: processes whose parent is the coordinator, which the kernel tells (PR_SET_PDEATHSIG).
import { constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { makeFifo } from '../host/native.ts';

/**
 * @param folder of the pool, above the FIFOs of its processes
 * @returns a descriptor, to be closed when no process may be left
 */
export function openAlive(folder: string): number {
  const path = join(folder, 'alive');
  makeFifo(path);
  return openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
}
