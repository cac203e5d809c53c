// The work that reaches every operation of the VFS, for several of the gate's tests.
import type { HandWorld } from './hand-lane.test-support.ts';

/** Two connections that get into each other's way, and every kind of access that a journal mode knows. */
export function tour(w: HandWorld): unknown {
  const mode = w.args[0];
  const a = w.open('a.db');
  a.pragma('synchronous = full');
  a.pragma(`journal_mode = ${mode}`);
  a.exec('create table t(x)');
  const insert = a.prepare('insert into t values (?)');
  for (let i = 0; i < 20; i++) insert.run('x'.repeat(3000));
  if (mode === 'wal') a.pragma('wal_checkpoint(truncate)');

  const b = w.open('a.db', { timeout: 3 });
  b.pragma('mmap_size = 1000000');
  b.prepare('select count(x) from t').get();
  a.exec('begin immediate; insert into t values (2)');
  b.prepare('select sum(x) from t').get();
  let refusal: unknown;
  try {
    b.exec('begin immediate');
  } catch (error) {
    refusal = (error as { code: string }).code;
  }
  a.exec('commit');
  const found = a.prepare("select datetime('now') as now, random() is not null as drawn").get();
  const integrity = a.pragma('integrity_check', { simple: true });
  b.close();
  a.close();
  return { refusal, found, integrity };
}
