// A lane program that goes round all of World and tells what it sees: whatever a program can learn must be the same in every
// host.
import { FileError, type Json, SqlError, type World } from '../world.ts';

/** What a call answers, or how it fails. */
function told(body: () => unknown): Json {
  try {
    const answer = body();
    return answer instanceof Uint8Array ? [...answer] : ((answer ?? null) as Json);
  } catch (error) {
    const known = error instanceof SqlError || error instanceof FileError;
    const { message, code = '' } = error as { readonly message: string; readonly code?: string };
    return { known, code, message };
  }
}

/** As what a call fails whose words are the language's. */
function failing(body: () => unknown): Json {
  try {
    body();
    return null;
  } catch (error) {
    return [(error as Error).name, error instanceof FileError];
  }
}

export function setupTour(world: World): void {
  const db = world.open('lab.db');
  db.exec(
    'PRAGMA journal_mode=WAL; CREATE TABLE t(k INTEGER PRIMARY KEY, v TEXT UNIQUE) STRICT; CREATE TABLE n(x NOT NULL)',
  );
  db.close();
}

function sql(world: World): readonly unknown[] {
  const db = world.open('lab.db', { busyTimeoutMs: 10 });
  const one = (statement: string, ...bind: Parameters<typeof db.get>[1][]) => told(() => db.get(statement, ...bind));
  const seen = [
    told(() => db.run('INSERT INTO t VALUES(1, ?)', 'a')),
    told(() => db.run('INSERT INTO t VALUES(?, ?)', 2, 'b\u0000c')),
    told(() => db.run('INSERT INTO t VALUES(3, ?)', 'a')),
    told(() => db.run('INSERT INTO n VALUES(NULL)')),
    told(() => db.run('INSERT INTO none VALUES(1)')),
    told(() => db.run('SELECT')),
    told(() => db.run('')),
    told(() => db.run('SELECT 1; SELECT 2')),
    told(() => db.run('SELECT 1; -- and no more\n /* of it */ ;')),
    told(() => db.get('INSERT INTO n VALUES(1)')),
    told(() => db.all('SELECT * FROM t ORDER BY k')),
    told(() => db.exec('INSERT INTO n VALUES(1); INSERT INTO n VALUES(2); SELECT * FROM n')),
    told(() => db.exec('INSERT INTO n VALUES(3); nonsense; INSERT INTO n VALUES(4)')),
    one('SELECT count(*) AS c, max(x) AS c FROM n'),
    one('SELECT ? AS i, ? AS r, ? AS t, ? AS n', 1, 0.1, 'ü😀', null),
    one('SELECT typeof(?) AS i, typeof(?) AS b, typeof(?) AS x', 5, 5n, new Uint8Array([1])),
    one('SELECT 9007199254740993 AS big, -0.0 AS zero, 1e300 AS much, 3.0 AS three'),
    told(() => Array.from(db.get("SELECT x'00ff' AS b")?.['b'] as Uint8Array)),
    db.all("SELECT x'00ff' AS b, 1 AS i").map(({ b, i }) => [String(b), (b as Uint8Array).constructor.name, i ?? 0]),
    one("SELECT cast(x'41ff42c3' AS TEXT) AS broken, cast(x'f0908080eda080' AS TEXT) AS half"),
    one('SELECT length(?) AS n', 'a\ud800b'),
    one('SELECT ?'),
    one('SELECT ?', 1, 2),
    one('SELECT ?', 2n ** 63n),
    one('SELECT ?', true as unknown as number),
    one('SELECT ?', undefined as unknown as null),
    one('PRAGMA journal_mode'),
    one('PRAGMA foreign_keys'),
    one('PRAGMA synchronous'),
    one('PRAGMA busy_timeout'),
    one('PRAGMA compile_options'),
    one("SELECT sqlite_version() AS v, hex(randomblob(4)) AS r, strftime('%s') AS s"),
    told(() => db.exec("PRAGMA writable_schema=ON; UPDATE sqlite_schema SET name='x'")),
    told(() => db.exec("ATTACH 'other.db' AS o; CREATE TABLE o.u(x); DETACH o")),
    told(() => db.exec("ATTACH '/etc/passwd' AS p")),
  ];
  const transaction = [
    told(() => db.immediate(() => db.inTransaction)),
    told(() =>
      db.immediate(() => {
        db.run('INSERT INTO n VALUES(9)');
        throw new RangeError('back');
      }),
    ),
    db.inTransaction,
    one('SELECT count(*) AS c FROM n'),
  ];
  const reader = world.open('lab.db', { readonly: true });
  const more = [
    told(() => reader.run('DELETE FROM n')),
    told(() => world.open('none.db', { mustExist: true })),
    told(() => world.open('none.db', { readonly: true })),
    told(() => world.open('folder/none.db')),
    told(() => world.open('../none.db')),
    told(() => world.open('none.db', { busyTimeoutMs: -1 })),
    told(() => world.open('none.db', { busyTimeoutMs: 2 ** 40 })),
  ];
  reader.close();
  db.close();
  return [seen, transaction, more, told(() => db.get('SELECT 1')), told(() => db.close()), db.isOpen];
}

