// locks-held: at the plan's end the kernel knows every POSIX lock that SQLite believes it holds.
import { invariant } from './invariant.ts';

export const locksHeld = invariant(
  'locks-held',
  'every POSIX lock that SQLite believes it holds is held (/proc/locks)',
  function* ({ look }) {
    for (const { process, file, what } of look?.broken ?? []) {
      yield { message: `${process} believes it holds ${what} on ${file}, and the kernel knows no such lock` };
    }
  },
);
