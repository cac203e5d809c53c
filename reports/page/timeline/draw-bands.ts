// Draws what held: locks, files, queues. Bands narrower than a pixel are drawn together, but one that was lost is always
// seen. What stays out: lanes and events.
import { type Band, heights, type Row, type Tone } from './layout.ts';
import { lowerBound } from './model.ts';
import type { ColourName } from './palette.ts';
import { axisHeight, colour, fitText, hatch, type Scene, setFont, snap, xOf } from './scene.ts';

/** How a tone looks: strength of its ground, so that exclusive differs from shared by more than its hue, and its edge. */
const looks: { readonly [tone in Tone]: { readonly colour: ColourName; readonly ground: number } } = {
  shared: { colour: 'shared', ground: 0.2 },
  reserved: { colour: 'reserved', ground: 0.34 },
  exclusive: { colour: 'exclusive', ground: 0.5 },
  file: { colour: 'line-strong', ground: 0.22 },
  deleted: { colour: 'unsure', ground: 0 },
  queue: { colour: 'accent', ground: 0.16 },
};

const bandHeight = heights.band - 3;

/** Top of a line of bands on the canvas. */
function lineTop(scene: Scene, row: Row, sub: number): number {
  const label = scene.layout.narrow ? heights.label : 0;
  return axisHeight + row.y - scene.scrollY + label + 2 + sub * heights.band;
}

interface Piece {
  readonly band: Band;
  readonly x: number;
  readonly width: number;
  readonly y: number;
}

function drawPiece(context: CanvasRenderingContext2D, scene: Scene, piece: Piece): void {
  const { band, x, width, y } = piece;
  const look = looks[band.tone];
  if (band.tone === 'deleted') {
    context.fillStyle = colour(scene, 'unsure-wash');
    context.fillRect(x, y, width, bandHeight);
    context.globalAlpha = 0.55;
    context.fillStyle = hatch(context, scene, 'unsure', true);
    context.fillRect(x, y, width, bandHeight);
  } else {
    context.globalAlpha = look.ground;
    context.fillStyle = colour(scene, look.colour);
    context.fillRect(x, y, width, bandHeight);
  }
  context.globalAlpha = 1;
  context.fillStyle = colour(scene, look.colour);
  context.fillRect(x, y, Math.min(2, width), bandHeight);
  context.fillRect(x, y + bandHeight - 1, width, 1);
  if (band.tone === 'exclusive') context.fillRect(x, y, width, 1);
}

/** From where it was lost: believed by its holder, not held by the kernel. */
function drawLost(context: CanvasRenderingContext2D, scene: Scene, piece: Piece): void {
  const { band, y } = piece;
  const right = piece.x + piece.width;
  const x = Math.min(Math.max(snap(scene, xOf(scene, band.lostAt ?? 0)), scene.gutter - 2), right - 3);
  const width = Math.max(3, right - x);
  context.fillStyle = colour(scene, 'fail-wash');
  context.fillRect(x, y, width, bandHeight);
  context.fillStyle = hatch(context, scene, 'fail', false);
  context.globalAlpha = 0.8;
  context.fillRect(x, y, width, bandHeight);
  context.globalAlpha = 1;
  context.strokeStyle = colour(scene, 'fail');
  context.lineWidth = 1.5;
  if (width > 4) context.strokeRect(x + 0.75, y + 0.75, width - 1.5, bandHeight - 1.5);
  context.fillStyle = colour(scene, 'fail');
  context.fillRect(x, y - 1.5, 2.5, bandHeight + 3);
}

/** A text on its own ground, so that hatching does not eat it. */
function drawLabel(
  context: CanvasRenderingContext2D,
  scene: Scene,
  text: string,
  piece: Piece,
  ground: ColourName | null,
): void {
  const left = Math.max(piece.x, scene.gutter);
  const right = Math.min(piece.x + piece.width, scene.width);
  const shown = fitText(context, text, right - left - 14, 8);
  if (shown === '') return;
  if (ground !== null) {
    context.fillStyle = colour(scene, ground);
    context.fillRect(left + 5, piece.y + 2, context.measureText(shown).width + 6, bandHeight - 4);
  }
  context.fillStyle = colour(scene, ground === null ? 'text' : ground === 'fail-wash' ? 'fail' : 'unsure');
  context.fillText(shown, left + 8, piece.y + bandHeight / 2 + 0.5);
}

function drawLabels(context: CanvasRenderingContext2D, scene: Scene, piece: Piece): void {
  const { band } = piece;
  if (band.lostAt === null) {
    if (piece.width > 26) drawLabel(context, scene, band.label, piece, band.tone === 'deleted' ? 'unsure-wash' : null);
    return;
  }
  const cut = Math.max(xOf(scene, band.lostAt), piece.x);
  const right = piece.x + piece.width;
  if (cut - piece.x > 40) drawLabel(context, scene, band.label, { ...piece, width: cut - piece.x }, null);
  if (right - cut > 34) {
    const text = cut - piece.x > 40 ? 'lost' : `lost · ${band.label}`;
    drawLabel(context, scene, text, { ...piece, x: cut, width: right - cut }, 'fail-wash');
  }
}

