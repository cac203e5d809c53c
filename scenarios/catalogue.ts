// The scenarios there are: one line each.
import type { Scenario } from '../harness/model/scenario.ts';
import { checkpointRace } from './checkpoint-race.ts';
import { corruptBoardStorm } from './corrupt-board-storm.ts';
import { sections } from './howtocorrupt/catalogue.ts';
import { initInodeSwap } from './init-inode-swap.ts';
import { initStampede } from './init-stampede.ts';
import { orphanDispatcher } from './orphan-dispatcher.ts';
import { powerCut } from './power-cut.ts';
import { recoveryDamage } from './recovery-damage.ts';
import { vanishedTable } from './vanished-table.ts';
import { walGenerationSplit } from './wal-generation-split.ts';
import { walReset } from './wal-reset.ts';
import { walUnlinkWedge } from './wal-unlink-wedge.ts';

export const scenarios: readonly Scenario[] = [
  orphanDispatcher,
  corruptBoardStorm,
  walUnlinkWedge,
  initInodeSwap,
  checkpointRace,
  walGenerationSplit,
  initStampede,
  vanishedTable,
  walReset,
  powerCut,
  recoveryDamage,
  ...sections.flatMap(({ scenario }) => (scenario.family === undefined ? [] : [scenario])),
];
