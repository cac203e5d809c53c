import type { Autocheckpoint } from './autocheckpoint.ts';

export const pages100: Autocheckpoint = {
  says: 'a checkpoint every 100 pages (6416dd518), whatever a plan sets',
  pages: 100,
};
