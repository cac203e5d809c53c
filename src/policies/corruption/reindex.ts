// What upstream ships: quarantine, and before it damage of indexes only is mended in place (#68654); at most ten backups are kept.
import { quarantine } from './quarantine.ts';
import type { Corruption } from './corruption.ts';

export const reindex: Corruption = {
  ...quarantine,
  says: 'the same, but damage of indexes only is mended by REINDEX, and ten backups are kept (#68654)',
  // A long-lived process goes on in a file that is gone: SQLite makes a new one, as in the published code.
  recreates: true,
  creating: () => undefined,
  reindexes: true,
};
