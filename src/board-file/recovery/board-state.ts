// What a board knows of itself, in a table of one row that every transaction writes: of which generation it is, and how far.
// A copy that was put in its place knows less than what lies beside it. What stays out: what is done then.
import { type Connection, SqlError } from '../../../harness/lane/world.ts';

/**
 * @property generation 8 hex digits, drawn when the board was made
 * @property sequence of the last transaction that changed something
 * @property base and length: the segment of the journal, and where the line of that transaction ends in it, bytes
 */
export interface BoardState {
  readonly generation: string;
  readonly sequence: number;
  readonly base: number;
  readonly length: number;
}

export const stateTable = 'board_state';

/** Undefined where there is none: a board of another making. @throws SqlError */
export function readState(connection: Connection): BoardState | undefined {
  try {
    const row = connection.get(`SELECT generation, sequence, base, length FROM ${stateTable} WHERE id = 1`);
    if (row === undefined) return undefined;
    const { generation, sequence, base, length } = row;
    return {
      generation: String(generation),
      sequence: Number(sequence),
      base: Number(base),
      length: Number(length),
    };
  } catch (error) {
    if (error instanceof SqlError && error.code === 'SQLITE_ERROR') return undefined;
    throw error;
  }
}

export function makeState(connection: Connection, { generation, sequence, base, length }: BoardState): void {
  connection.exec(
    `CREATE TABLE IF NOT EXISTS ${stateTable}(id INTEGER PRIMARY KEY CHECK(id = 1), generation TEXT NOT NULL,
     sequence INTEGER NOT NULL, base INTEGER NOT NULL, length INTEGER NOT NULL)`,
  );
  const insert = `INSERT OR REPLACE INTO ${stateTable}(id, generation, sequence, base, length) VALUES(1, ?, ?, ?, ?)`;
  connection.run(insert, generation, sequence, base, length);
}

export function writeState(connection: Connection, { sequence, base, length }: Omit<BoardState, 'generation'>): void {
  const update = `UPDATE ${stateTable} SET sequence = ?, base = ?, length = ? WHERE id = 1`;
  connection.run(update, sequence, base, length);
}
