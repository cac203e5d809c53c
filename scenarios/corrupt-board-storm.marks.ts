// The moments of corrupt-board-storm, read off a history.
import type { ScenarioMark } from '../harness/explore/scenario.ts';

/** What the strike of a fault of this kind left as its note, each time that something came of it. */
const notesOf = (wanted: string, came: RegExp): ScenarioMark['count'] => {
  return ({ strikes }) => strikes.filter(({ kind, note = '' }) => kind === wanted && came.test(note)).length;
};

export const killedByOom: ScenarioMark = {
  name: 'killed-by-oom',
  says: 'the OOM killer ended a gateway, and its unit starts the next one',
  count: notesOf('oom', /^killed gateway-/),
};

/** The damage is done while gateways live or are about to: what they make of it is what the scenario is about. */
export const damagedUnderGateways: ScenarioMark = {
  name: 'damaged-under-gateways',
  says: 'bytes of the database changed while gateways used it or were about to be started again',
  count: notesOf('corrupt', /(swapped|dropped|overwritten|TLS record)$/),
};
