import type { Autocheckpoint } from './autocheckpoint.ts';

/** Nothing is set, so what a plan says of SQLite holds: a smaller WAL stands for what a busy board takes hours to fill. */
export const pages1000: Autocheckpoint = {
  says: 'SQLite’s default, which Python leaves, as reported; a plan may set another',
  pages: undefined,
};
