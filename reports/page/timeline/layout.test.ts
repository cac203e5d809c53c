import { describe, expect, test } from 'vitest';
import type { LockSpan } from '../../../harness/model/timeline.ts';
import { longRun, smallIncident } from './fixture.test-support.ts';
import { makeLayout, rowAtY } from './layout.ts';
import { makeModel } from './model.ts';

const incident = smallIncident();

describe('rows', () => {
  const { rows, height } = makeLayout(makeModel(incident), false);

  test('are the lanes, then locks by file in the order of their strength, files, queues', () => {
    expect(rows.map(({ label }) => label)).toEqual([
      ...incident.lanes,
      'Locks',
      'kanban.db',
      'SHARED',
      'PENDING',
      'EXCLUSIVE',
      'kanban.db-shm',
      'WRITE',
      'CKPT',
      'READ1',
      'Files',
      'kanban.db',
      'kanban.db-wal',
      'kanban.db-shm',
      'Messages',
      'to verifier-2',
    ]);
  });

  test('lie below one another without gaps', () => {
    let y = 0;
    for (const row of rows) {
      expect(row.y).toBe(y);
      y += row.height;
      expect(rowAtY({ rows, height, narrow: false }, row.y)).toBe(row);
    }
    expect(rowAtY({ rows, height, narrow: false }, y)).toBeUndefined();
  });

  test('say whether a lock in them was lost', () => {
    expect(rows.filter((row) => row.lost).map(({ label }) => label)).toEqual(['SHARED']);
  });

  test('a deleted file goes on as a band of its own, and names who goes on with it, the last one first', () => {
    const wal = rows.find((row) => row.label === 'kanban.db-wal')!;
    const deleted = wal.bands.find((band) => band.tone === 'deleted')!;
    const first = wal.bands.find((band) => band.ends === 'unlinked')!;
    expect(deleted.from).toBe(first.to);
    expect(deleted.label).toBe('#1 deleted, open in gateway-1/dispatcher, verifier-2');
  });
});

test('labels above the rows make them higher, and change nothing else', () => {
  const [beside, above] = [false, true].map((narrow) => makeLayout(makeModel(incident), narrow));
  expect(above!.rows.map(({ label }) => label)).toEqual(beside!.rows.map(({ label }) => label));
  expect(above!.height).toBeGreaterThan(beside!.height);
});

test('events of no lane have a row of their own', () => {
  const events = [...incident.events, { step: 9, lane: null, kind: 'fact' as const, text: 'the volume hiccups' }];
  expect(makeLayout(makeModel({ ...incident, events }), false).rows[0]?.kind).toBe('run');
});

test('bands that overlap never share a line', () => {
  const span = (lane: number, from: number, to: number | null): LockSpan => ({
    lane,
    file: 0,
    what: 'SHARED',
    exclusive: false,
    from,
    to,
    lostAt: null,
  });
  const locks = [
    span(0, 2, 20),
    span(1, 5, 9),
    span(2, 8, null),
    span(1, 10, 12),
    ...longRun(2000).locks.slice(0, 200),
  ];
  const { rows } = makeLayout(makeModel({ ...incident, locks }), false);
  for (const { bands, subs } of rows) {
    for (const [place, band] of bands.entries()) {
      expect(band.sub).toBeLessThan(subs);
      for (const other of bands.slice(place + 1)) {
        const apart = other.from >= band.to || band.from >= other.to;
        expect(apart || other.sub !== band.sub).toBe(true);
      }
    }
  }
});
