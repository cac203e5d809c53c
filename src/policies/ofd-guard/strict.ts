import { BoardError, boardCode } from '../../board-file/board-error.ts';
import type { OfdGuard } from './ofd-guard.ts';
import { guardOneLess, guardOneMore, renewed } from './renewed.ts';

export const strict: OfdGuard = {
  ...renewed,
  says: 'the same, and an open that cannot take both locks fails (#125184)',
  opened(world, file) {
    if (guardOneMore(world, file)) return;
    guardOneLess(world, file);
    throw new BoardError(
      boardCode.unguarded,
      'ofd_guard',
      `${file} was opened, and its locks could not be guarded: the guard needs the database and its -shm; the open is refused`,
    );
  },
};
