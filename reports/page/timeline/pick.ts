// What lies below a place of the picture: which step it means, and what to say about it. What stays out: listening.
import type { Placed } from './draw-lanes.ts';
import { bandAt } from './draw-bands.ts';
import { argsText, stepText, timeText } from './format.ts';
import { rowAtY } from './layout.ts';
import { at, kindNames, rowAt } from './model.ts';
import { neighbour } from './moves.ts';
import { axisHeight, pixelsPerStep, placeAtX, type Scene, xOf } from './scene.ts';

function markAt(placed: readonly Placed[], x: number, y: number): Placed | undefined {
  return placed.findLast((mark) => Math.abs(mark.x - x) <= 8 && Math.abs(mark.y - y) <= 8);
}

/** The step that a click means: that of the mark below it, or of the lane it is in where several share a pixel. */
export function stepAtPoint(scene: Scene, placed: readonly Placed[], x: number, y: number): number {
  const mark = markAt(placed, x, y);
  if (mark !== undefined) return mark.event.step;
  const { model } = scene;
  const place = Math.min(Math.max(placeAtX(scene, x), model.first), model.end - 1);
  const step = rowAt(model, Math.floor(place))?.[at.step] ?? model.first;
  const row = y < axisHeight ? undefined : rowAtY(scene.layout, y - axisHeight + scene.scrollY);
  if (row?.lane === null || row === undefined || rowAt(model, step)?.[at.lane] === row.lane) return step;
  const own = model.stepsOf[row.lane] ?? [];
  const near = [neighbour(own, step + 1, -1), neighbour(own, step, 1)].filter((one) => one !== null);
  const close = near.filter((one) => Math.abs(xOf(scene, one + 0.5) - x) < Math.max(6, pixelsPerStep(scene)));
  return close.toSorted((one, other) => Math.abs(one - place) - Math.abs(other - place))[0] ?? step;
}

/** What to say about a place, a line or two; null where there is nothing but ground. */
export function sayAtPoint(scene: Scene, placed: readonly Placed[], x: number, y: number): string | null {
  if (x < scene.gutter) return null;
  const mark = markAt(placed, x, y);
  if (mark !== undefined) return `${kindNames[mark.event.kind]}, step ${mark.event.step}\n${mark.event.text}`;
  const row = y < axisHeight ? undefined : rowAtY(scene.layout, y - axisHeight + scene.scrollY);
  const place = placeAtX(scene, x);
  if (row?.kind === 'bands') {
    const band = bandAt(row, place, y - axisHeight + scene.scrollY - row.y, scene.layout.narrow);
    return band === undefined ? null : band.says;
  }
  const step = rowAt(scene.model, stepAtPoint(scene, placed, x, y));
  if (step === undefined || (row?.lane !== null && row?.lane !== step[at.lane])) return null;
  const args = argsText(step[at.args]);
  const head = `Step ${step[at.step]} · ${timeText(step[at.nowMs])}\n${stepText(scene.model, step)}`;
  return args === '' ? head : `${head}\n${args}`;
}
