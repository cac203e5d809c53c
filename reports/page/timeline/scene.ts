// What one frame of the picture is drawn from, and the sums that drawing and pointing share: where a step lies, how wide
// a text is. What stays out: drawing.
import type { TimelineEventKind } from '../../../harness/model/timeline.ts';
import type { Layout } from './layout.ts';
import type { Model } from './model.ts';
import type { ColourName, Palette } from './palette.ts';
import type { Range } from './view-range.ts';

/**
 * @property range steps in view @property scrollY rows scrolled out at the top, in CSS pixels
 * @property width of the canvas, with its gutter of labels @property gutter 0 where labels stand above their rows
 * @property ratio device pixels to a CSS pixel @property hover x of the pointer, null when it is elsewhere
 * @property hits steps that the search found, rising
 */
export interface Scene {
  readonly model: Model;
  readonly layout: Layout;
  readonly palette: Palette;
  readonly range: Range;
  readonly scrollY: number;
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  readonly gutter: number;
  readonly selected: number;
  readonly hover: number | null;
  readonly hits: readonly number[];
  readonly hidden: ReadonlySet<TimelineEventKind>;
}

/** Height of the two scales on top, in CSS pixels: steps, and virtual time. */
export const axisHeight = 40;

/** CSS pixels to a step. */
export function pixelsPerStep(scene: Scene): number {
  return (scene.width - scene.gutter) / (scene.range.to - scene.range.from);
}

/** Where a place on the step axis lies, in CSS pixels from the canvas's left edge. */
export function xOf(scene: Scene, step: number): number {
  return scene.gutter + (step - scene.range.from) * pixelsPerStep(scene);
}

/** The place on the step axis at an x. */
export function placeAtX(scene: Scene, x: number): number {
  return scene.range.from + (x - scene.gutter) / pixelsPerStep(scene);
}

export function colour(scene: Scene, name: ColourName): string {
  return scene.palette.colours[name];
}

/** To the nearest device pixel, so that hairlines are sharp. */
export function snap(scene: Scene, value: number): number {
  return Math.round(value * scene.ratio) / scene.ratio;
}

const widths = new Map<string, Map<string, number>>();
let font = '';

/** Sets the font in which texts are drawn and measured from here on. */
export function setFont(
  context: CanvasRenderingContext2D,
  scene: Scene,
  size: number,
  face: 'font' | 'mono',
  weight = 400,
): void {
  font = `${weight} ${size}px ${scene.palette[face]}`;
  context.font = font;
}

/** Texts of one font that are remembered at most. */
const widthsMax = 10_000;

/** The width of a text in the font that was set last, remembered. */
export function textWidth(context: CanvasRenderingContext2D, text: string): number {
  let ofFont = widths.get(font);
  if (ofFont === undefined || ofFont.size > widthsMax) widths.set(font, (ofFont = new Map<string, number>()));
  const known = ofFont.get(text);
  if (known !== undefined) return known;
  const { width } = context.measureText(text);
  ofFont.set(text, width);
  return width;
}

/** The text, cut with an ellipsis to fit; empty when fewer than `lettersMin` of its letters would be left. */
export function fitText(context: CanvasRenderingContext2D, text: string, room: number, lettersMin = 3): string {
  const width = textWidth(context, text);
  if (width <= room) return text;
  const letters = Math.floor((room / width) * text.length) - 1;
  return letters < lettersMin ? '' : `${text.slice(0, letters)}…`;
}

const hatches = new WeakMap<Palette, Map<string, CanvasPattern>>();

/** Slanted lines, as a fill. `steep` slants the other way, so that two kinds differ without their colour. */
export function hatch(
  context: CanvasRenderingContext2D,
  scene: Scene,
  name: ColourName,
  steep: boolean,
): CanvasPattern | string {
  const { palette, ratio } = scene;
  const known = hatches.get(palette) ?? new Map<string, CanvasPattern>();
  hatches.set(palette, known);
  const key = `${name} ${ratio} ${steep}`;
  let pattern = known.get(key);
  if (pattern === undefined) {
    const size = 6;
    const tile = document.createElement('canvas');
    tile.width = tile.height = Math.round(size * ratio);
    const brush = tile.getContext('2d');
    const made = brush === null ? null : paintTile(brush, context, tile, palette.colours[name], steep);
    if (made === null) return palette.colours[name];
    pattern = made;
    known.set(key, pattern);
  }
  // The lines move with the picture when it is panned.
  const shift = -(scene.range.from * pixelsPerStep(scene)) % 6;
  pattern.setTransform(new DOMMatrix().translate(shift, 0).scale(1 / ratio));
  return pattern;
}

function paintTile(
  brush: CanvasRenderingContext2D,
  context: CanvasRenderingContext2D,
  tile: HTMLCanvasElement,
  stroke: string,
  steep: boolean,
): CanvasPattern | null {
  const side = tile.width;
  brush.strokeStyle = stroke;
  brush.lineWidth = side / (steep ? 5 : 3.4);
  brush.lineCap = 'square';
  brush.beginPath();
  for (const offset of [-side, 0, side]) {
    brush.moveTo(offset, steep ? 0 : side);
    brush.lineTo(offset + side, steep ? side : 0);
  }
  brush.stroke();
  return context.createPattern(tile, 'repeat');
}
