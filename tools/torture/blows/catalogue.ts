// All blows, by what they strike.
import type { Blow } from '../blow.ts';
import { caches } from './caches.ts';
import { disks } from './disks.ts';
import { kills } from './kills.ts';
import { limits } from './limits.ts';
import { plans } from './plans.ts';
import { signals } from './signals.ts';
import { streams } from './streams.ts';
import { together } from './together.ts';

export const blows: readonly Blow[] = [
  ...signals,
  ...kills,
  ...streams,
  ...limits,
  ...disks,
  ...caches,
  ...together,
  ...plans,
];