function files(world: World): readonly unknown[] {
  const { files: at } = world;
  return [
    told(() => at.write('a', 'text ü')),
    told(() => at.write('b', new Uint8Array([0, 255]))),
    told(() => at.write('a', 'x', { exclusive: true })),
    told(() => at.read('a')),
    told(() => at.read('a', { offset: 2, length: 3 })),
    told(() => at.read('a', { offset: 100 })),
    told(() => at.read('a', { offset: 3, length: 100 })),
    failing(() => at.read('a', { length: -1 })),
    told(() => at.write('a', 5 as unknown as string)),
    Object.prototype.toString.call(at.read('b')) + at.read('b').constructor.name,
    told(() => at.read('none')),
    told(() => at.read('../a')),
    told(() => at.read('')),
    told(() => at.stat('a')),
    told(() => at.stat('none')),
    told(() => at.stat('a/b')),
    told(() => at.mkdir('d')),
    told(() => at.mkdir('d')),
    told(() => at.mkdir('e/f')),
    told(() => at.read('d')),
    told(() => at.write('d', 'x')),
    told(() => at.rename('b', 'd/b')),
    told(() => at.rename('none', 'c')),
    told(() => at.rename('d', 'a')),
    told(() => at.link('a', 'a2')),
    told(() => at.link('a', 'a2')),
    told(() => at.symlink('a', 'l')),
    told(() => at.symlink('later', 'd/l')),
    told(() => at.symlink('l2', 'l1')),
    told(() => at.symlink('l1', 'l2')),
    told(() => at.read('l')),
    told(() => at.read('l1')),
    told(() => at.exists('d/l')),
    told(() => at.write('d/l', 'through')),
    told(() => at.exists('d/l')),
    told(() => at.copy('l', 'copied')),
    told(() => at.copy('none', 'copied')),
    told(() => at.unlink('l')),
    told(() => at.unlink('l')),
    told(() => at.unlink('d')),
    told(() => at.list()),
    told(() => at.list('d')),
    told(() => at.list('none')),
    told(() => at.list('a')),
  ];
}

/** What SQLite has, opened in an order that is not that of their numbers. */
function found(world: World): readonly unknown[] {
  const { files: at } = world;
  const shared = { offset: 0x4000_0002, length: 510 };
  const low = at.open('low', 'w');
  const first = world.open('found.db');
  first.exec('PRAGMA journal_mode=WAL; CREATE TABLE t(x)');
  low.close();
  const second = world.open('found.db');
  second.get('SELECT * FROM t');
  const seen = ['found.db', 'found.db-wal', 'found.db-shm', 'low', 'none'].flatMap((file) =>
    at
      .descriptors(file)
      .map((one) => [
        one.file,
        told(() => one.lock('descriptor', shared)),
        told(() => one.lock('process', shared)),
        told(() => one.unlock('descriptor', shared)),
      ]),
  );
  const [kept] = at.descriptors('found.db');
  second.close();
  first.close();
  return [seen, told(() => kept?.lock('descriptor', shared))];
}

