// lanes-end: no lane was cut off, and no process died of a signal that the plan did not send.
import { invariant } from './invariant.ts';

export const lanesEnd = invariant(
  'lanes-end',
  'every lane comes to an end of its own, and no process dies of a signal the plan did not send',
  function* ({ end, steps, deaths }) {
    if (end === 'cut off') yield { message: `the run did not end: it was cut off after ${steps} steps` };
    for (const { process, ending } of deaths) {
      if (ending.how === 'killed' && ending.signal !== 'SIGKILL')
        yield { message: `${process} died of ${ending.signal}` };
    }
  },
);
