// locks-held: at every look the kernel knows every POSIX lock that SQLite believes it holds.
import { invariant } from './invariant.ts';

export const locksHeld = invariant(
  'locks-held',
  'every POSIX lock that SQLite believes it holds is held (/proc/locks)',
  function* ({ looks }) {
    for (const { label, step, broken } of looks) {
      for (const { process, file, what } of broken) {
        yield {
          message: `look "${label}": ${process} believes it holds ${what} on ${file}, and the kernel knows no such lock`,
          step,
        };
      }
    }
  },
);
