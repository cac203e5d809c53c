// The two scales on top of the picture: steps, and the virtual time at which they happened. What stays out: the rows.
import { timeText } from './format.ts';
import { at, lowerBoundOf, rowAt } from './model.ts';
import { axisHeight, colour, pixelsPerStep, type Scene, setFont, snap, textWidth, xOf } from './scene.ts';
import { tickDistance } from './view-range.ts';

/** Steps at which the scale is marked, in view. */
export function ticks(scene: Scene): number[] {
  const distance = tickDistance(76 / pixelsPerStep(scene));
  const found: number[] = [];
  for (let step = Math.ceil(scene.range.from / distance) * distance; step < scene.range.to; step += distance)
    found.push(step);
  return found;
}

/** Faint lines down from the marks of the scale. */
export function drawGrid(context: CanvasRenderingContext2D, scene: Scene): void {
  context.fillStyle = colour(scene, 'line');
  context.globalAlpha = 0.55;
  for (const step of ticks(scene)) {
    context.fillRect(snap(scene, xOf(scene, step)), axisHeight, 1 / scene.ratio, scene.height - axisHeight);
  }
  context.globalAlpha = 1;
}

/** Where the number of the current step stands; without width when the step is out of view. */
function flagOf(context: CanvasRenderingContext2D, scene: Scene): { readonly left: number; readonly width: number } {
  const { selected, range } = scene;
  if (selected + 1 < range.from || selected > range.to) return { left: -100, width: 0 };
  setFont(context, scene, 11, 'font', 600);
  const width = textWidth(context, String(selected)) + 12;
  const centre = xOf(scene, selected + 0.5);
  return { left: Math.min(Math.max(centre - width / 2, scene.gutter), scene.width - width), width };
}

function drawSteps(context: CanvasRenderingContext2D, scene: Scene): void {
  const wide = pixelsPerStep(scene);
  const flag = flagOf(context, scene);
  setFont(context, scene, 11, 'font');
  context.textBaseline = 'middle';
  for (const step of ticks(scene)) {
    const x = snap(scene, xOf(scene, step));
    context.fillStyle = colour(scene, 'line-strong');
    context.fillRect(x, 14, 1 / scene.ratio, 6);
    const text = String(step);
    if (x + 4 < flag.left + flag.width + 3 && x + textWidth(context, text) + 7 > flag.left) continue;
    context.fillStyle = colour(scene, 'text-soft');
    context.fillText(text, x + 4, 10.5);
  }
  if (wide < 9) return;
  context.fillStyle = colour(scene, 'line');
  for (let step = Math.ceil(scene.range.from); step < scene.range.to; step += 1) {
    context.fillRect(snap(scene, xOf(scene, step)), 17, 1 / scene.ratio, 3);
  }
}

/** A mark wherever virtual time moves on, and its value; where that is too often, only what has room for its value. */
function drawTimes(context: CanvasRenderingContext2D, scene: Scene): void {
  const { model, range } = scene;
  const { jumps } = model;
  setFont(context, scene, 11, 'font');
  context.textBaseline = 'middle';
  const first = lowerBoundOf(jumps, range.from);
  const last = lowerBoundOf(jumps, range.to);
  const dense = (scene.width - scene.gutter) / Math.max(1, last - first) < 9;
  let free = scene.gutter;
  const put = (step: number, x: number, marked: boolean): void => {
    const row = rowAt(model, step);
    const valued = row !== undefined && x >= free;
    if (marked && (valued || !dense)) {
      // Those without a value are short, so that they strike through none.
      context.fillStyle = colour(scene, 'line-strong');
      context.fillRect(x, 21, 1 / scene.ratio, valued ? axisHeight - 21 : 3);
    }
    if (!valued) return;
    const text = timeText(row[at.nowMs]);
    context.fillStyle = colour(scene, 'text-soft');
    context.fillText(text, x + 4, 30);
    free = x + textWidth(context, text) + 18;
  };
  const next = jumps[first];
  if (next === undefined || xOf(scene, next) > scene.gutter + 80) put(Math.floor(range.from), scene.gutter, false);
  for (let place = first; place < last; place += 1) {
    const step = jumps[place] ?? 0;
    put(step, snap(scene, xOf(scene, step)), true);
  }
}

/** Small marks on the scale where the search found something. */
function drawHits(context: CanvasRenderingContext2D, scene: Scene): void {
  const { hits, range } = scene;
  context.fillStyle = colour(scene, 'accent');
  const wide = Math.max(2, Math.min(pixelsPerStep(scene) - 1, 14));
  let last = -10;
  for (let place = lowerBoundOf(hits, range.from - 1); place < hits.length; place += 1) {
    const step = hits[place] ?? 0;
    if (step > range.to) break;
    const x = xOf(scene, step);
    if (x - last < 2) continue;
    context.fillRect(x, 20, wide, 3);
    last = x;
  }
}

function drawCursorFlag(context: CanvasRenderingContext2D, scene: Scene): void {
  const { left, width } = flagOf(context, scene);
  if (width === 0) return;
  context.fillStyle = colour(scene, 'accent');
  context.beginPath();
  context.roundRect(left, 2, width, 16, 3);
  context.fill();
  setFont(context, scene, 11, 'font', 600);
  context.fillStyle = colour(scene, 'surface');
  context.textBaseline = 'middle';
  context.fillText(String(scene.selected), left + 6, 10.5);
}

/** The scales; over everything that scrolls below them. */
export function drawAxis(context: CanvasRenderingContext2D, scene: Scene): void {
  context.fillStyle = colour(scene, 'surface');
  context.fillRect(0, 0, scene.width, axisHeight);
  context.save();
  context.beginPath();
  context.rect(scene.gutter, 0, scene.width - scene.gutter, axisHeight);
  context.clip();
  context.fillStyle = colour(scene, 'line');
  context.fillRect(scene.gutter, snap(scene, 20), scene.width, 1 / scene.ratio);
  drawSteps(context, scene);
  drawTimes(context, scene);
  drawHits(context, scene);
  drawCursorFlag(context, scene);
  context.restore();
  context.fillStyle = colour(scene, 'line-strong');
  context.fillRect(0, axisHeight - 1 / scene.ratio, scene.width, 1 / scene.ratio);
  if (scene.gutter === 0) return;
  setFont(context, scene, 11, 'font');
  context.textBaseline = 'middle';
  context.fillStyle = colour(scene, 'text-soft');
  context.fillText('step', 12, 10.5);
  context.fillText('virtual time', 12, 30);
}
