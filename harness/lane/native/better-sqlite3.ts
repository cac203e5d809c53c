// better-sqlite3 in the native host, as far as connection.ts uses it: its checks, and the class of its errors. What stays out:
// the calls of SQLite (host.c).
import { dirname } from './path.ts';
import { host, type NativeDatabase } from './host.ts';

class SqliteError extends Error {
  readonly code: string;
  constructor(message: string, code: string) {
    super(message);
    this.name = 'SqliteError';
    this.code = code;
  }
}
host.throwAs(SqliteError);

interface Options {
  readonly timeout: number;
  readonly readonly: boolean;
  readonly fileMustExist: boolean;
  /** Which copy of SQLite: better-sqlite3 has one. */
  readonly library: 1 | 2;
}

/** What its constructor does before it calls SQLite (lib/database.js). */
function open(path: string, { timeout, readonly, fileMustExist, library }: Options): NativeDatabase {
  const name = path.trim();
  if (!Number.isInteger(timeout) || timeout < 0)
    throw new TypeError('Expected the "timeout" option to be a positive integer');
  if (timeout > 0x7fffffff) throw new RangeError('Option "timeout" cannot be greater than 2147483647');
  if (!host.exists(dirname(name))) throw new TypeError('Cannot open database because the directory does not exist');
  return host.openDatabase(name, readonly, fileMustExist, timeout, library);
}

// oxlint-disable-next-line no-default-export -- better-sqlite3 has one
export default class Database {
  static readonly SqliteError = SqliteError;
  constructor(path: string, options: Options) {
    return open(path, options);
  }
}
