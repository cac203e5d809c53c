import type { Identity } from './identity.ts';

export const beforeTransaction: Identity = {
  says: 'before each transaction: a replaced file is left, what only it has is saved and told, the new one opened',
  looks: true,
  looksInside: false,
};
