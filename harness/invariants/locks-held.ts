// locks-held: at every look the kernel knows every POSIX lock that SQLite believes it holds.
import { invariant } from './invariant.ts';

export const locksHeld = invariant(
  'locks-held',
  'every POSIX lock that SQLite believes it holds is held (/proc/PID/fdinfo)',
  function* ({ looks }) {
    for (const { label, step, broken } of looks) {
      const said = broken.map(({ process, file, what }) => `${process} believes it holds ${what} on ${file}`);
      for (const sentence of new Set(said)) {
        yield { message: `look "${label}": ${sentence}, and the kernel knows no such lock`, step };
      }
    }
  },
);
