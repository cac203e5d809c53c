// Pointers, fingers and wheels on the picture and on the strip above it. What stays out: keys (keys.ts).
import { overviewHeight } from './draw-overview.ts';
import { sayAtPoint, stepAtPoint } from './pick.ts';
import { pixelsPerStep, placeAtX } from './scene.ts';
import type { Stage } from './stage.ts';
import { panRange, type Range, zoomRange } from './view-range.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A press that moves less far is a click. */
const clickWithin = 4;

function pointIn(element: HTMLElement, event: MouseEvent): Point {
  const box = element.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

function onWheel(stage: Stage, event: WheelEvent): void {
  const scene = stage.scene();
  const lines = event.deltaMode === 1 ? 16 : 1;
  const [across, down] = [event.deltaX * lines, event.deltaY * lines];
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    const { x } = pointIn(stage.parts.canvas, event);
    const turn = Math.max(-60, Math.min(60, down));
    stage.zoom(Math.exp(-turn * 0.008), placeAtX(scene, Math.max(x, scene.gutter)), false);
    return;
  }
  const pan = event.shiftKey && across === 0 ? down : Math.abs(across) > Math.abs(down) ? across : 0;
  if (pan === 0) return;
  event.preventDefault();
  stage.jumpTo(panRange(stage.range, pan / pixelsPerStep(scene), stage.bounds));
}

function showTip(stage: Stage, point: Point | null): void {
  const { tip, canvas } = stage.parts;
  const says = point === null ? null : sayAtPoint(stage.scene(), stage.placed, point.x, point.y);
  tip.hidden = says === null;
  if (says === null || point === null) return;
  tip.textContent = says;
  const room = canvas.clientWidth - tip.offsetWidth - 4;
  tip.style.left = `${Math.max(4, Math.min(point.x + 14, room))}px`;
  const below = point.y + 20 + tip.offsetHeight < canvas.clientHeight;
  tip.style.top = `${below ? point.y + 16 : point.y - tip.offsetHeight - 12}px`;
}

/** One finger or the mouse pans, two fingers zoom; a press that does not move picks. */
class Presses {
  readonly #stage: Stage;
  readonly #pick: (step: number) => void;
  readonly #down = new Map<number, Point>();
  #start: Point = { x: 0, y: 0 };
  #moved = false;

  constructor(stage: Stage, pick: (step: number) => void) {
    this.#stage = stage;
    this.#pick = pick;
  }

