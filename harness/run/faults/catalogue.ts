// The faults there are: one line each.
import type { FaultName } from '../../model/fault.ts';
import { corrupt } from './corrupt.ts';
import { diskFull } from './disk-full.ts';
import { fileDamage } from './file-damage.ts';
import { gc } from './gc.ts';
import { initSwap } from './init-swap.ts';
import { ioError } from './io-error.ts';
import { ioHiccup } from './io-hiccup.ts';
import { lie } from './lie.ts';
import { kill } from './kill.ts';
import { leakedConnection } from './leaked-connection.ts';
import { lockCancel } from './lock-cancel.ts';
import { mixedMode } from './mixed-mode.ts';
import { oom } from './oom.ts';
import { orphan } from './orphan.ts';
import { pause } from './pause.ts';
import { powerLoss } from './power-loss.ts';
import { connectionCut, serverCheckpoint, serverKill } from './server.ts';
import { stalledLockHolder } from './stalled-lock-holder.ts';

export const faultKinds = {
  kill,
  pause,
  'lock-cancel': lockCancel,
  'io-error': ioError,
  'io-hiccup': ioHiccup,
  lie,
  'disk-full': diskFull,
  corrupt,
  'file-damage': fileDamage,
  oom,
  orphan,
  'leaked-connection': leakedConnection,
  'stalled-lock-holder': stalledLockHolder,
  'mixed-mode': mixedMode,
  'init-swap': initSwap,
  gc,
  'power-loss': powerLoss,
  'server-kill': serverKill,
  'server-checkpoint': serverCheckpoint,
  'connection-cut': connectionCut,
} as const satisfies { readonly [kind in FaultName]: { readonly kind: kind } };
