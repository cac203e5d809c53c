import { expect, test } from 'vitest';
import { smallIncident } from './fixture.test-support.ts';
import { searchSteps } from './search.ts';

const timeline = smallIncident();

function whoseSteps(query: string): string[] {
  return searchSteps(timeline, query).map((step) => {
    const row = timeline.steps.find(([number]) => number === step)!;
    return `${timeline.lanes[row[1]]} ${timeline.ops[row[3]]} ${timeline.files[row[4]] ?? ''} ${timeline.codes[row[5]]}`.replace(
      / +/g,
      ' ',
    );
  });
}

test('finds by operation, file, result and lane, whatever the case', () => {
  expect(whoseSteps('OP:Delete')).toEqual(['verifier-2 delete kanban.db-wal SQLITE_OK']);
  expect(whoseSteps('short_read')).toEqual(['verifier-2 read kanban.db-wal SQLITE_IOERR_SHORT_READ']);
  expect(new Set(whoseSteps('lane:notifier').map((text) => text.split(' ')[0]))).toEqual(
    new Set(['gateway-1/notifier']),
  );
});

test('all words must fit', () => {
  expect(whoseSteps('lane:dispatcher op:sync')).toEqual([
    'gateway-1/dispatcher sync kanban.db-wal SQLITE_OK',
    'gateway-1/dispatcher sync kanban.db-wal SQLITE_OK',
  ]);
  expect(searchSteps(timeline, 'notifier sync')).toEqual([]);
});

test('finds arguments, texts and events', () => {
  expect(whoseSteps('slot=CKPT')).toEqual(['verifier-2 shmLock kanban.db-shm SQLITE_OK']);
  expect(whoseSteps('text:integrity_check')).toEqual(['verifier-2 ask 0']);
  expect(searchSteps(timeline, 'violation')).toEqual([timeline.events.at(-1)!.step]);
});

test('a word before a colon says where to look', () => {
  expect(searchSteps(timeline, 'op:read').length).toBeGreaterThan(0);
  for (const text of whoseSteps('op:read')) expect(text).toMatch(/ (?:read|fileRead) /);
  expect(searchSteps(timeline, 'file:read')).toEqual([]);
  expect(searchSteps(timeline, 'step:7')).toEqual([7]);
});

test('an empty search finds nothing', () => {
  expect(searchSteps(timeline, '  ')).toEqual([]);
  expect(searchSteps(timeline, 'op:')).toEqual([]);
});
