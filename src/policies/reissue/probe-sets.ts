import { SqlError } from '../../../harness/lane/world.ts';
import { whenDifferent } from './when-different.ts';
import type { Reissue } from './reissue.ts';

export const probeSets: Reissue = {
  says: 'the mode is asked for first; where that fails busy, the pragma that sets it is issued (#104596)',
  mustSet(connection, mode) {
    try {
      return whenDifferent.mustSet(connection, mode);
    } catch (error) {
      if (error instanceof SqlError && /^SQLITE_(BUSY|LOCKED)/.test(error.code)) return true;
      throw error;
    }
  },
};
