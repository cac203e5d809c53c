import type { Downgrade } from './downgrade.ts';

/** "locking protocol", "not authorized" and "disk i/o error" (`_WAL_INCOMPAT_MARKERS` of v0.14). */
const incompatible = /^SQLITE_(PROTOCOL|AUTH|IOERR)/;

export const onIoError: Downgrade = {
  says: 'a database on which WAL cannot be set is set to DELETE, also after a passing I/O error, as reported',
  modeAfter: ({ code }) => (incompatible.test(code) ? 'DELETE' : undefined),
};
