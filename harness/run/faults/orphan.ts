// orphan: a second process on what a process was started on, by a launcher that exits: as `gateway run --replace` or
// `gateway restart --profile X` in a shell leave one behind. It is in no control group, and its parent is PID 1 or the
// nearest subreaper. What stays out: what the simulated system does about it.
import type { FaultOf } from '../../model/fault.ts';
import type { FaultKind } from './fault.ts';

export const orphan = {
  kind: 'orphan',
  says: 'a second process on what a process was started on, in no control group, by a launcher that exits',
  strike({ process, as }, host) {
    const start = host.startOf(process);
    if (start === undefined) {
      host.note(`no process ${process} has been started yet`);
      return;
    }
    const { program, args } = start;
    const name = as ?? host.freeName(`${process}.orphan`);
    host.start({ name, program, args }, { detached: true, lasts: false });
  },
} satisfies FaultKind<FaultOf<'orphan'>>;
