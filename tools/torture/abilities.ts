// What this machine lets a torture do: some blows need root. What stays out: the blows.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { root } from './commands.ts';

/** A user that owns nothing, for limits and rights that do not bind root. */
export const stranger = 65_533;

export const asStranger = ['setpriv', `--reuid=${stranger}`, `--regid=${stranger}`, '--clear-groups'] as const;

export interface Abilities {
  /** Can small file systems be mounted? */
  readonly mounts: boolean;
  /** Is there prlimit(1)? A shell's ulimit knows other limits in each shell. */
  readonly limits: boolean;
  /** Can commands run as another user, who can read the checkout? */
  readonly becomesStranger: boolean;
}

function works(file: string, args: readonly string[]): boolean {
  return execaSync(file, args, { reject: false, stdio: 'ignore' }).exitCode === 0;
}

export function abilitiesIn(folder: string): Abilities {
  const place = join(folder, 'mounted');
  mkdirSync(place);
  const mounts = works('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place]);
  if (mounts) works('umount', ['-l', place]);
  rmSync(place, { recursive: true, force: true });
  const [file, ...args] = asStranger;
  const becomesStranger = works(file, [...args, process.execPath, '--check', `${root}cli/lockstep.js`]);
  return { mounts, becomesStranger, limits: works('prlimit', ['--version']) };
}

export const needsMounts = ({ mounts }: Abilities): string | undefined =>
  mounts ? undefined : 'small file systems cannot be mounted here (it needs root)';

export const needsStranger = ({ becomesStranger }: Abilities): string | undefined =>
  becomesStranger
    ? undefined
    : 'commands cannot run as another user here (it needs root, setpriv, a readable checkout)';

export const needsLimits = ({ limits }: Abilities): string | undefined =>
  limits ? undefined : 'limits cannot be set here (it needs prlimit)';
