// Which disks a power loss can leave: by hand, for each rule of each model.
import { describe, expect, test } from 'vitest';
import { type FileSystem, fileSystemModels, type ModelName, modelNames, sectorBytes } from '../model/file-systems.ts';
import type { DiskLog } from '../model/disk.ts';
import { crashPoints } from './crash-points.ts';
import { statesAt } from './crash-states.ts';
import { DurableDisk } from './durable-disk.ts';
import { logOf } from './hand-log.test-support.ts';
import { Images } from './image.ts';

/** Zeros as dots, long runs of one letter as one of it and their length. */
function shown(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replaceAll('\0', '.')
    .replace(/(.)\1{15,}/g, (run, letter) => `${letter}*${run.length}`);
}

/** Every disk that can be left when the power goes before an operation, each once. */
function disksAt(log: DiskLog, system: FileSystem | ModelName, before = log.operations.length): readonly string[] {
  const disk = new DurableDisk(log, typeof system === 'string' ? { model: system } : system);
  disk.goTo(before);
  const images = new Images(disk);
  const states = statesAt(disk, before);
  const disks = Array.from({ length: states.count }, (_, i) =>
    [...images.of(states.at(i)).files].map(([name, { bytes }]) => `${name}=${shown(bytes)}`).join(' '),
  );
  return [...new Set(disks)].toSorted();
}

const small = logOf({ a: '--' }, [
  ['write', 'a', 0, 'x'],
  ['write', 'a', 1, 'y'],
  ['sync', 'a'],
]);

test('what is not synced is there or not, each write by itself; what is synced is there', () => {
  expect(disksAt(small, 'powersafe', 2)).toEqual(['a=--', 'a=-y', 'a=x-', 'a=xy']);
  expect(disksAt(small, 'powersafe', 3)).toEqual(['a=xy']);
});

test('a sync is of one file, whoever wrote to it, and of no name', () => {
  const log = logOf({ a: '-', b: '-' }, [
    ['write', 'a', 0, 'x'],
    ['write', 'b', 0, 'x'],
    ['link', 'c', 'c'],
    ['sync', 'a'],
  ]);
  expect(disksAt(log, 'powersafe')).toEqual(['a=x b=-', 'a=x b=- c=', 'a=x b=x', 'a=x b=x c=']);
});

test('names come and go whatever becomes of the bytes, and a folder is synced by itself', () => {
  const words = [
    ['link', 'new', 'new'],
    ['write', 'new', 0, 'xx'],
    ['sync', 'new'],
    ['rename', 'new', 'a'],
  ] as const;
  // The file's bytes are there, under one of its names, or none; never is there no `a`.
  expect(disksAt(logOf({ a: '-' }, words), 'powersafe')).toEqual(['a=-', 'a=- new=xx', 'a=xx']);
  expect(disksAt(logOf({ a: '-' }, [...words, ['sync-folder']]), 'powersafe')).toEqual(['a=xx']);
  const unsynced = logOf({ a: '-' }, [words[0], words[1], words[3], ['sync-folder']]);
  expect(disksAt(unsynced, 'powersafe')).toEqual(['a=', 'a=xx']);
});

test('a removed name can be there again, with the bytes that the file had', () => {
  const log = logOf({ a: 'x' }, [['unlink', 'a']]);
  expect(disksAt(log, 'powersafe')).toEqual(['', 'a=x']);
});

test('what was written to a file that no name can mean any more makes no state', () => {
  const words = [
    ['link', 'b', 'b'],
    ['write', 'b', 0, 'x'],
    ['unlink', 'b'],
  ] as const;
  expect(disksAt(logOf({ a: '-' }, words), 'powersafe')).toEqual(['a=-', 'a=- b=', 'a=- b=x']);
  const disk = new DurableDisk(logOf({ a: '-' }, [...words, ['sync-folder']]), { model: 'powersafe' });
  disk.goTo(4);
  expect(disk.pending).toEqual([]);
  const renamed = logOf({ a: '-' }, [words[0], words[1], ['rename', 'b', 'c'], ['sync-folder']]);
  expect(disksAt(renamed, 'powersafe')).toEqual(['a=- c=', 'a=- c=x']);
});

test('a truncation is lost or not as a write is', () => {
  const log = logOf({ a: 'xxxx' }, [
    ['truncate', 'a', 1],
    ['write', 'a', 2, 'y'],
  ]);
  expect(disksAt(log, 'powersafe')).toEqual(['a=x', 'a=x.y', 'a=xxxx', 'a=xxyx']);
});

test('single ones and pairs of many', () => {
  const log = logOf(
    { a: '-----' },
    ['a', 'b', 'c', 'd', 'e'].map((letter, i) => ['write', 'a', i, letter] as const),
  );
  const disks = disksAt(log, 'powersafe');
  // 1 with all, 5 without one, 10 without two, and the prefixes of 2, 1 and 0.
  expect(disks).toHaveLength(1 + 5 + 10 + 3);
  expect(disks).toContain('a=-bcd-');
  expect(disks).not.toContain('a=-b-d-');
});