function descriptors(world: World): readonly unknown[] {
  const { files: at } = world;
  const made = at.open('held', 'w+');
  const seen = [
    told(() => made.write('text ü', 0)),
    told(() => made.write(new Uint8Array([0, 255]), 10)),
    told(() => made.read(100, 0)),
    told(() => made.read(3, 5)),
    told(() => made.read(3, 500)),
    failing(() => made.read(-1, 0)),
    told(() => made.write(5 as unknown as string, 0)),
    told(() => made.stat()),
    told(() => made.truncate(20)),
    told(() => made.sync()),
    told(() => made.chmod(0o600)),
    told(() => at.stat('held')),
    told(() => at.rename('held', 'renamed')),
    told(() => at.unlink('renamed')),
    told(() => made.read(4, 0)),
    told(() => made.stat()),
    told(() => made.close()),
    told(() => made.close()),
    told(() => made.read(1, 0)),
    told(() => at.open('none', 'r')),
    told(() => at.open('none', 'r+')),
    told(() => at.open('../out', 'w')),
    told(() => at.open('d', 'w')),
    told(() => at.open('a2', 'wx')),
  ];
  const end = at.open('log', 'a');
  end.write('one\n', 0);
  end.write('two\n', 0);
  const reader = at.open('log', 'r');
  const more = [
    told(() => reader.read(10, 0)),
    told(() => reader.write('x', 0)),
    told(() => end.read(1, 0)),
    told(() => at.symlink('log', 'to-log')),
    told(() => at.lstat('to-log')),
    told(() => at.lstat('log')),
    told(() => at.lstat('d')),
    told(() => at.lstat('none')),
    told(() => at.utime('log', 5)),
    told(() => at.stat('log')),
    told(() => reader.stat()),
    told(() => at.chmod('log', 0o600)),
    told(() => at.chmod('none', 0o600)),
    told(() => at.rmdir('d')),
    told(() => at.mkdir('empty')),
    told(() => at.rmdir('empty')),
    told(() => at.rmdir('empty')),
    told(() => at.rmdir('log')),
  ];
  end.close();
  reader.close();
  return [...seen, ...more];
}

function flocks(world: World): readonly unknown[] {
  const first = world.flock('the.lock', 'exclusive');
  const second = world.flock('the.lock', 'shared', { timeoutMs: 120, pollMs: 50 });
  first?.release();
  const third = world.flock('the.lock', 'shared');
  const seen = [second === undefined, third !== undefined, told(() => world.flock('d', 'shared')?.release())];
  third?.release();
  return seen;
}

function processes(world: World): readonly unknown[] {
  world.spawn('child', 'one', { how: 'returns' });
  world.spawn('child', 'two', { how: 'throws' });
  world.spawn('child', 'three', { how: 'exits' });
  world.spawn('child', 'four', { how: 'waits' }, { group: 'g', detached: true });
  world.thread('child', 'lane', { how: 'answers' });
  const seen = [
    told(() => world.spawn('child', 'one', null)),
    told(() => world.spawn('child', 'no name', null)),
    told(() => world.processes().map(({ name, parent, group }) => [name, parent, group])),
    ...['one', 'two', 'three'].map((name) => told(() => world.wait(name))),
    told(() => world.send(`${world.process}/lane`, { question: '…\u2028' })),
    told(() => world.receive()),
    told(() => world.wait(`${world.process}/lane`)),
    told(() => world.wait('four', { timeoutMs: 10 })),
    told(() => world.killGroup('g')),
    told(() => world.wait('four')),
    told(() => world.poll('none')),
    told(() => world.receive({ timeoutMs: 5 })),
    told(() => world.shared.get('told')),
    told(() => world.mutex('m', () => world.mutex('m', () => 'twice'))),
  ];
  return seen;
}

export function child(world: World, args: Json): void {
  const { how } = args as { readonly how: string };
  if (how === 'throws') throw new RangeError('on purpose');
  if (how === 'exits') world.exit(3);
  if (how === 'waits') world.sleep(100_000);
  if (how !== 'answers') return;
  const got = world.receive();
  world.shared.set('told', { nested: [got?.message ?? null, null, 1.5] });
  world.send(world.process, { answer: got?.from ?? '' });
}

/** Each part is one observation, of which the trace has every byte. */
export function tour(world: World): void {
  world.observe('sql', sql(world) as Json);
  world.observe('files', files(world) as Json);
  world.observe('descriptors', descriptors(world) as Json);
  world.observe('found', found(world) as Json);
  world.observe('flocks', flocks(world) as Json);
  world.observe('processes', processes(world) as Json);
  world.observe('chance', [world.random(), world.random(), world.now(), world.stopping(), world.lane]);
  world.observe('language', [
    ['b', 'a', 'ä', 'B'].toSorted(),
    [1, 2].at(-1) ?? 0,
    'a-b-a'.replaceAll('a', 'x'),
    Object.hasOwn({ a: 1 }, 'a'),
    [0.1 + 0.2, 1e21, 1 / 3, 123456789.125, 5e-324, -1e-7].map(String),
    (1234.5678).toFixed(2),
    JSON.stringify({ b: [undefined, '\u2028', '\ud800'], a: 1e100 }),
    new TextDecoder().decode(new TextEncoder().encode('ü😀')),
    /(?<year>\d{4})/u.exec('in 2026')?.groups?.['year'] ?? '',
  ]);
  world.look('at the end');
}

/** Wants more memory than it is left. */
export function hoarding(world: World): void {
  const all: Uint8Array[] = [];
  world.look('before'); // it stands still, and what it has done is seen
  while (all.length < 100) all.push(new Uint8Array(1 << 22));
}
