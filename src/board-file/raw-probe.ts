// What the reported system reads of a board's file past SQLite: the header before a connect, the page count after a
// commit. What stays out: when (policies/probe).
import type { Connection, World } from '../../harness/lane/world.ts';
import { BoardError, boardCode } from './board-error.ts';
import { unlessOsError } from './os-error.ts';

const headerBytes = 64;
const magic = 'SQLite format 3\0';

/**
 * `_validate_sqlite_header`: a missing or empty file is for SQLite to create.
 *
 * @throws BoardError `SQLITE_NOTADB`: the reported code raises sqlite3.DatabaseError "file is not a database", not its own
 *   class for corrupt boards, and makes no backup
 */
export function validateHeader(world: World, file: string): void {
  const bytes = unlessOsError(() =>
    world.files.exists(file) ? world.files.read(file, { length: headerBytes }) : undefined,
  );
  if (bytes === undefined || bytes.length === 0) return;
  if (String.fromCharCode(...bytes.subarray(0, magic.length)) === magic) return;
  throw new BoardError(
    'SQLITE_NOTADB',
    '_validate_sqlite_header',
    `file is not a database: invalid SQLite header for ${file}`,
  );
}

/** Where the header keeps the size of the database in pages, big-endian (fileformat2.html §1.3.7). */
const pageCountAt = { offset: 28, length: 4 } as const;

/**
 * `_check_file_length_invariant` of 99c19eb2f: the file must not be shorter than its header says. Under WAL the file may lag
 * while another process checkpoints: false alarms, as reported (#45525).
 *
 * @throws BoardError `TORN_EXTEND`; what was committed stays committed
 */
export function checkFileLength(world: World, connection: Connection, file: string): void {
  const bytes = unlessOsError(() => world.files.read(file, pageCountAt));
  if (bytes === undefined || bytes.length < pageCountAt.length) return;
  const pages = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const pageSize = Number(connection.get('PRAGMA page_size')?.['page_size']);
  const size = unlessOsError(() => world.files.stat(file))?.size;
  if (size === undefined || size >= pages * pageSize) return;
  throw new BoardError(
    boardCode.tornExtend,
    '_check_file_length_invariant',
    `torn extend of ${file}: the header says ${pages} pages of ${pageSize} bytes, the file has ${size} bytes`,
  );
}
