import type { Dispatch } from './dispatch.ts';

export const leader: Dispatch = {
  says: 'one gateway dispatches: it holds a flock that its death gives back',
  elects: true,
  viaServer: false,
};
