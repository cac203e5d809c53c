// The window of corrupt-board-storm, read off a history.
import type { ScenarioMark } from '../harness/explore/scenario.ts';

/** The damage is done while gateways live: what they make of it is what the scenario is about. */
export const damagedUnderGateways: ScenarioMark = {
  name: 'damaged-under-gateways',
  says: 'the database was damaged while gateways used it',
  count: ({ strikes }) => strikes.filter(({ kind }) => kind === 'corrupt').length,
};
