// The segment of System V that a postmaster makes to be alone on its files: the kernel keeps it until somebody gives it back, which a server
// that was killed does not. What stays out: memory that is mapped, which goes with its last process.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnv } from '../host/child-env.ts';
import type { Ids } from './server-user.ts';

/** Of postmaster.pid, from 0: the segment's key and its number (PostgreSQL's source, miscadmin.h, LOCK_FILE_LINE_SHMEM_KEY). */
const segmentLine = 6;

/** The number of the segment that the server on these files has made; undefined where it has come to none. */
function segmentOf(data: string): string | undefined {
  try {
    const line = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[segmentLine];
    return /^\s*\d+\s+(\d+)\s*$/.exec(line ?? '')?.[1];
  } catch {
    return undefined;
  }
}

/**
 * Gives back what a server that is dead has kept of the kernel, as the server's user: root may not where it has no capabilities.
 *
 * @param data the cluster's files, with the postmaster.pid of the dead one
 */
export function giveBackSegment(data: string, runner: Ids | undefined): void {
  const segment = segmentOf(data);
  if (segment === undefined) return;
  // One that is not there any more is what was wanted; ipcrm is of util-linux, without which no server is better off either.
  spawnSync('ipcrm', ['-m', segment], { ...runner, cwd: '/', env: childEnv(), stdio: 'ignore' });
}
