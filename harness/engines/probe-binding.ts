// Run as a process by verify-binding.ts: loads the binding it is given and prints version and source id. It has a
// process of its own because a broken binding ends the process that loads it.

import Database from 'better-sqlite3';

const [, , nativeBinding = ''] = process.argv;
const db = new Database(':memory:', { nativeBinding });
process.stdout.write(String(db.prepare(`select sqlite_version() || ' ' || sqlite_source_id()`).pluck().get()));
db.close();
