// Draws who ran when: the turns of each lane, the switches between them, single steps where there is room, and the marks
// of events. What is narrower than a pixel is drawn together. What stays out: locks, files and queues.
import type { TimelineEventKind } from '../../../harness/model/timeline.ts';
import type { Row } from './layout.ts';
import { heights } from './layout.ts';
import { marks } from './marks.ts';
import { at, eventKinds, flag, lowerBound, type NumberedEvent, placeOf, type Turn } from './model.ts';
import { axisHeight, colour, fitText, pixelsPerStep, type Scene, setFont, snap, textWidth, xOf } from './scene.ts';

/** From this width on a step is drawn as a cell of its own. */
const cellWidthMin = 7;

/** From this width on a cell says its operation. */
const namedWidthMin = 34;

/** Top of a lane's bar on the canvas. */
function barTop(scene: Scene, row: Row): number {
  const label = scene.layout.narrow ? heights.label : 0;
  return axisHeight + row.y - scene.scrollY + label + heights.marks + 1;
}

function drawBar(
  context: CanvasRenderingContext2D,
  scene: Scene,
  row: Row,
  turns: readonly Turn[],
  fill: string,
): void {
  const { range } = scene;
  const y = barTop(scene, row);
  const wide = pixelsPerStep(scene);
  const line = 1 / scene.ratio;
  context.fillStyle = fill;
  let left = -1;
  let right = -1;
  let filled = 0;
  const flush = (): void => {
    if (right <= left) return;
    // Turns that share a pixel: the fuller it is, the stronger.
    const share = filled / (right - left);
    context.globalAlpha = share > 0.85 ? 1 : 0.35 + 0.6 * share;
    context.fillRect(left, y, right - left, heights.bar);
  };
  for (let place = lowerBound(turns, range.from, (turn) => turn.to); place < turns.length; place += 1) {
    const turn = turns[place];
    if (turn === undefined || turn.from > range.to) break;
    const from = Math.max(xOf(scene, turn.from), scene.gutter - 2);
    const to = Math.min(xOf(scene, turn.to), scene.width + 2);
    if (from - right < (wide > 2 ? line : 1) && right > left) {
      right = Math.max(right, snap(scene, to));
    } else {
      flush();
      left = snap(scene, from);
      right = Math.max(snap(scene, to), left + line);
      filled = 0;
    }
    filled += to - from;
  }
  flush();
  context.globalAlpha = 1;
}

/** The steps of a lane one by one: parted by hairlines, failed and injected ones marked, their operation named. */
function drawCells(context: CanvasRenderingContext2D, scene: Scene, rows: ReadonlyMap<number, Row>): void {
  const { model, range } = scene;
  const { steps, ops } = model.timeline;
  const wide = pixelsPerStep(scene);
  const line = Math.max(1, 1 / scene.ratio);
  setFont(context, scene, 10.5, 'font', 500);
  context.textBaseline = 'middle';
  for (let place = placeOf(model, Math.floor(range.from)); place < steps.length; place += 1) {
    const step = steps[place];
    if (step === undefined || step[at.step] > range.to) break;
    const row = rows.get(step[at.lane]);
    if (row === undefined) continue;
    const y = barTop(scene, row);
    const x = snap(scene, xOf(scene, step[at.step]));
    context.fillStyle = colour(scene, 'surface');
    context.fillRect(x, y, line, heights.bar);
    if ((step[at.flags] & flag.failed) !== 0) {
      context.fillStyle = colour(scene, 'fail');
      context.fillRect(x + line, y + heights.bar - 4, wide - line, 4);
    }
    if ((step[at.flags] & flag.injected) !== 0) {
      context.fillStyle = colour(scene, 'unsure');
      context.fillRect(x + line, y, wide - line, 4);
    }
    if (wide < namedWidthMin) continue;
    context.fillStyle = scene.palette.dark ? '#0c0f13' : '#ffffff';
    const text = fitText(context, ops[step[at.op]] ?? '', wide - 7);
    context.fillText(text, x + 4, y + heights.bar / 2 + 0.5);
  }
}

/** Thin lines from the lane that stopped to the one that went on; faded out when they would fill the picture. */
function drawSwitches(context: CanvasRenderingContext2D, scene: Scene, rows: ReadonlyMap<number, Row>): void {
  const { turns } = scene.model;
  const first = lowerBound(turns, scene.range.from, (turn) => turn.from);
  const last = lowerBound(turns, scene.range.to, (turn) => turn.from);
  const room = (scene.width - scene.gutter) / Math.max(1, last - first);
  const alpha = Math.min(0.8, (room - 3) / 12);
  if (alpha <= 0.05) return;
  context.globalAlpha = alpha;
  context.strokeStyle = colour(scene, 'line-strong');
  context.lineWidth = 1 / scene.ratio;
  context.beginPath();
  for (let place = Math.max(1, first); place < last; place += 1) {
    const before = rows.get(turns[place - 1]?.lane ?? -1);
    const turn = turns[place];
    const after = rows.get(turn?.lane ?? -1);
    if (before === undefined || after === undefined || turn === undefined) continue;
    const x = snap(scene, xOf(scene, turn.from)) + 0.5 / scene.ratio;
    const [upper, lower] = before.y < after.y ? [before, after] : [after, before];
    context.moveTo(x, barTop(scene, upper) + heights.bar);
    context.lineTo(x, barTop(scene, lower));
  }
  context.stroke();
  context.globalAlpha = 1;
}

