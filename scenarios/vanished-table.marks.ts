// The moment of vanished-table, read off a history.
import type { HistoryMark } from '../harness/model/scenario.ts';
import { wordsOf } from '../src/oracle/said.ts';

export const takenUnderGateways: HistoryMark = {
  name: 'taken-under-gateways',
  says: 'the board was taken away, and no new one made, after a gateway had ticked on it',
  count: ({ observations }) => {
    const first = wordsOf(observations, 'tick')[0]?.step ?? Infinity;
    return observations.filter(({ kind, step }) => kind === 'replaced' && step > first).length;
  },
};
