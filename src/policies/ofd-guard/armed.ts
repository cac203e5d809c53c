import { armDescriptors } from '../../board-file/ofd-lock.ts';
import type { OfdGuard } from './ofd-guard.ts';

export const armed: OfdGuard = {
  says: 'taken by the first connection of a process, as first shipped: not by a reopened one, and never lifted (#110544)',
  opened(world, file) {
    const key = `ofd-armed:${file}`;
    world.mutex(key, () => {
      if (world.shared.get(key) === true) return;
      world.shared.set(key, true);
      armDescriptors(world, file);
    });
  },
  checkpointed: () => undefined,
  closing: () => undefined,
};
