// Lane program of the tests of damaged boards: uses the board, and does to its file what faults and people do to it. What
// stays out: what is expected of it.
import type { Connection, World, Json } from '../../harness/lane/world.ts';
import { listing, recoveryFolder, segmentName } from '../board-file/recovery/folder.ts';
import { beginAnew } from '../programs/board/begin-anew.ts';
import { beginBoard, endBoard, openBoard, withBoard } from '../programs/board/board.ts';
import type { BoardSettings } from '../programs/board/settings.ts';
import { attempt, order } from './board-programs.test-support.ts';

/**
 * use: creates a task · look-up: asks for a task that is not there · tick: the same for the dispatcher · keep: a copy of the
 * file · restore: that copy in its place · header: scrambles that of the database · page: scrambles that of page 2, the root of `tasks` · drop: drops the table `tasks` · remove: unlinks
 * the file and its sidecars · clear: unlinks the backups · hold, let-go: another connection of this process, past the
 * policies · lose, cut, lose-journal, lose-snapshots, lose-all: the journal's newest segment is gone, or its last half; all segments, all snapshots, the folder · forge: in the newest snapshot a row has another key, and SQLite finds no fault with it · rot-head: one byte of the first line of the newest segment
 * · by-hand: a person deletes a row, with SQLite's shell
 * · scramble, scramble-all: the newest snapshot, or all · tear: half a line at the end of the journal · gap: unlinks the journal's oldest segment · rot, rot-end: one byte of the first transaction in the journal's newest segment, or of the last · anew: `kanban init --new` · both: two uses at once, both begun before page 2 is scrambled · pin, unpin: what the main lane of a gateway does · s: a second passes
 */
export type DamageStep =
  | 'use'
  | 'look-up'
  | 'tick'
  | 'keep'
  | 'restore'
  | 'header'
  | 'page'
  | 'by-hand'
  | 'drop'
  | 'remove'
  | 'clear'
  | 'hold'
  | 'let-go'
  | 'both'
  | 'pin'
  | 'unpin'
  | 'scramble'
  | 'scramble-all'
  | 'tear'
  | 'gap'
  | 'rot'
  | 'rot-end'
  | 'rot-head'
  | 'forge'
  | 'lose'
  | 'cut'
  | 'lose-journal'
  | 'lose-snapshots'
  | 'lose-all'
  | 'anew'
  | 's';

interface Place {
  readonly world: World;
  readonly board: BoardSettings;
  held: Connection | undefined;
}

const pageBytes = 4096;

function overwrite({ world, board }: Place, from: number, to: number): void {
  const bytes = world.files.read(board.file).slice();
  world.files.write(board.file, bytes.fill(0xa5, from, to));
}

function scramble({ world, board }: Place, most: number): void {
  for (const { name } of listing(world, board.file).snapshots.slice(-most)) {
    const snapshot = `${recoveryFolder(board.file)}/${name}`;
    const bytes = world.files.read(snapshot).slice();
    world.files.write(snapshot, bytes.fill(0xa5, 2 * pageBytes, 3 * pageBytes));
  }
}

/** @param number of a line of the newest segment, from 0 on; from its end where negative */
function rot({ world, board }: Place, number: number): void {
  const base = listing(world, board.file).segments.at(-1) ?? 0;
  const name = `${recoveryFolder(board.file)}/${segmentName(base)}`;
  const lines = new TextDecoder().decode(world.files.read(name)).trimEnd().split('\n');
  const line = lines.at(number) ?? '';
  lines.splice(number, 1, `${line.slice(0, 20)}#${line.slice(21)}`);
  world.files.write(name, new TextEncoder().encode(`${lines.join('\n')}\n`));
}

/** Files of the recovery's folder, but what is being made there. */
function lose({ world, board }: Place, isMeant: (name: string) => boolean): void {
  const folder = recoveryFolder(board.file);
  for (const name of world.files.list(folder).filter((one) => isMeant(one))) world.files.unlink(`${folder}/${name}`);
}

function newestSegment({ world, board }: Place): string {
  return segmentName(listing(world, board.file).segments.at(-1) ?? 0);
}

function checkpointed({ world, board }: Place, sql: string): void {
  const connection = world.open(board.file);
  connection.exec(sql);
  connection.get('PRAGMA wal_checkpoint(TRUNCATE)');
  connection.close();
}

