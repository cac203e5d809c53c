// The canvases in the page, and the stage that draws on them. To a reader they are one image with a summary; all it shows
// is in the tables beside it. What stays out: drawing, and keys.
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { figure } from '../../words.ts';
import { timeText } from './format.ts';
import { listenToOverview, listenToPicture } from './gestures.ts';
import { eventKinds, kindNames, type Model } from './model.ts';
import { type Shown, Stage } from './stage.ts';

/** The run in a sentence. */
export function summaryOf(model: Model): string {
  const { lanes, steps, virtualMs } = model.timeline;
  const counts = eventKinds.flatMap((kind) => {
    const count = model.events.filter((event) => event.kind === kind).length;
    return count === 0 ? [] : [`${kindNames[kind].toLowerCase()} ${count}`];
  });
  const happened = counts.length === 0 ? 'no events' : `events: ${counts.join(', ')}`;
  return `Timeline of ${steps.length} steps in ${lanes.length} lanes over ${timeText(virtualMs)} of virtual time; ${happened}.`;
}

interface Props {
  readonly model: Model;
  readonly shown: Shown;
  readonly stage: RefObject<Stage | null>;
  /** Where to say which steps are in view. */
  readonly inView: RefObject<HTMLElement | null>;
  readonly onPick: (step: number) => void;
}

export function Picture({ model, shown, stage, inView, onPick }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const tall = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const overview = useRef<HTMLCanvasElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const pick = useRef(onPick);
  pick.current = onPick;

  useEffect(() => {
    if (
      !root.current ||
      !scroller.current ||
      !tall.current ||
      !canvas.current ||
      !overview.current ||
      !tip.current ||
      !inView.current
    )
      return undefined;
    const made = new Stage(
      {
        root: root.current,
        scroller: scroller.current,
        tall: tall.current,
        canvas: canvas.current,
        overview: overview.current,
        tip: tip.current,
        inView: inView.current,
      },
      model,
      shown,
    );
    const leave = new AbortController();
    listenToPicture(made, (step) => pick.current(step), leave.signal);
    listenToOverview(made, leave.signal);
    stage.current = made;
    return (): void => {
      leave.abort();
      made.close();
      stage.current = null;
    };
    // `shown` follows below; a new stage is made for a new run only.
  }, [model]);

  useEffect(() => stage.current?.show(shown), [shown]);

  const { total, steps } = model.timeline;
  return (
    <div ref={root} class="tl-picture">
      {total > steps.length ? (
        <p class="tl-kept">
          Steps {model.first} to {model.end - 1} of {figure(total)}: those round what matters.
        </p>
      ) : null}
      <div class="tl-overview" title="Drag to choose what is shown">
        <canvas ref={overview} aria-hidden="true" />
      </div>
      <div
        ref={scroller}
        class="tl-scroller"
        role="application"
        aria-roledescription="timeline"
        aria-label="Picture of the run"
        tabIndex={0}
      >
        <div ref={tall} class="tl-tall">
          <div class="tl-sticky">
            <canvas ref={canvas} role="img" aria-label={summaryOf(model)} />
            <div ref={tip} class="tl-tip" hidden aria-hidden="true" />
          </div>
        </div>
      </div>
    </div>
  );
}