  press(event: PointerEvent): void {
    if (event.button !== 0) return;
    const { canvas } = this.#stage.parts;
    const point = pointIn(canvas, event);
    if (this.#down.size === 0) {
      this.#start = point;
      this.#moved = false;
    } else {
      this.#moved = true;
    }
    this.#down.set(event.pointerId, point);
    canvas.setPointerCapture(event.pointerId);
    showTip(this.#stage, null);
  }

  move(event: PointerEvent): void {
    const stage = this.#stage;
    const { canvas, scroller } = stage.parts;
    const point = pointIn(canvas, event);
    const before = this.#down.get(event.pointerId);
    if (before === undefined) {
      if (event.pointerType !== 'mouse') return;
      stage.hover = point.x;
      showTip(stage, point);
      stage.draw();
      return;
    }
    if (!this.#moved && Math.hypot(point.x - this.#start.x, point.y - this.#start.y) < clickWithin) return;
    this.#moved = true;
    canvas.dataset['dragging'] = '';
    const scene = stage.scene();
    const other = [...this.#down].find(([id]) => id !== event.pointerId)?.[1];
    this.#down.set(event.pointerId, point);
    if (other === undefined) {
      stage.jumpTo(panRange(stage.range, (before.x - point.x) / pixelsPerStep(scene), stage.bounds));
      if (event.pointerType === 'mouse') scroller.scrollTop += before.y - point.y;
      return;
    }
    const apart = (one: Point): number => Math.max(12, Math.hypot(one.x - other.x, one.y - other.y));
    const zoomed = zoomRange(
      stage.range,
      apart(point) / apart(before),
      placeAtX(scene, (before.x + other.x) / 2),
      stage.bounds,
    );
    stage.jumpTo(panRange(zoomed, (before.x - point.x) / 2 / pixelsPerStep(scene), stage.bounds));
  }

  lift(event: PointerEvent): void {
    const stage = this.#stage;
    const pressed = this.#down.delete(event.pointerId);
    if (this.#down.size === 0) delete stage.parts.canvas.dataset['dragging'];
    if (!pressed || this.#moved || event.type !== 'pointerup') return;
    const { x, y } = pointIn(stage.parts.canvas, event);
    this.#pick(stepAtPoint(stage.scene(), stage.placed, x, y));
  }
}

/**
 * Listens on the picture.
 *
 * @param pick told of the step that was clicked
 * @param signal ends the listening
 */
export function listenToPicture(stage: Stage, pick: (step: number) => void, signal: AbortSignal): void {
  const { canvas } = stage.parts;
  const presses = new Presses(stage, pick);
  canvas.addEventListener('wheel', (event) => onWheel(stage, event), { signal, passive: false });
  canvas.addEventListener('pointerdown', (event) => presses.press(event), { signal });
  canvas.addEventListener('pointermove', (event) => presses.move(event), { signal });
  canvas.addEventListener('pointerup', (event) => presses.lift(event), { signal });
  canvas.addEventListener('pointercancel', (event) => presses.lift(event), { signal });
  const leave = (): void => {
    stage.hover = null;
    showTip(stage, null);
    stage.draw();
  };
  canvas.addEventListener('pointerleave', leave, { signal });
}

type Grip = 'new' | 'move' | 'from' | 'to';

/** What a press on the strip takes hold of. */
function gripAt(stage: Stage, place: number, perPixel: number, fine: boolean): Grip {
  const { range, bounds } = stage;
  const reach = (fine ? 6 : 14) * perPixel;
  const whole = range.to - range.from > (bounds.to - bounds.from) * 0.98;
  if (whole) return 'new';
  if (Math.abs(place - range.from) <= reach) return 'from';
  if (Math.abs(place - range.to) <= reach) return 'to';
  return place > range.from && place < range.to ? 'move' : 'new';
}

/**
 * Listens on the strip: a drag chooses what is in view; the part in view is moved by its middle and sized by its edges; a
 * click goes there.
 */
export function listenToOverview(stage: Stage, signal: AbortSignal): void {
  const { overview } = stage.parts;
  const { bounds } = stage;
  let held: { readonly grip: Grip; readonly place: number; readonly range: Range; readonly x: number } | null = null;
  const perPixel = (): number => (bounds.to - bounds.from) / Math.max(1, overview.clientWidth);
  const placeOf = (event: PointerEvent): number => bounds.from + pointIn(overview, event).x * perPixel();
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const place = placeOf(event);
    held = {
      grip: gripAt(stage, place, perPixel(), event.pointerType === 'mouse'),
      place,
      range: stage.range,
      x: event.clientX,
    };
    overview.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent): void => {
    const place = placeOf(event);
    if (held === null) {
      const grip = gripAt(stage, place, perPixel(), true);
      overview.style.cursor = grip === 'new' ? 'crosshair' : grip === 'move' ? 'grab' : 'ew-resize';
      return;
    }
    const { grip, range } = held;
    if (grip === 'new') {
      stage.chosen = { from: Math.min(held.place, place), to: Math.max(held.place, place) };
      stage.draw();
    } else if (grip === 'move') stage.jumpTo(panRange(range, place - held.place, bounds));
    else if (grip === 'from') stage.jumpTo({ from: Math.min(place, range.to - 1), to: range.to });
    else stage.jumpTo({ from: range.from, to: Math.max(place, range.from + 1) });
  };
  const up = (event: PointerEvent): void => {
    if (held === null) return;
    const { grip, x } = held;
    held = null;
    const { chosen } = stage;
    stage.chosen = null;
    const clicked = Math.abs(event.clientX - x) < clickWithin;
    if (clicked && grip === 'new') {
      const half = (stage.range.to - stage.range.from) / 2;
      stage.moveTo({ from: placeOf(event) - half, to: placeOf(event) + half });
    } else if (chosen !== null) stage.moveTo(chosen);
    stage.draw();
  };
  overview.style.height = `${overviewHeight}px`;
  overview.addEventListener('pointerdown', down, { signal });
  overview.addEventListener('pointermove', move, { signal });
  overview.addEventListener('pointerup', up, { signal });
  overview.addEventListener('pointercancel', up, { signal });
}
