// The faults there are: one line each.
import { z } from 'zod';
import { ioError } from './io-error.ts';
import { kill } from './kill.ts';
import { lockCancel } from './lock-cancel.ts';
import { pause } from './pause.ts';

export const faultKinds = { kill, pause, 'lock-cancel': lockCancel, 'io-error': ioError } as const;

/** A fault of a plan, of any kind. */
export const faultSchema = z.union([kill.schema, pause.schema, lockCancel.schema, ioError.schema]);
export type Fault = z.infer<typeof faultSchema>;
