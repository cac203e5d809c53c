// `wal_checkpoint` from the dispatcher's tick. What stays out: when it is due (gateway/dispatcher.ts).
import { during } from '../../board-file/board-error.ts';
import { behaviourOf } from '../../policies/catalogue.ts';
import type { BoardContext } from './context.ts';

/** A checkpoint of the mode that the policy `checkpoints` names. @throws BoardError */
export function checkpoint({ world, connection, settings }: BoardContext): null {
  const { file, policies } = settings;
  const { mode } = behaviourOf(policies, 'checkpoints');
  if (mode !== undefined) during('wal_checkpoint', () => connection.get(`PRAGMA wal_checkpoint(${mode})`));
  behaviourOf(policies, 'ofdGuard').checkpointed(world, file);
  return null;
}
