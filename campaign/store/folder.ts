// A campaign in a folder: PostgreSQL itself, compiled to WebAssembly, in this process (PGlite). Nothing is installed for it and
// nothing listens; one process at a time may have the folder. What stays out: what is kept.
import { join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { fromPglite } from 'pg-boss';
import { holdFolder } from '../../compare/hold-folder.ts';
import { makeFolders } from '../../harness/host/make-folders.js';
import type { Database, Sql } from './database.ts';

/** Below the folder, where PGlite has its files. */
const cluster = 'postgres';

type Asked = Pick<PGlite, 'query'>;

function sqlOf(asked: Asked): Sql {
  return { query: async (text, values = []) => (await asked.query<Record<string, unknown>>(text, [...values])).rows };
}

/** @throws a usage error when another process has the folder */
export async function openFolder(folder: string): Promise<Database> {
  makeFolders(resolve(folder));
  const held = holdFolder(folder, '--store');
  try {
    const pglite = await PGlite.create(join(resolve(folder), cluster));
    return {
      shown: folder,
      kind: 'folder',
      ...sqlOf(pglite),
      transaction: (body) => pglite.transaction((transaction) => body(sqlOf(transaction))),
      making: (body) => body(), // nobody else has it
      forQueue: fromPglite(pglite),
      close: async () => {
        try {
          await pglite.close();
        } finally {
          held[Symbol.dispose]();
        }
      },
    };
  } catch (error) {
    held[Symbol.dispose]();
    throw error;
  }
}
