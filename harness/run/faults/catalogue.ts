// The faults there are: one line each.
import { z } from 'zod';
import { corrupt } from './corrupt.ts';
import { diskFull } from './disk-full.ts';
import { initSwap } from './init-swap.ts';
import { ioError } from './io-error.ts';
import { ioHiccup } from './io-hiccup.ts';
import { kill } from './kill.ts';
import { leakedConnection } from './leaked-connection.ts';
import { lockCancel } from './lock-cancel.ts';
import { mixedMode } from './mixed-mode.ts';
import { oom } from './oom.ts';
import { orphan } from './orphan.ts';
import { pause } from './pause.ts';
import { stalledLockHolder } from './stalled-lock-holder.ts';

export const faultKinds = {
  kill,
  pause,
  'lock-cancel': lockCancel,
  'io-error': ioError,
  'io-hiccup': ioHiccup,
  'disk-full': diskFull,
  corrupt,
  oom,
  orphan,
  'leaked-connection': leakedConnection,
  'stalled-lock-holder': stalledLockHolder,
  'mixed-mode': mixedMode,
  'init-swap': initSwap,
} as const;

/** A fault of a plan, of any kind. */
export const faultSchema = z.discriminatedUnion(
  'kind',
  [
    kill.schema,
    pause.schema,
    lockCancel.schema,
    ioError.schema,
    ioHiccup.schema,
    diskFull.schema,
    corrupt.schema,
    oom.schema,
    orphan.schema,
    leakedConnection.schema,
    stalledLockHolder.schema,
    mixedMode.schema,
    initSwap.schema,
  ],
  { error: `a fault is {"kind", "at", …}, and its kind one of ${Object.keys(faultKinds).join(', ')}` },
);
export type Fault = z.infer<typeof faultSchema>;
