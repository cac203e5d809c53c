// orphan: a second process on what a process was started on, by a launcher that exits: as `gateway run --replace` or
// `gateway restart --profile X` in a shell leave one behind. It is in no control group, and its parent is PID 1 or the
// nearest subreaper. What stays out: what the simulated system does about it.
import { z } from 'zod';
import { addressSchema, type FaultKind, processNameSchema } from './fault.ts';

const schema = z.strictObject({
  kind: z.literal('orphan'),
  at: addressSchema,
  /** Whose program and arguments it gets; that process may be dead by then. */
  process: processNameSchema,
  /** Its name. Default: `<process>.orphan-<n>`, the first that is free. */
  as: processNameSchema.optional(),
});

export const orphan = {
  kind: 'orphan',
  says: 'a second process on what a process was started on, in no control group, by a launcher that exits',
  schema,
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
} satisfies FaultKind<z.infer<typeof schema>>;
