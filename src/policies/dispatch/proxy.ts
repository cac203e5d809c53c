import type { Dispatch } from './dispatch.ts';

export const proxy: Dispatch = {
  says: 'one server process opens the database, the others send it their operations',
  elects: false,
  viaServer: true,
};
