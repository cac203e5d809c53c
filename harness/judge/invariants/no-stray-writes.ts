// no-stray-writes: no write reaches a database, -wal or journal whose name means another file by then, or none. SQLite
// forbids it of its users (howtocorrupt.html, section 4: unlinking or renaming a database file while in use). Writes to
// the wal-index are not seen: they are memory.
import { invariant } from '../../model/invariant.ts';

export const noStrayWrites = invariant(
  'no-stray-writes',
  'harm',
  'no write reaches an unlinked, replaced or renamed database, -wal or journal',
  function* ({ strayWrites }) {
    for (const { process, file, writes, firstStep, lost } of strayWrites) {
      yield {
        message:
          `${lost.by} ${acts[lost.how]} ${file} at step ${lost.step}, and ${process}, which had it open, wrote to it ` +
          `${writes === 1 ? 'once' : `${writes} times`} from step ${firstStep} on: nobody who opens ${file} sees that`,
        step: firstStep,
      };
    }
  },
);

const acts = { unlinked: 'unlinked', replaced: 'put another file in the place of', renamed: 'renamed' } as const;
