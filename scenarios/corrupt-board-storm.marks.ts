// The moments of corrupt-board-storm, read off a history.
import type { HistoryMark } from '../harness/model/scenario.ts';

export const killedByOom: HistoryMark = {
  name: 'killed-by-oom',
  says: 'the OOM killer ended a gateway, and its unit starts the next one',
  count: ({ strikes, deaths }) => {
    const died = new Set(deaths.filter(({ process }) => process.startsWith('gateway-')).map(({ nowMs }) => nowMs));
    return strikes.filter(({ kind, nowMs }) => kind === 'oom' && died.has(nowMs)).length;
  },
};

/** The damage is done while gateways live or are about to: what they make of it is what the scenario is about. */
export const damagedUnderGateways: HistoryMark = {
  name: 'damaged-under-gateways',
  says: 'bytes of the database changed while gateways used it or were about to be started again',
  count: ({ strikes }) => strikes.filter(({ changed }) => changed === true).length,
};
