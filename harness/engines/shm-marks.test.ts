import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageDir } from './package-dir.ts';
import { markShmAccess } from './shm-marks.ts';

const definition = '# define SEH_INJECT_FAULT assert( pWal->nSehTry>0 );';

describe.each(['better-sqlite3', 'better-sqlite3-3.50.4', 'better-sqlite3-3.51.2'])(
  'the amalgamation in %s',
  (name) => {
    const original = readFileSync(path.join(packageDir(name), 'deps', 'sqlite3', 'sqlite3.c'), 'latin1');

    test('changes in one line', () => {
      const before = original.split('\n');
      const after = markShmAccess(original, 'x').split('\n');
      expect(after).toHaveLength(before.length);
      expect(after.filter((line, index) => line !== before[index])).toEqual([
        '# define SEH_INJECT_FAULT (void)sqlite3FaultSim(661)',
      ]);
    });

    test('has 17 marks', () => {
      expect(original.match(/\bSEH_INJECT_FAULT;/g)).toHaveLength(17);
    });
  },
);

test.each([
  ['no definition', 'SEH_INJECT_FAULT;'],
  ['two definitions', `${definition}\n${definition}\nSEH_INJECT_FAULT;`],
  ['no use', definition],
  ['the code taken', `${definition}\nSEH_INJECT_FAULT;\nsqlite3FaultSim(661);`],
])('%s is refused with a sentence', (_, text) => {
  expect(() => markShmAccess(text, '3.30.0')).toThrow(
    expect.objectContaining({
      code: 'NO_SHM_MARKS',
      message: expect.stringContaining('SQLite 3.30.0'),
      remedy: expect.stringContaining('plain engine'),
    }),
  );
});
