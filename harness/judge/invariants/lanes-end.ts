// lanes-end: no lane threw or was cut off, and no process died of a signal that the plan did not send.
import { invariant } from '../../model/invariant.ts';

export const lanesEnd = invariant(
  'lanes-end',
  'harm',
  'every lane returns by itself, and no process dies of a signal the plan did not send',
  function* ({ end, steps, deaths, endings }) {
    if (end === 'cut off') yield { message: `the run did not end: it was cut off after ${steps} steps` };
    for (const { lane, ending } of endings) {
      if (ending.how === 'threw')
        yield { message: `${lane} ended by an error that it did not handle: ${ending.error}` };
    }
    for (const { process, ending } of deaths) {
      if (ending.how === 'killed' && ending.signal !== 'SIGKILL')
        yield { message: `${process} died of ${ending.signal}` };
    }
  },
);