const shapes = new Map<TimelineEventKind, Path2D>();

function shapeOf(kind: TimelineEventKind): Path2D {
  const known = shapes.get(kind);
  if (known !== undefined) return known;
  const made = new Path2D(marks[kind].path);
  shapes.set(kind, made);
  return made;
}

function drawMark(context: CanvasRenderingContext2D, scene: Scene, event: NumberedEvent, x: number, y: number): void {
  const mark = marks[event.kind];
  const shape = shapeOf(event.kind);
  context.save();
  context.translate(x - 6, y - 6);
  // A rim in the ground's colour parts the mark from what lies below it.
  context.lineJoin = 'round';
  context.lineCap = 'round';
  context.lineWidth = mark.line === true ? 5.5 : 3;
  context.strokeStyle = colour(scene, 'surface');
  context.stroke(shape);
  if (mark.line === true) {
    context.lineWidth = 2.5;
    context.strokeStyle = colour(scene, mark.colour);
    context.stroke(shape);
  } else {
    context.fillStyle = colour(scene, mark.colour);
    context.fill(shape);
  }
  context.restore();
  const sign = event.kind === 'violation' ? '!' : event.number === null ? '' : String(event.number);
  if (sign === '') return;
  setFont(context, scene, sign.length > 1 ? 8 : 9.5, 'font', 700);
  context.fillStyle = colour(scene, 'surface');
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(sign, x, y + 0.5);
  context.textAlign = 'left';
}

/** A mark that found its place. */
export interface Placed {
  readonly event: NumberedEvent;
  readonly x: number;
  readonly y: number;
}

const slotWidth = 13;

/** Where marks go: the gravest first; one that finds its place taken moves half a step aside, or is left to zooming in. */
export function placeMarks(scene: Scene, rows: readonly Row[]): Placed[] {
  const { model, range, hidden } = scene;
  const { events } = model;
  const wide = pixelsPerStep(scene);
  const rowOf = new Map<number | null, Row>();
  for (const row of rows) if (row.kind === 'lane' || row.kind === 'run') rowOf.set(row.lane, row);
  const first = lowerBound(events, range.from - 1, (event) => event.step);
  const last = lowerBound(events, range.to + 1, (event) => event.step);
  const byKind = new Map<TimelineEventKind, NumberedEvent[]>(eventKinds.map((kind) => [kind, []]));
  for (let place = first; place < last; place += 1) {
    const event = events[place];
    if (event !== undefined && !hidden.has(event.kind)) byKind.get(event.kind)?.push(event);
  }
  const taken = new Map<Row, Uint8Array>();
  const columns = Math.ceil(scene.width / 2) + 32;
  const placed: Placed[] = [];
  for (const [kind, list] of byKind) {
    for (const event of list) {
      const row = rowOf.get(event.lane);
      if (row === undefined) continue;
      const y =
        row.kind === 'run'
          ? axisHeight + row.y - scene.scrollY + row.height / 2
          : barTop(scene, row) - heights.marks / 2;
      const centre = xOf(scene, event.step + 0.5);
      if (kind === 'preemption') {
        placed.push({ event, x: xOf(scene, event.step), y: barTop(scene, row) + heights.bar / 2 });
        continue;
      }
      const line = taken.get(row) ?? new Uint8Array(columns);
      taken.set(row, line);
      const x = claim(line, centre, wide);
      if (x !== null) placed.push({ event, x, y });
    }
  }
  return placed;
}

/** Takes room for one mark near `centre`; null when there is none within a step. */
function claim(line: Uint8Array, centre: number, wide: number): number | null {
  for (const shift of [0, slotWidth, -slotWidth, 2 * slotWidth]) {
    if (shift !== 0 && Math.abs(shift) > wide + 7) continue;
    const start = Math.max(0, Math.floor((centre + shift - slotWidth / 2) / 2) + 8);
    const end = start + Math.floor(slotWidth / 2);
    let free = true;
    for (let column = start; column < end; column += 1) if (line[column] === 1) free = false;
    if (!free) continue;
    line.fill(1, start, end);
    return centre + shift;
  }
  return null;
}

