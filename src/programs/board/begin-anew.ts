// `kanban init --new`: an empty board where one is, or was, because a person wants it. The old file, and what would bring it
// back, are put away under other names. Killed or refused anywhere it has made the new board or has left the old one; with a WAL the old one may
// then lack that, which lies beside it under its new name.
import type { World } from '../../../harness/lane/world.ts';
import { timestamp } from '../../board-file/backups.ts';
import { during } from '../../board-file/board-error.ts';
import { folderOf, syncFolder } from '../../board-file/syncs.ts';
import { unlessMissing } from '../../board-file/os-error.ts';
import { isLinked } from '../../board-file/recovery/put-in-place.ts';
import { openPrivate } from '../../board-file/recovery/truth.ts';
import { behaviourOf } from '../../policies/catalogue.ts';
import { makeTables } from './connect.ts';
import { useOf } from './session.ts';
import type { BoardSettings } from './settings.ts';

/** @throws BoardError */
export function beginAnew(world: World, settings: BoardSettings): void {
  const { file, policies } = settings;
  const use = useOf(world, settings);
  const recovery = behaviourOf(policies, 'recovery');
  recovery.locked(use, 'init_db', () =>
    during('init_db', () => {
      const fresh = `${file}.new`;
      world.files.write(fresh, '');
      const connection = openPrivate(world, fresh);
      makeTables(connection);
      connection.close();
      recovery.forget(use);
      const old = `${file}.old.${timestamp(world.now())}`;
      isLinked(world, file, old);
      for (const suffix of ['-journal', '-wal', '-shm'])
        unlessMissing(() => world.files.rename(`${file}${suffix}`, `${old}${suffix}`));
      // Or a power loss could bring the old board back, of what lies beside it.
      syncFolder(world, folderOf(file));
      world.observe('board-renewing', { by: world.process, board: file });
      world.files.rename(fresh, file);
      world.observe('board-created', { by: world.process, board: file, deliberate: true });
      syncFolder(world, folderOf(file));
      behaviourOf(policies, 'recreation').forget(use);
    }),
  );
}
