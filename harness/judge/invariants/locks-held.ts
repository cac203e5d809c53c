// locks-held: at every look the kernel knows every POSIX lock that SQLite believes it holds. A look finds lanes where they
// stand, so one in the middle of a transaction is judged by the locks of its transaction too. What stays out: what happens
// between looks; the mark `locks-cancelled` follows every step.
import { invariant } from '../../model/invariant.ts';

export const locksHeld = invariant(
  'locks-held',
  'hazard',
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
