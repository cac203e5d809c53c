// The invariants of the kanban system: one line each.
import type { Invariant } from '../../harness/model/invariant.ts';
import { boundedReaction } from './bounded-reaction.ts';
import { noFalseAlarm } from './no-false-alarm.ts';
import { noOrphan } from './no-orphan.ts';
import { noSilentLoss } from './no-silent-loss.ts';
import { noWedge } from './no-wedge.ts';
import { oneClaim } from './one-claim.ts';
import { oneDispatcher } from './one-dispatcher.ts';

export const kanbanInvariants: readonly Invariant[] = [
  oneClaim,
  oneDispatcher,
  noWedge,
  boundedReaction,
  noSilentLoss,
  noFalseAlarm,
  noOrphan,
];
