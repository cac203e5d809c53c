// Generations and frames of a -wal, and a reset inside a checkpoint, from steps made by hand.
import { expect, test } from 'vitest';
import { skippedIn } from './lost-rows.ts';
import { copy, eventsIn, frame, mapShm, open, openWal, page, slot, walHeader } from './steps.test-support.ts';

const CKPT = 1;
const connected = (lane: string) => [open(lane), openWal(lane), mapShm(lane)];
const both = [...connected('p'), ...connected('q'), walHeader('p'), ...frame('p', 0, 10), ...frame('p', 1, 11)];

function resetIn(acts: Parameters<typeof eventsIn>[0]) {
  const found = eventsIn(acts).events.find((event) => event.kind === 'wal-reset');
  return found?.kind === 'wal-reset' ? found : undefined;
}

test('a header while another is inside a checkpoint is a reset, and its frames are those that nobody copied', () => {
  const reset = resetIn([
    ...both,
    slot('q', CKPT, 'lock'),
    walHeader('p'),
    ...frame('p', 0, 20),
    ...frame('p', 1, 21),
    ...copy('q', 0, 20),
    slot('q', CKPT, 'unlock'),
    ...frame('p', 2, 22),
    slot('p', CKPT, 'lock'),
    ...copy('p', 2, 22),
    slot('p', CKPT, 'unlock'),
  ]);
  expect(reset).toMatchObject({
    lane: 'p',
    checkpoint: { lane: 'q', step: both.length, frames: 2 },
    copies: { pages: 1, fresh: 1 },
  });
  if (reset !== undefined) expect(skippedIn(reset)).toBe(2);
});

test('a header after the checkpoint is none', () => {
  expect(resetIn([...both, slot('q', CKPT, 'lock'), slot('q', CKPT, 'unlock'), walHeader('p')])).toBeUndefined();
});

test('a recovery, which takes CKPT and RECOVER, is no checkpoint', () => {
  expect(resetIn([...both, slot('q', 2, 'lock'), slot('q', CKPT, 'lock'), walHeader('p')])).toBeUndefined();
});

test('a page that is spilled anew replaces its frame; a frame with its header comes after what is left', () => {
  const writes = (acts: Parameters<typeof eventsIn>[0]) =>
    eventsIn(acts)
      .wals.writesOf('p', -1, Infinity)
      .at(-1)
      ?.generation?.frames.map(({ step }) => step);
  const { length } = both;
  expect(writes([...both, page('p', 0, 12)])).toEqual([length, length - 1]);
  expect(writes([...both, ...frame('p', 0, 12)])).toEqual([length + 1]);
});

test('frames in a file without a header stand in a headless generation', () => {
  const { wals } = eventsIn([...connected('p'), ...frame('p', 3, 10)]);
  expect(wals.writesOf('p', -1, Infinity)[0]?.generation).toMatchObject({ headless: true });
});
