import { unlessOsError } from '../../board-file/os-error.ts';
import type { Modes } from './modes.ts';

export const byPath: Modes = {
  says: 'by name, no descriptor is opened; a new file is made with O_EXCL (#109754, #109841)',
  creating(world, file) {
    unlessOsError(() => world.files.write(file, '', { exclusive: true }));
  },
  opened(world, file) {
    for (const name of [file, `${file}-wal`, `${file}-shm`]) unlessOsError(() => world.files.chmod(name, 0o600));
  },
};
