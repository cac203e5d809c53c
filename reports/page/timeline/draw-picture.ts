// Draws one frame of the picture: rows in view, labels, scales, the current step. What stays out: when, and on which canvas.
import { drawAxis, drawGrid } from './draw-axis.ts';
import { drawBands } from './draw-bands.ts';
import { drawLanes, drawMarks, type Placed } from './draw-lanes.ts';
import { laneParts } from './format.ts';
import { heights, type Row } from './layout.ts';
import { axisHeight, colour, fitText, pixelsPerStep, type Scene, setFont, snap, textWidth, xOf } from './scene.ts';

function drawCursor(context: CanvasRenderingContext2D, scene: Scene): void {
  const wide = pixelsPerStep(scene);
  const x = xOf(scene, scene.selected);
  context.fillStyle = colour(scene, 'accent');
  if (wide >= 4) {
    context.globalAlpha = 0.13;
    context.fillRect(x, axisHeight, wide, scene.height);
    context.globalAlpha = 1;
  }
  context.fillRect(snap(scene, x + wide / 2 - 0.5), axisHeight - 22, 1, scene.height);
  if (scene.hover === null || scene.hover < scene.gutter) return;
  context.globalAlpha = 0.35;
  context.fillStyle = colour(scene, 'text');
  context.fillRect(snap(scene, scene.hover), axisHeight, 1 / scene.ratio, scene.height);
  context.globalAlpha = 1;
}

/** A lane's name: its process, and its thread where it has one; the colour of its bar before it. */
function drawLaneLabel(context: CanvasRenderingContext2D, scene: Scene, row: Row, y: number, room: number): void {
  const { process, thread } = laneParts(row.label);
  const beside = scene.gutter > 0;
  const middle = beside ? y + heights.marks + 1 + heights.bar / 2 + 0.5 : y + heights.label / 2 + 1;
  const left = beside ? 12 : 6;
  context.fillStyle = scene.palette.lanes[row.lane ?? -1] ?? colour(scene, 'line');
  context.fillRect(left, middle - 5, 3, 10);
  setFont(context, scene, 12, 'font', 600);
  context.fillStyle = colour(scene, 'text');
  const shown = fitText(context, process, room - left - 8);
  context.fillText(shown, left + 8, middle);
  const used = left + 8 + textWidth(context, shown);
  setFont(context, scene, 12, 'font');
  context.fillStyle = colour(scene, 'text-soft');
  context.fillText(fitText(context, thread, room - used - 4), used, middle);
}

function drawLabel(context: CanvasRenderingContext2D, scene: Scene, row: Row): void {
  const y = axisHeight + row.y - scene.scrollY;
  const beside = scene.gutter > 0;
  const room = beside ? scene.gutter - 10 : scene.width;
  context.textBaseline = 'middle';
  switch (row.kind) {
    case 'lane':
      drawLaneLabel(context, scene, row, y, room);
      return;
    case 'heading':
      setFont(context, scene, 11, 'font', 600);
      context.fillStyle = colour(scene, 'text-soft');
      context.fillText(row.label, beside ? 12 : 6, y + row.height / 2 + 0.5);
      return;
    case 'file':
      setFont(context, scene, 11.5, 'font', 600);
      context.fillStyle = colour(scene, 'text');
      context.fillText(fitText(context, row.label, room - 12), beside ? 12 : 6, y + row.height / 2 + 1);
      return;
    case 'run':
    case 'bands': {
      setFont(context, scene, 11.5, 'font', row.lost ? 600 : 400);
      context.fillStyle = colour(scene, row.lost ? 'fail' : 'text-soft');
      const middle = beside
        ? y + (row.kind === 'run' ? row.height / 2 : heights.band / 2 + 1)
        : y + heights.label / 2 + 1;
      context.fillText(fitText(context, row.label, room - (beside ? 24 : 6)), beside ? 23 : 6, middle);
    }
  }
}

function drawLabels(context: CanvasRenderingContext2D, scene: Scene, rows: readonly Row[]): void {
  if (scene.gutter > 0) {
    context.fillStyle = colour(scene, 'surface');
    context.fillRect(0, axisHeight, scene.gutter, scene.height);
    context.fillStyle = colour(scene, 'surface-raised');
    for (const row of rows) {
      if (row.kind === 'heading') context.fillRect(0, axisHeight + row.y - scene.scrollY, scene.gutter, row.height);
    }
    context.fillStyle = colour(scene, 'line');
    context.fillRect(scene.gutter - 1 / scene.ratio, 0, 1 / scene.ratio, scene.height);
  }
  for (const row of rows) drawLabel(context, scene, row);
}

/** Room for the labels beside the rows, in CSS pixels. */
export function gutterWidth(context: CanvasRenderingContext2D, scene: Scene): number {
  const { layout } = scene;
  if (layout.narrow) return 0;
  setFont(context, scene, 12, 'font', 600);
  const widest = Math.max(0, ...layout.rows.map((row) => textWidth(context, row.label) + 36));
  return Math.round(Math.min(260, Math.max(120, widest)));
}

/**
 * Draws one frame.
 *
 * @param context of a canvas with `scene.ratio` device pixels to a CSS pixel
 * @returns the marks that were drawn, for pointing at them
 */
export function drawPicture(context: CanvasRenderingContext2D, scene: Scene): Placed[] {
  const { layout, scrollY, width, height, ratio, gutter } = scene;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = colour(scene, 'surface');
  context.fillRect(0, 0, width, height);
  const rows = layout.rows.filter((row) => row.y + row.height > scrollY && row.y < scrollY + height - axisHeight);
  context.save();
  context.beginPath();
  context.rect(gutter, axisHeight, width - gutter, height - axisHeight);
  context.clip();
  drawGrid(context, scene);
  drawBands(context, scene, rows);
  drawLanes(context, scene, rows);
  drawCursor(context, scene);
  const placed = drawMarks(context, scene, rows);
  context.restore();
  drawLabels(context, scene, rows);
  drawAxis(context, scene);
  return placed;
}
