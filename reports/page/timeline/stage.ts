// The picture's canvases and what they show: the range in view, how it moves, and one frame when something changed.
// Lives outside preact, so that panning renders no components. What stays out: what a frame looks like (draw-*.ts), and
// pointers (gestures.ts).
import type { TimelineEventKind } from '../../../harness/model/timeline.ts';
import { drawBackdrop, drawOverview, overviewHeight } from './draw-overview.ts';
import type { Placed } from './draw-lanes.ts';
import { drawPicture, gutterWidth } from './draw-picture.ts';
import { type Layout, makeLayout } from './layout.ts';
import type { Model } from './model.ts';
import { type Palette, readPalette } from './palette.ts';
import { axisHeight, type Scene } from './scene.ts';
import { clampRange, panRange, type Range, revealStep, zoomRange } from './view-range.ts';

/** The elements that a stage draws on and measures. */
export interface StageParts {
  readonly root: HTMLElement;
  /** Scrolls up and down; as wide as the picture. */
  readonly scroller: HTMLElement;
  /** As high as all rows, within the scroller. */
  readonly tall: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly overview: HTMLCanvasElement;
  /** Follows the pointer and says what is below it. */
  readonly tip: HTMLElement;
  /** Says which steps are in view. */
  readonly inView: HTMLElement;
}

/** What the stage shows besides the run itself. */
export interface Shown {
  readonly selected: number;
  readonly hits: readonly number[];
  readonly hidden: ReadonlySet<TimelineEventKind>;
}

/** Below this width labels stand above their rows. */
const narrowBelow = 640;

const movesMs = 160;

export class Stage {
  readonly parts: StageParts;
  readonly model: Model;
  readonly bounds: Range;
  range: Range;
  /** Where the pointer is, null when it is elsewhere. */
  hover: number | null = null;
  /** Steps being dragged over on the strip. */
  chosen: Range | null = null;
  placed: readonly Placed[] = [];
  #shown: Shown;
  #layout: Layout;
  #palette: Palette;
  #gutter = 0;
  #frame = 0;
  #backdrop: { readonly canvas: HTMLCanvasElement; readonly of: Scene } | null = null;
  #move: { readonly from: Range; readonly to: Range; readonly startMs: number } | null = null;
  readonly #leave = new AbortController();
  readonly #resized: ResizeObserver;
  readonly #themed: MutationObserver;

