// Workers as the processes of this host: a worker's logical name stands where the reported system has a process id, and
// `host:NAME` where it has `hostname:pid` of the dispatcher. All simulated processes are on one host.
import type { World, SqlValue } from '../../../harness/lane/world.ts';

const prefix = 'host:';

/** What a process writes into claim_lock. */
export function lockOf(process: string): string {
  return `${prefix}${process}`;
}

/** Was this claim made on this host? */
export function isHostLocal(claimLock: SqlValue | undefined): boolean {
  return typeof claimLock === 'string' && claimLock.startsWith(prefix);
}

/** `_pid_alive`. */
export function isAlive(world: World, worker: SqlValue | undefined): boolean {
  return typeof worker === 'string' && world.poll(worker) === undefined;
}
