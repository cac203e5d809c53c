// A page with nothing but the viewer, for trying it: `#long` shows the long run, anything else the small incident. What
// stays out: the report's page.
import { render } from 'preact';
import '../tokens.css';
import { drawPicture } from './draw-picture.ts';
import { longRun, smallIncident } from './fixture.test-support.ts';
import { makeLayout } from './layout.ts';
import { makeModel } from './model.ts';
import { readPalette } from './palette.ts';
import { TimelineView } from './timeline-view.tsx';

document.body.style.cssText = 'margin: 16px; background: var(--surface)';
const page = document.createElement('div');
document.body.append(page);
const timeline = location.hash.startsWith('#long') ? longRun() : smallIncident();
const told: number[] = [];

interface Measured {
  /** Steps in view. */
  readonly span: number;
  /** Of 30 frames at 30 places, in ms, painted pixels included: the shortest, the middle one, the longest. */
  readonly frameMs: readonly number[];
  /** The same without painting: what the script alone takes. */
  readonly scriptMs: readonly number[];
}

function spread(times: number[]): number[] {
  const sorted = times.toSorted((one, other) => one - other);
  return [0, 15, 29].map((place) => Math.round((sorted[place] ?? 0) * 100) / 100);
}

/** How long one frame takes to draw, from the whole run in view to a few steps. */
function measureFrames(spans?: readonly number[]): Measured[] {
  const model = makeModel(timeline);
  const layout = makeLayout(model, false);
  const palette = readPalette(page, timeline.lanes);
  const canvas = document.createElement('canvas');
  const [width, height, ratio] = [1400, 640, devicePixelRatio];
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
  if (context === null) throw new Error('This browser has no canvas.');
  const whole = model.end - model.first;
  return (spans ?? [whole, whole / 4, 2000, 400, 60, 12]).map((span) => {
    const times: number[] = [];
    const scripts: number[] = [];
    for (let frame = 0; frame < 30; frame += 1) {
      const from = model.first + ((whole - span) * frame) / 30;
      const scene = {
        model,
        layout,
        palette,
        range: { from, to: from + span },
        scrollY: (frame * 7) % 200,
        width,
        height,
        ratio,
        gutter: 180,
        selected: Math.floor(from + span / 2),
        hover: 400,
        hits: model.stepsOf[0] ?? [],
        hidden: new Set<never>(),
      };
      const start = performance.now();
      drawPicture(context, scene);
      const drawn = performance.now();
      context.getImageData(0, 0, 1, 1);
      scripts.push(drawn - start);
      times.push(performance.now() - start);
    }
    return { span, frameMs: spread(times), scriptMs: spread(scripts) };
  });
}

Object.assign(globalThis, { told, measureFrames });
render(<TimelineView timeline={timeline} onStep={(step) => told.push(step)} />, page);
