// The scenarios there are: one line each.
import type { Scenario } from '../harness/explore/scenario.ts';
import { walReset } from './wal-reset.ts';
import { walUnlinkWedge } from './wal-unlink-wedge.ts';

export const scenarios: readonly Scenario[] = [walUnlinkWedge, walReset];
