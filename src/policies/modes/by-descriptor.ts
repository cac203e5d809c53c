import { unlessOsError } from '../../board-file/os-error.ts';
import type { Modes } from './modes.ts';

export const byDescriptor: Modes = {
  says: 'each open file of the board is opened, fchmodded and closed: the close drops the process’s locks (#109687)',
  creating: () => undefined,
  opened(world, file) {
    for (const name of [file, `${file}-wal`, `${file}-shm`])
      unlessOsError(() => {
        const held = world.files.open(name, 'r');
        try {
          held.chmod(0o600);
        } finally {
          held.close();
        }
      });
  },
};
