// The strip above the picture: the whole run at a glance, with the part in view set off. What stays out: the picture.
import type { InevitablePoint } from '../../../harness/model/timeline.ts';
import { marks } from './marks.ts';
import type { ColourName } from './palette.ts';
import type { Scene } from './scene.ts';
import { colour } from './scene.ts';

/** Height of the strip in CSS pixels. */
export const overviewHeight = 44;

const top = 5;
const laneBottom = 28;

function drawActivity(context: CanvasRenderingContext2D, scene: Scene, scale: (step: number) => number): void {
  const { model, palette } = scene;
  const lanes = model.timeline.lanes.length;
  const tall = (laneBottom - top) / Math.max(1, lanes);
  for (const [lane, turns] of model.turnsOf.entries()) {
    context.fillStyle = palette.lanes[lane] ?? '#888888';
    const y = top + lane * tall;
    let done = -1;
    for (const turn of turns) {
      const x = Math.max(scale(turn.from), done);
      const to = Math.max(scale(turn.to), scale(turn.from) + 0.75);
      if (to <= done) continue;
      context.fillRect(x, y, to - x, Math.max(1, Math.min(tall - 0.5, 7)));
      done = to;
    }
  }
}

function drawTicks(context: CanvasRenderingContext2D, scene: Scene, scale: (step: number) => number): void {
  const lastOf = new Map<string, number>();
  // Ticks of one kind that share a pixel are one tick: a run may have many thousands.
  const tick = (kind: string, step: number, name: ColourName, y: number, tall: number, wide: number): void => {
    const x = scale(step + 0.5) - wide / 2;
    if (x - (lastOf.get(kind) ?? -10) < 1) return;
    lastOf.set(kind, x);
    context.fillStyle = colour(scene, name);
    context.fillRect(x, y, wide, tall);
  };
  for (const event of scene.model.events) {
    if (event.kind === 'preemption' || scene.hidden.has(event.kind)) continue;
    if (event.kind === 'violation') tick(event.kind, event.step, 'fail', 0, overviewHeight, 2);
    else tick(event.kind, event.step, marks[event.kind].colour, laneBottom + 4, 8, 1.5);
  }
  for (const step of scene.hits) tick('hit', step, 'accent', 0, 4, 1.5);
}

/** How often the run fails when it goes on at random from a step: from the strip's bottom, never, to its top, always. */
function drawInevitable(context: CanvasRenderingContext2D, scene: Scene, scale: (step: number) => number): void {
  const points = scene.model.timeline.inevitable ?? [];
  const y = ({ failed, runs }: InevitablePoint): number => overviewHeight - 2 - (failed / runs) * (overviewHeight - 4);
  context.strokeStyle = colour(scene, 'fail');
  context.lineWidth = 1.5;
  context.beginPath();
  for (const [place, point] of points.entries()) {
    if (place === 0) context.moveTo(scale(point.step), y(point));
    else context.lineTo(scale(point.step), y(point));
  }
  context.stroke();
}

function scaleOf(scene: Scene): (step: number) => number {
  const { model, width } = scene;
  return (step) => ((step - model.first) / (model.end - model.first)) * width;
}

/** Draws what the strip shows of the run, wherever its window is. */
export function drawBackdrop(context: CanvasRenderingContext2D, scene: Scene): void {
  const scale = scaleOf(scene);
  context.setTransform(scene.ratio, 0, 0, scene.ratio, 0, 0);
  context.fillStyle = colour(scene, 'surface-raised');
  context.fillRect(0, 0, scene.width, overviewHeight);
  drawActivity(context, scene, scale);
  drawTicks(context, scene, scale);
  drawInevitable(context, scene, scale);
}

/**
 * Draws the strip.
 *
 * @param backdrop what {@link drawBackdrop} drew, at the same size
 * @param chosen steps that are being dragged over, null when none are
 */
export function drawOverview(
  context: CanvasRenderingContext2D,
  backdrop: HTMLCanvasElement,
  scene: Scene,
  chosen: { readonly from: number; readonly to: number } | null,
): void {
  const { width, ratio, range } = scene;
  const scale = scaleOf(scene);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(backdrop, 0, 0);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const shown = chosen ?? range;
  const left = scale(shown.from);
  const right = Math.max(scale(shown.to), left + 3);
  context.fillStyle = colour(scene, 'surface-sunken');
  context.globalAlpha = 0.72;
  context.fillRect(0, 0, left, overviewHeight);
  context.fillRect(right, 0, width - right, overviewHeight);
  context.globalAlpha = 1;
  context.strokeStyle = colour(scene, 'accent');
  context.lineWidth = 1.5;
  const whole = left < 1 && right > width - 1;
  if (!whole) context.strokeRect(left + 0.75, 0.75, Math.max(1.5, right - left - 1.5), overviewHeight - 1.5);
  context.fillStyle = colour(scene, 'accent');
  for (const x of [left, right - 4]) context.fillRect(x, overviewHeight / 2 - 8, 4, 16);
  context.fillRect(Math.min(scale(scene.selected + 0.5), width - 1), 0, 1, overviewHeight);
}
