import type { Generation } from './generation.ts';

export const reopens: Generation = {
  says: 'such a connection is closed, opened anew, and the operation tried again (#110054)',
  looks: true,
  reopens: true,
  closesHalted: true,
};
