// Where a server is looked for.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findServer } from './find-server.ts';

test('LOCKSTEP_POSTGRES names the folder of the programs, or the one above; where they are not, nothing else is taken', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-find-server-'));
  try {
    const bin = join(folder, 'bin');
    mkdirSync(join(folder, 'lib'));
    mkdirSync(bin);
    for (const name of ['initdb', 'postgres']) writeFileSync(join(bin, name), '');
    expect(findServer({ LOCKSTEP_POSTGRES: bin })?.bin).toBe(bin);
    expect(findServer({ LOCKSTEP_POSTGRES: folder })?.bin).toBe(bin);
    expect(findServer({ LOCKSTEP_POSTGRES: tmpdir(), PATH: bin })).toBeUndefined();
    expect(findServer({ PATH: bin })?.bin).toBe(bin);
    writeFileSync(join(folder, 'lib', 'libpq.so.5'), '');
    writeFileSync(join(folder, 'lib', 'libpq.5.dylib'), '');
    expect(findServer({ PATH: bin })?.libpq).toContain(join(folder, 'lib'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
