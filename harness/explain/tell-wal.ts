// Sentences about a WAL that was begun anew inside a checkpoint of the old one: "The WAL-reset bug" (wal.html) as the
// trace shows it. nBackfill itself is memory in the wal-index: what it was set to shows in what later checkpoints leave out.
import { skippedIn } from './lost-rows.ts';
import type { Telling } from './telling.ts';
import type { WalReset } from './wals.ts';
import { count } from '../model/count.ts';

export function tellReset(telling: Telling, reset: WalReset): void {
  const { step, lane, checkpoint, copies, endStep, fresh } = reset;
  const name = fresh.wal.name;
  telling.add(checkpoint, {
    step: checkpoint.step,
    kind: 'checkpoint',
    sentence:
      `${checkpoint.lane} began a checkpoint: it took CKPT (byte 121 of the wal-index) while ${name} held ` +
      `${count(checkpoint.frames, 'frame')}.`,
    lanes: [checkpoint.lane],
  });
  telling.add(reset, {
    step,
    kind: 'wal-reset',
    sentence:
      `${lane} found every frame of ${name} copied${copiedBy(reset)} and began it anew: it wrote a new header at offset 0 ` +
      `while ${checkpoint.lane} was still inside its checkpoint of the old one.`,
    lanes: [lane, checkpoint.lane],
  });
  const skipped = skippedIn(reset);
  const did =
    copies === undefined
      ? 'copied nothing more'
      : `copied ${count(copies.pages, 'page')} (steps ${copies.first} to ${copies.last}` +
        `${copies.fresh === 0 ? '' : `, ${copies.fresh === copies.pages ? 'all' : `${copies.fresh}`} out of frames of the new ${name}, by its list of the old one`})`;
  telling.add(`${step} after`, {
    step: copies?.first ?? endStep ?? step,
    kind: 'checkpoint',
    sentence:
      `${checkpoint.lane} went on with the checkpoint of a -wal that was gone: it ${did}` +
      `${endStep === undefined ? '' : `, and gave CKPT back at step ${endStep}`}.`,
    lanes: [checkpoint.lane],
  });
  if (skipped === 0) return;
  const end = fresh.end ?? fresh.wal.lost;
  const until =
    end === undefined
      ? 'At the end'
      : `When ${end.lane} ${fresh.end === undefined ? `unlinked ${name}` : `began ${name} anew`}`;
  telling.add(`${step} skipped`, {
    step: end?.step ?? null,
    kind: 'frames-skipped',
    sentence:
      `${until}, no checkpoint had copied ${skipped} of the first ${Math.min(checkpoint.frames, fresh.frames.length)} frames ` +
      `that were written to it from step ${step} on: they counted as copied, since the checkpoint of ${checkpoint.lane} had ended ` +
      `with ${count(checkpoint.frames, 'frame')} done (nBackfill).`,
    lanes: end === undefined ? [] : [end.lane],
  });
}

/** Who made the last copy out of the old generation. */
function copiedBy({ checkpoint, step }: WalReset): string {
  let last = { step: -1, lane: '' };
  for (const { copied } of checkpoint.generation?.frames ?? [])
    if (copied !== undefined && copied.step > last.step && copied.step < step) last = copied;
  return last.step < 0 ? '' : ` (the last by ${last.lane} at step ${last.step})`;
}
