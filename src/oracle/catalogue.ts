// The invariants of the kanban system: one line each.
import { boundedReaction } from './bounded-reaction.ts';
import type { KanbanInvariant } from './kanban-invariant.ts';
import { noFalseAlarm } from './no-false-alarm.ts';
import { noOrphan } from './no-orphan.ts';
import { noSilentLoss } from './no-silent-loss.ts';
import { noWedge } from './no-wedge.ts';
import { oneClaim } from './one-claim.ts';
import { oneDispatcher } from './one-dispatcher.ts';

export const kanbanInvariants: readonly KanbanInvariant[] = [
  oneClaim,
  oneDispatcher,
  noWedge,
  boundedReaction,
  noSilentLoss,
  noFalseAlarm,
  noOrphan,
];