  constructor(parts: StageParts, model: Model, shown: Shown) {
    this.parts = parts;
    this.model = model;
    this.#shown = shown;
    this.bounds = { from: model.first, to: model.end };
    this.range = this.bounds;
    this.#layout = makeLayout(model, false);
    this.#palette = readPalette(parts.root, model.timeline.lanes);
    this.#resized = new ResizeObserver(() => {
      this.#measure();
      this.#draw();
    });
    this.#resized.observe(parts.scroller);
    const retheme = (): void => {
      this.#palette = readPalette(parts.root, model.timeline.lanes);
      this.draw();
    };
    this.#themed = new MutationObserver(retheme);
    this.#themed.observe(document.documentElement, {
      attributes: true,
      attributeFilter: ['class', 'style', 'data-theme'],
    });
    const { signal } = this.#leave;
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', retheme, { signal });
    matchMedia('print').addEventListener('change', () => this.#print(), { signal });
    parts.scroller.addEventListener('scroll', () => this.draw(), { signal, passive: true });
    this.#measure();
    this.draw();
  }

  close(): void {
    this.#leave.abort();
    this.#resized.disconnect();
    this.#themed.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  show(shown: Shown): void {
    this.#shown = shown;
    this.draw();
  }

  /** Brings a step into view, with the least move. */
  reveal(step: number): void {
    this.moveTo(revealStep(this.#goal(), step, this.bounds));
  }

  /** @param anchor place on the step axis that stays where it is; the current step, or the middle, by default */
  zoom(factor: number, anchor?: number, smooth = true): void {
    const range = this.#goal();
    const { selected } = this.#shown;
    const seen = selected >= range.from && selected < range.to;
    const centre = anchor ?? (seen ? selected + 0.5 : (range.from + range.to) / 2);
    const zoomed = zoomRange(range, factor, centre, this.bounds);
    const to = anchor === undefined && seen ? revealStep(zoomed, selected, this.bounds) : zoomed;
    if (smooth) this.moveTo(to);
    else this.jumpTo(to);
  }

  /** @param share of what is in view; to the right when positive */
  pan(share: number): void {
    const range = this.#goal();
    this.moveTo(panRange(range, share * (range.to - range.from), this.bounds));
  }

  fit(): void {
    this.moveTo(this.bounds);
  }

  jumpTo(range: Range): void {
    this.#move = null;
    this.range = clampRange(range, this.bounds);
    this.draw();
  }

  /** Moves there in a moment; at once for those who want no motion. */
  moveTo(range: Range): void {
    const to = clampRange(range, this.bounds);
    if (to.from === this.range.from && to.to === this.range.to) {
      this.#move = null;
      return;
    }
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      this.jumpTo(to);
      return;
    }
    this.#move = { from: this.range, to, startMs: performance.now() };
    this.draw();
  }

  /** Draws at the next frame; once, however often it is asked. */
  draw(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame((nowMs) => {
      this.#frame = 0;
      this.#advance(nowMs);
      this.#draw();
      if (this.#move !== null) this.draw();
    });
  }

  scene(): Scene {
    const { scroller } = this.parts;
    return {
      model: this.model,
      layout: this.#layout,
      palette: this.#palette,
      range: this.range,
      scrollY: scroller.scrollTop,
      width: scroller.clientWidth,
      height: scroller.clientHeight,
      ratio: devicePixelRatio,
      gutter: this.#gutter,
      hover: this.hover,
      ...this.#shown,
    };
  }

  #goal(): Range {
    return this.#move?.to ?? this.range;
  }

  #advance(nowMs: number): void {
    if (this.#move === null) return;
    const { from, to, startMs } = this.#move;
    const share = Math.min(1, Math.max(0, (nowMs - startMs) / movesMs));
    const eased = 1 - (1 - share) ** 3;
    this.range = {
      from: from.from + (to.from - from.from) * eased,
      to: from.to + (to.to - from.to) * eased,
    };
    if (share === 1) {
      this.range = to;
      this.#move = null;
    }
  }

  #measure(): void {
    const { scroller, tall, canvas } = this.parts;
    const narrow = scroller.clientWidth < narrowBelow;
    if (narrow !== this.#layout.narrow) this.#layout = makeLayout(this.model, narrow);
    tall.style.height = `${axisHeight + this.#layout.height}px`;
    const context = canvas.getContext('2d');
    if (context !== null) this.#gutter = gutterWidth(context, this.scene());
  }

  #draw(): void {
    const { canvas, overview, scroller, inView } = this.parts;
    const scene = this.scene();
    if (scene.width === 0) return;
    const context = sized(canvas, scene.width, scene.height, scene.ratio);
    if (context !== null) this.placed = drawPicture(context, scene);
    const last = Math.max(Math.ceil(this.range.to) - 1, Math.floor(this.range.from));
    const says = `steps ${Math.floor(this.range.from)}–${last} in view`;
    if (inView.textContent !== says) inView.textContent = says;
    const strip = { ...scene, width: overview.parentElement?.clientWidth ?? scroller.clientWidth };
    const above = sized(overview, strip.width, overviewHeight, scene.ratio);
    if (above !== null) drawOverview(above, this.#backdropOf(strip), strip, this.chosen);
  }

  /** The strip without its window: drawn anew only when something on it changed, not when the window moves. */
  #backdropOf(strip: Scene): HTMLCanvasElement {
    const made = this.#backdrop;
    const same = (['width', 'ratio', 'palette', 'hits', 'hidden'] as const).every(
      (key) => made?.of[key] === strip[key],
    );
    if (made !== null && same) return made.canvas;
    const canvas = document.createElement('canvas');
    const context = sized(canvas, strip.width, overviewHeight, strip.ratio);
    if (context !== null) drawBackdrop(context, strip);
    this.#backdrop = { canvas, of: strip };
    return canvas;
  }

  /** Paper takes all rows, in the colours of paper; drawn at once, since no frame comes before the sheet. */
  #print(): void {
    this.#palette = readPalette(this.parts.root, this.model.timeline.lanes);
    this.#measure();
    this.#draw();
  }
}

/** A canvas at this size in CSS pixels, with as many device pixels as the screen shows. */
function sized(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  ratio: number,
): CanvasRenderingContext2D | null {
  const [wide, tall] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== tall) {
    canvas.width = wide;
    canvas.height = tall;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  return canvas.getContext('2d', { alpha: false });
}
