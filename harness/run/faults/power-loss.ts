// power-loss: every process of the run dies, the disk becomes a state that its file system allows, the wal-index is gone; then the
// machine is on again and starts what it starts by itself. What stays out: which states a file system allows (harness/disk/), and how a
// run goes on (run/lose-power.ts).
import type { FaultOf } from '../../model/fault.ts';
import type { FaultKind } from './fault.ts';

/** From the loss of power until programs start. */
const offMsDefault = 10_000;

export const powerLoss = {
  kind: 'power-loss',
  says: 'the power goes: every process dies, of what was not synced some is lost, and the machine starts again',
  strike({ offMs = offMsDefault, ...spec }, host) {
    const { kind: _, at: __, ...loss } = spec;
    host.losePower(loss, offMs);
  },
} satisfies FaultKind<FaultOf<'power-loss'>>;
