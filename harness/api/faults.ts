// Makes faults for a scenario's `faults`. What stays out: what each does (run/faults/), and drawing when it strikes.
import type { z } from 'zod';
import { usageError } from '../errors/errors.ts';
import { type Fault, type FaultName, type FaultOf, faultSchema } from '../model/fault.ts';
import { complaintsText } from '../model/reading/complaints.ts';

type Given<Kind extends FaultName> = Omit<Extract<z.input<typeof faultSchema>, { readonly kind: Kind }>, 'kind'>;

/**
 * A fault of a plan.
 *
 * @param kind such as `kill`; `npx lockstep list` says what each does
 * @param fields `at`, where it strikes: `{ step: 120 }`, `{ lane: 'writer-1', op: 'write', role: 'wal', nth: 3 }` or
 *   `{ timeMs: 65_000 }` (virtual); and what the kind has besides
 * @throws a usage error that says what is wrong with them
 */
export function fault<Kind extends FaultName>(kind: Kind, fields: Given<Kind>): FaultOf<Kind> {
  const { data, error } = faultSchema.safeParse({ kind, ...fields });
  if (data !== undefined) return data as Fault as FaultOf<Kind>;
  throw usageError(
    'FAULT_INVALID',
    `The fault "${kind}" is not valid:\n${complaintsText(error)}`,
    'Correct its fields.',
    error,
  );
}