function create({ world, board }: Place, dispatches: boolean): void {
  attempt(world, 'use', () => void withBoard(world, board, (use) => use.do('create_task', { order }), { dispatches }));
}

const acts: { readonly [step in DamageStep]: (place: Place) => void } = {
  use: (place) => create(place, false),
  tick: (place) => create(place, true),
  'look-up': ({ world, board }) =>
    attempt(world, 'use', () => void withBoard(world, board, (use) => use.do('show_task', { task: 'none' }))),
  keep: (place) => {
    checkpointed(place, 'SELECT 1');
    place.world.files.copy(place.board.file, 'kept.db');
  },
  restore: ({ world, board }) => world.files.copy('kept.db', board.file),
  header: (place) => overwrite(place, 5, 29),
  page: (place) => overwrite(place, pageBytes, pageBytes + 12),
  'by-hand': (place) => checkpointed(place, 'DELETE FROM tasks WHERE rowid = 1'),
  drop: (place) => checkpointed(place, 'DROP TABLE tasks'),
  remove: ({ world, board }) => {
    for (const name of world.files.list().filter((one) => /^kanban\.db(-wal|-shm)?$/.test(one)))
      world.files.unlink(name);
    world.observe('replaced', { way: 'rm-all', database: board.file, absent: [] });
  },
  clear: ({ world }) => {
    for (const name of world.files.list().filter((one) => one.includes('.corrupt.'))) world.files.unlink(name);
  },
  hold: (place) => {
    place.held = place.world.open(place.board.file);
    place.held.get('SELECT count(*) FROM sqlite_master');
  },
  'let-go': ({ held }) => held?.close(),
  both: (place) => {
    const uses = [openBoard(place.world, place.board), openBoard(place.world, place.board)];
    acts.page(place);
    for (const use of uses) attempt(place.world, 'use', () => void use.do('create_task', { order }));
    for (const use of uses) use.close();
  },
  pin: ({ world, board }) => beginBoard(world, board),
  unpin: ({ world, board }) => endBoard(world, board),
  scramble: (place) => scramble(place, 1),
  'scramble-all': (place) => scramble(place, Infinity),
  tear: ({ world, board }) => {
    const base = listing(world, board.file).segments.at(-1) ?? 0;
    const journal = world.files.open(`${recoveryFolder(board.file)}/${segmentName(base)}`, 'a');
    journal.write('0badc0de {"sequence":', 0);
    journal.close();
  },
  gap: ({ world, board }) => {
    const [base = 0] = listing(world, board.file).segments;
    world.files.unlink(`${recoveryFolder(board.file)}/${segmentName(base)}`);
  },
  rot: (place) => rot(place, 1),
  'rot-end': (place) => rot(place, -1),
  'rot-head': (place) => rot(place, 0),
  forge: ({ world, board }) => {
    const newest = listing(world, board.file).snapshots.at(-1)?.name ?? '';
    const connection = world.open(`${recoveryFolder(board.file)}/${newest}`);
    connection.exec("PRAGMA journal_mode=OFF; UPDATE tasks SET id = 't_forged' WHERE rowid = 1");
    connection.close();
  },
  lose: (place) => lose(place, (name) => name === newestSegment(place)),
  cut: (place) => {
    const name = `${recoveryFolder(place.board.file)}/${newestSegment(place)}`;
    const bytes = place.world.files.read(name);
    place.world.files.write(name, bytes.slice(0, bytes.length / 2));
  },
  'lose-journal': (place) => lose(place, (name) => name.startsWith('journal.')),
  'lose-snapshots': (place) => lose(place, (name) => name.startsWith('snapshot.')),
  'lose-all': (place) => {
    lose(place, () => true);
    place.world.files.rmdir(recoveryFolder(place.board.file));
  },
  anew: ({ world, board }) => beginAnew(world, board),
  s: ({ world }) => world.sleep(1000),
};

/** Does the steps; observes each as `act` before it. */
export function damage(world: World, args: Json): void {
  const { board, steps } = args as unknown as { readonly board: BoardSettings; readonly steps: readonly DamageStep[] };
  const place: Place = { world, board, held: undefined };
  for (const step of steps) {
    world.observe('act', step);
    acts[step](place);
  }
  endBoard(world, board);
}