/** Texts beside errors, violations and deaths, where nothing else is in their way. */
function drawMarkTexts(context: CanvasRenderingContext2D, scene: Scene, placed: readonly Placed[]): void {
  setFont(context, scene, 11, 'font');
  context.textBaseline = 'middle';
  const telling: ReadonlySet<TimelineEventKind> = new Set(['error', 'death', 'violation', 'fault']);
  const lines = new Map<number, Placed[]>();
  for (const mark of placed) {
    if (mark.event.kind === 'preemption') continue;
    const there = lines.get(mark.y);
    if (there === undefined) lines.set(mark.y, [mark]);
    else there.push(mark);
  }
  for (const line of lines.values()) {
    line.sort((one, other) => one.x - other.x);
    for (const [place, mark] of line.entries()) {
      if (!telling.has(mark.event.kind)) continue;
      const room = Math.min((line[place + 1]?.x ?? scene.width) - mark.x - 22, 320);
      if (room < 110) continue;
      const text = fitText(context, mark.event.text, room);
      if (textWidth(context, text) > room) continue;
      context.fillStyle = colour(scene, mark.event.kind === 'fault' ? 'text-soft' : marks[mark.event.kind].colour);
      context.fillText(text, mark.x + 10, mark.y + 0.5);
    }
  }
}

const everyday: ReadonlySet<TimelineEventKind> = new Set(['commit', 'preemption']);

/** Lines down the whole picture where an invariant was violated. */
function drawViolationLines(context: CanvasRenderingContext2D, scene: Scene): void {
  if (scene.hidden.has('violation')) return;
  context.strokeStyle = colour(scene, 'fail');
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.beginPath();
  for (const event of scene.model.events) {
    if (event.kind !== 'violation' || event.step < scene.range.from - 1 || event.step > scene.range.to) continue;
    const x = snap(scene, xOf(scene, event.step + 0.5));
    context.moveTo(x, axisHeight);
    context.lineTo(x, scene.height);
  }
  context.stroke();
  context.setLineDash([]);
}

/** Draws the rows of lanes that are in view. */
export function drawLanes(context: CanvasRenderingContext2D, scene: Scene, rows: readonly Row[]): void {
  const lanes = scene.layout.rows.filter((row) => row.lane !== null);
  const byLane = new Map<number, Row>(lanes.map((row) => [row.lane ?? -1, row]));
  const lane = scene.model.timeline.steps[placeOf(scene.model, scene.selected)]?.[at.lane];
  drawSwitches(context, scene, byLane);
  for (const row of rows) {
    if (row.lane === null) continue;
    // A rail, so that a lane without steps here is still seen to be one.
    context.fillStyle = colour(scene, 'line');
    const middle = snap(scene, barTop(scene, row) + heights.bar / 2);
    context.fillRect(scene.gutter, middle, scene.width, 1 / scene.ratio);
    if (row.lane === lane) {
      context.globalAlpha = 0.06;
      context.fillStyle = colour(scene, 'accent');
      context.fillRect(scene.gutter, axisHeight + row.y - scene.scrollY, scene.width, row.height);
      context.globalAlpha = 1;
    }
    drawBar(context, scene, row, scene.model.turnsOf[row.lane] ?? [], scene.palette.lanes[row.lane] ?? '#888888');
  }
  if (pixelsPerStep(scene) >= cellWidthMin) {
    drawCells(context, scene, new Map(rows.filter((row) => row.lane !== null).map((row) => [row.lane ?? -1, row])));
  }
}

/** Draws the marks of events over everything else. @returns where they are, for pointing at them */
export function drawMarks(context: CanvasRenderingContext2D, scene: Scene, rows: readonly Row[]): Placed[] {
  drawViolationLines(context, scene);
  const placed = placeMarks(scene, rows);
  drawMarkTexts(context, scene, placed);
  const room = (scene.width - scene.gutter) / 26;
  const counts = new Map<TimelineEventKind, number>();
  for (const { event } of placed) counts.set(event.kind, (counts.get(event.kind) ?? 0) + 1);
  const lastAt = new Map<string, number>();
  // The lightest first, so that the grave ones lie on top.
  for (const mark of placed.toReversed()) {
    const { kind } = mark.event;
    // Everyday marks shrink to ticks where there are many, so that the grave ones are seen.
    if (everyday.has(kind) && (counts.get(kind) ?? 0) > room) {
      const line = `${kind} ${mark.y}`;
      if (Math.abs(mark.x - (lastAt.get(line) ?? -10)) < 2) continue;
      lastAt.set(line, mark.x);
      context.fillStyle = colour(scene, marks[kind].colour);
      if (kind === 'commit') context.fillRect(snap(scene, mark.x), snap(scene, mark.y - 1), 1, 6);
      else context.fillRect(snap(scene, mark.x), mark.y + heights.bar / 2, 1, 3);
    } else {
      drawMark(context, scene, mark.event, mark.x, mark.y);
    }
  }
  return placed;
}