/** A cross where a name went away. */
function drawEnd(context: CanvasRenderingContext2D, scene: Scene, piece: Piece): void {
  const x = piece.x + piece.width;
  const y = piece.y + bandHeight / 2;
  context.strokeStyle = colour(scene, 'text');
  context.lineWidth = 1.75;
  context.beginPath();
  if (piece.band.ends === 'unlinked') {
    context.moveTo(x - 3.5, y - 3.5);
    context.lineTo(x + 3.5, y + 3.5);
    context.moveTo(x + 3.5, y - 3.5);
    context.lineTo(x - 3.5, y + 3.5);
  } else {
    context.moveTo(x, y - 6);
    context.lineTo(x, y + 6);
    context.moveTo(x - 3, y - 3);
    context.lineTo(x, y);
    context.lineTo(x - 3, y + 3);
  }
  context.stroke();
}

/** Bands of one look that are too narrow to be told apart, drawn as one: the fuller, the stronger. */
interface Run {
  readonly tone: Tone;
  readonly y: number;
  readonly from: number;
  to: number;
  filled: number;
}

function drawRun(context: CanvasRenderingContext2D, scene: Scene, run: Run): void {
  const look = looks[run.tone];
  const width = Math.max(1, run.to - run.from);
  context.fillStyle = colour(scene, look.colour);
  context.globalAlpha = Math.min(1, look.ground + 0.12 + 0.3 * (run.filled / width));
  const left = snap(scene, run.from);
  context.fillRect(left, run.y, Math.max(1, snap(scene, run.to) - left), bandHeight);
  context.globalAlpha = 1;
}

/** Bands in view as pieces; those narrower than this many pixels are drawn at once, as runs, and are no pieces. */
const pieceWidthMin = 4;

function piecesOf(context: CanvasRenderingContext2D, scene: Scene, row: Row): Piece[] {
  const { range } = scene;
  const pieces: Piece[] = [];
  const runs = new Map<number, Run>();
  // Bands lie in order of their starts; one that starts before the view may still reach into it.
  const last = lowerBound(row.bands, range.to, (band) => band.from);
  for (let place = 0; place < last; place += 1) {
    const band = row.bands[place];
    if (band === undefined || band.to < range.from) continue;
    const from = Math.max(xOf(scene, band.from), scene.gutter - 4);
    const to = Math.min(xOf(scene, band.to), scene.width + 4);
    const y = lineTop(scene, row, band.sub);
    if (to - from >= pieceWidthMin || band.lostAt !== null) {
      const x = snap(scene, from);
      pieces.push({ band, x, width: Math.max(snap(scene, to) - x, 1), y });
      continue;
    }
    const run = runs.get(band.sub);
    if (run !== undefined && run.tone === band.tone && from - run.to < 1.5) {
      run.to = Math.max(run.to, to);
      run.filled += to - from;
      continue;
    }
    if (run !== undefined) drawRun(context, scene, run);
    runs.set(band.sub, { tone: band.tone, y, from, to, filled: to - from });
  }
  for (const run of runs.values()) drawRun(context, scene, run);
  return pieces;
}

function drawRow(context: CanvasRenderingContext2D, scene: Scene, row: Row): void {
  const pieces = piecesOf(context, scene, row);
  for (const piece of pieces) drawPiece(context, scene, piece);
  for (const piece of pieces) if (piece.band.lostAt !== null) drawLost(context, scene, piece);
  for (const piece of pieces) {
    if (piece.width > 26) drawLabels(context, scene, piece);
    if (piece.band.ends !== null && piece.width > 6) drawEnd(context, scene, piece);
  }
}

/** Draws the rows of bands that are in view. */
export function drawBands(context: CanvasRenderingContext2D, scene: Scene, rows: readonly Row[]): void {
  for (const row of rows) {
    const y = axisHeight + row.y - scene.scrollY;
    if (row.kind === 'heading') {
      context.fillStyle = colour(scene, 'surface-raised');
      context.fillRect(0, y, scene.width, row.height);
      context.fillStyle = colour(scene, 'line');
      context.fillRect(0, snap(scene, y), scene.width, 1 / scene.ratio);
    }
    if (row.kind !== 'bands') continue;
    setFont(context, scene, 11, 'font');
    context.textBaseline = 'middle';
    drawRow(context, scene, row);
  }
}

/** The band at a place; undefined for none. @param y from the row's top */
export function bandAt(row: Row, step: number, y: number, narrow: boolean): Band | undefined {
  const sub = Math.floor((y - (narrow ? heights.label : 0) - 2) / heights.band);
  return row.bands.find((band) => band.sub === sub && step >= band.from && step < band.to);
}
