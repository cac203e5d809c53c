// Who runs a PostgreSQL server: it refuses to run as root, so where we are root it is another user of this machine.
import { spawnSync } from 'node:child_process';
import { harnessError } from '../errors/errors.ts';

/** What a process is started with. */
export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

export interface ServerUser {
  readonly name: string;
  readonly ids: Ids;
}

/** Undefined: ourselves. @throws a harness error where we are root and there is no such user */
export function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const found = spawnSync('id', ['-u', name], { encoding: 'utf8' });
    const group = spawnSync('id', ['-g', name], { encoding: 'utf8' });
    if (found.status === 0 && group.status === 0)
      return { name, ids: { uid: Number(found.stdout), gid: Number(group.stdout) } };
  }
  throw harnessError(
    'NO_SERVER_USER',
    'PostgreSQL does not run as root, and this machine has neither a user postgres nor a user nobody.',
    'Add a user postgres, or run Lockstep as another user than root.',
  );
}
