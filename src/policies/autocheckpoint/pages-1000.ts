// The value `pages-1000` of the axis `autocheckpoint`.
import type { Autocheckpoint } from './autocheckpoint.ts';

export const pages1000: Autocheckpoint = { says: 'SQLite’s default, which Python leaves, as reported', pages: 1000 };
