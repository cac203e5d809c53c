// The timeline of a run: picture, tables, details and state, with one current step between them. Its style sheet is
// timeline.css. What stays out: where the timeline comes from, and the page around it.
import type { Timeline, TimelineEventKind } from '../../../harness/model/timeline.ts';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Details } from './details.tsx';
import { stepText, timeText } from './format.ts';
import { type Command, commandOf } from './keys.ts';
import { Legend } from './legend.tsx';
import { Lists } from './lists.tsx';
import { at, lowerBoundOf, makeModel, type Model, rowAt } from './model.ts';
import { firstStep, neighbour, stepBeside, stepOfEvent, stepOfSameLane } from './moves.ts';
import { Picture } from './picture.tsx';
import { searchSteps } from './search.ts';
import type { Stage } from './stage.ts';
import { StatePane } from './state-pane.tsx';
import { Toolbar } from './toolbar.tsx';
import './timeline.css';

/** Where a command that steps leads; null for one that does not step. */
function targetOf(command: Command, model: Model, step: number, hidden: ReadonlySet<TimelineEventKind>): number | null {
  switch (command) {
    case 'next':
      return stepBeside(model, step, 1);
    case 'previous':
      return stepBeside(model, step, -1);
    case 'nextOfLane':
      return stepOfSameLane(model, step, 1);
    case 'previousOfLane':
      return stepOfSameLane(model, step, -1);
    case 'first':
      return model.first;
    case 'last':
      return model.end - 1;
    case 'nextEvent':
      return stepOfEvent(model, step, 1, hidden);
    case 'previousEvent':
      return stepOfEvent(model, step, -1, hidden);
    default:
      return null;
  }
}

function moveStage(stage: Stage | null, command: Command): void {
  switch (command) {
    case 'zoomIn':
      return stage?.zoom(1.6);
    case 'zoomOut':
      return stage?.zoom(1 / 1.6);
    case 'fit':
      return stage?.fit();
    case 'panLeft':
      return stage?.pan(-0.25);
    case 'panRight':
      return stage?.pan(0.25);
    case 'pageLeft':
      return stage?.pan(-0.9);
    case 'pageRight':
      return stage?.pan(0.9);
    default:
      return undefined;
  }
}

/** The current step in a line; a reader is told when it changes. */
function Readout({ model, step }: { model: Model; step: number }) {
  const row = rowAt(model, step);
  return (
    <p class="tl-readout" aria-live="polite">
      <b>Step {step}</b>
      {row === undefined ? null : (
        <>
          <span class="tl-readout-text">{stepText(model, row)}</span>
          <span class="tl-readout-time">{timeText(row[at.nowMs])}</span>
        </>
      )}
    </p>
  );
}

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
  );
}

interface Props {
  readonly timeline: Timeline;
  /** Shows this step, when it is given and whenever it changes. */
  readonly focusStep?: number | null;
  /** Told of the step to which the reader went. */
  readonly onStep?: (step: number) => void;
}

/** The current step, and how to go to another one. */
function useStep(model: Model, stage: { readonly current: Stage | null }, { focusStep, onStep }: Props) {
  const [step, setStep] = useState(() => focusStep ?? firstStep(model));
  const told = useRef(onStep);
  told.current = onStep;
  const go = useCallback(
    (to: number): void => {
      setStep(to);
      stage.current?.reveal(to);
      told.current?.(to);
    },
    [stage],
  );
  useEffect(() => {
    const to = focusStep ?? firstStep(model);
    setStep(to);
    stage.current?.reveal(to);
  }, [model, focusStep]);
  return { step, go };
}

/**
 * A run as a picture to look into.
 *
 * @param props a new `timeline` starts afresh; `focusStep` null or left out begins at the first violation
 */
export function TimelineView(props: Props) {
  const { timeline } = props;
  const model = useMemo(() => makeModel(timeline), [timeline]);
  const stage = useRef<Stage>(null);
  const inView = useRef<HTMLElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const { step, go } = useStep(model, stage, props);
  const [query, setQuery] = useState('');
  const [hidden, setHidden] = useState<ReadonlySet<TimelineEventKind>>(new Set());
  const hits = useMemo(() => searchSteps(timeline, query), [timeline, query]);
  const shown = useMemo(() => ({ selected: step, hits, hidden }), [step, hits, hidden]);

  const run = (command: Command): void => {
    const to = targetOf(command, model, step, hidden);
    if (to !== null) go(to);
    else if (command === 'search') field.current?.select();
    else moveStage(stage.current, command);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isField(event.target)) return;
    const command = commandOf(event);
    if (command === null) return;
    event.preventDefault();
    run(command);
  };
  const onGo = (direction: 1 | -1): void => {
    // At the end the search begins again.
    const to = neighbour(hits, step, direction) ?? (direction === 1 ? hits[0] : hits.at(-1));
    if (to !== undefined) go(to);
  };
  const toggle = (kind: TimelineEventKind): void => {
    const next = new Set(hidden);
    if (!next.delete(kind)) next.add(kind);
    setHidden(next);
  };
  const found = lowerBoundOf(hits, step);
  const place = hits[found] === step ? found + 1 : null;
  return (
    <section class="tl" aria-label="Timeline" onKeyDown={onKeyDown}>
      <Toolbar search={{ query, found: hits.length, place, onQuery: setQuery, onGo }} field={field} run={run} />
      <div class="tl-line">
        <Readout model={model} step={step} />
        <span ref={inView} class="tl-in-view" />
      </div>
      <Picture model={model} shown={shown} stage={stage} inView={inView} onPick={go} />
      <Legend model={model} hidden={hidden} onToggle={toggle} />
      <div class="tl-below">
        <Lists model={model} step={step} hidden={hidden} onStep={go} />
        <div class="tl-pane">
          <Details model={model} step={step} />
          <StatePane model={model} step={step} go={go} />
        </div>
      </div>
    </section>
  );
}