const sectors = 3;
const longWrite = logOf({ a: '-'.repeat(sectors * sectorBytes) }, [
  ['write', 'a', 0, 'x'.repeat(sectors * sectorBytes)],
]);

test('the last write is torn at sectors, or at blocks of 4096 where those are atomic', () => {
  expect(disksAt(longWrite, 'powersafe')).toHaveLength(2 + sectors - 1);
  expect(disksAt(longWrite, 'atomic-4k')).toEqual(['a=-*1536', 'a=x*1536']);
  const blocks = logOf({ a: '' }, [['write', 'a', 100, 'x'.repeat(5000)]]);
  const head = 'a=.*100';
  expect(disksAt(blocks, 'atomic-4k')).toEqual(['a=', `${head}x*3996`, `${head}x*5000`]);
});

test('without powersafe overwrite a write spoils the rest of its sectors, and nothing beyond them', () => {
  const log = logOf({ a: '-'.repeat(5000) }, [['write', 'a', 10, 'x']]);
  const bytesAt = (model: ModelName) => {
    const disk = new DurableDisk(log, { model });
    disk.goTo(1);
    const states = statesAt(disk, 1);
    return Array.from({ length: states.count }, (_, i) => new Images(disk).of(states.at(i)).files.get('a')?.bytes);
  };
  const spoilt = bytesAt('no-powersafe-overwrite').find((bytes) => bytes?.[0] !== 45);
  expect(spoilt?.[10]).toBe('x'.charCodeAt(0));
  expect(spoilt?.[9]).toBe(spoilt?.[11]);
  expect(spoilt?.[4095]).toBe(spoilt?.[0]);
  expect(spoilt?.subarray(4096).equals(Buffer.alloc(904, '-'))).toBe(true);
  expect(bytesAt('powersafe').every((bytes) => bytes?.[0] === 45)).toBe(true);
});

describe('with a journal of the file system', () => {
  const log = logOf({ a: '-' }, [
    ['write', 'a', 0, 'x'],
    ['write', 'a', 1, 'y'],
    ['link', 'b', 'b'],
  ]);

  test('names and sizes keep their order, and what is written over keeps none', () => {
    expect(disksAt(log, 'powersafe')).toContain('a=- b=');
    expect(disksAt(log, 'powersafe')).toContain('a=x b=');
    expect(disksAt(log, 'ordered')).toEqual(['a=-', 'a=-y', 'a=-y b=', 'a=x', 'a=xy', 'a=xy b=']);
  });

  test('writeback: a file may be longer, and what makes it so not there', () => {
    expect(disksAt(log, 'ordered')).not.toContain('a=x. b=');
    expect(disksAt(log, 'writeback')).toContain('a=x. b=');
  });

  const synced = logOf({ a: '', c: '-' }, [
    ['write', 'a', 0, 'xx'],
    ['rename', 'a', 'b'],
    ['write', 'c', 0, 'z'],
    ['sync', 'c'],
  ]);

  test('any sync writes it as a whole: with the bytes that it waits for, or in writeback without', () => {
    expect(disksAt(synced, 'powersafe')).toContain('a= c=z');
    expect(disksAt(synced, 'ordered')).toEqual(['b=xx c=z']);
    expect(disksAt(synced, 'writeback')).toEqual(['b=.. c=z', 'b=xx c=z']);
  });
});

describe('syncs that lie', () => {
  test('do nothing', () => {
    expect(disksAt(small, 'lying-sync')).toEqual(disksAt(small, 'powersafe', 2));
  });

  test.each([
    ['of a process', ['a'], true],
    ['of another process', ['b'], false],
    ['of a file', ['f'], true],
    ['of another file', ['g'], false],
  ])('%s', (_, liars, lies) => {
    const log = logOf({ f: '-' }, [
      ['write', 'f', 0, 'x'],
      ['sync', 'f'],
    ]);
    expect(disksAt(log, { model: 'lying-sync', liars })).toEqual(lies ? ['f=-', 'f=x'] : ['f=x']);
  });
});

test('what the plan changes from outside is there, whatever was under way', () => {
  const { files, names, operations } = logOf({ a: '--' }, [['write', 'a', 0, 'x']]);
  const outside = { kind: 'outside', file: 0, bytes: Buffer.from('!!'), step: 1, lane: 'a' } as const;
  expect(disksAt({ files, names, operations: [...operations, outside] }, 'powersafe')).toEqual(['a=!!']);
});

test('the power goes just before and just after each sync and each change of a name, and at the end', () => {
  const log = logOf({ a: '-' }, [
    ['write', 'a', 0, 'x'],
    ['write', 'a', 0, 'y'],
    ['write', 'a', 0, 'z'],
    ['sync', 'a'],
    ['write', 'a', 0, 'x'],
    ['link', 'b', 'a'],
    ['write', 'a', 0, 'x'],
    ['write', 'a', 0, 'y'],
  ]);
  expect(crashPoints(log).map(({ before }) => before)).toEqual([3, 4, 5, 6, 8]);
  expect(crashPoints(log).map(({ step }) => step)).toEqual([3, 4, 5, 6, Infinity]);
});

test('every model says what it does, and where that is written', () => {
  for (const name of modelNames) expect(fileSystemModels[name].source).not.toBe('');
});
