// The run as two tables: every step, and every event. What they show is what the picture shows. What stays out: how a long
// table is kept small (rows-grid.tsx).
import type { TimelineEventKind } from '../../../harness/model/timeline.ts';
import { useId, useMemo, useState } from 'preact/hooks';
import { figure } from '../../words.ts';
import { codeText, shortCode, fileName, laneName, timeText } from './format.ts';
import { MarkIcon } from './mark-icon.tsx';
import { at, flag, kindNames, lowerBound, type Model, placeOf } from './model.ts';
import { RowsGrid } from './rows-grid.tsx';

interface Props {
  readonly model: Model;
  readonly step: number;
  readonly hidden: ReadonlySet<TimelineEventKind>;
  readonly onStep: (step: number) => void;
}

function StepTable({ model, step, onStep, id }: Props & { id: string }) {
  const { steps, ops, codes } = model.timeline;
  const cells = (place: number) => {
    const row = steps[place];
    if (row === undefined) return [];
    const [kind] = model.eventsAt.get(row[at.step]) ?? [];
    const detail = row[at.args]?.['level'] ?? row[at.args]?.['slot'];
    return [
      row[at.step],
      timeText(row[at.nowMs]),
      laneName(model, row[at.lane]),
      <>
        {kind === undefined ? null : <MarkIcon kind={kind.kind} number={kind.number} />}
        {ops[row[at.op]]} {detail === undefined ? null : <small>{detail}</small>}
      </>,
      fileName(model, row[at.file]),
      <span title={codeText(codes[row[at.code]])}>{shortCode(codes[row[at.code]])}</span>,
    ];
  };
  const toneOf = (place: number): string => {
    const flags = steps[place]?.[at.flags] ?? 0;
    return (flags & flag.failed) !== 0 ? 'tl-failed' : (flags & flag.injected) !== 0 ? 'tl-injected' : '';
  };
  return (
    <RowsGrid
      id={id}
      label="Steps"
      kind="steps"
      columns={['Step', 'Time', 'Lane', 'Operation', 'File', 'Result']}
      count={steps.length}
      current={placeOf(model, step)}
      cells={cells}
      toneOf={toneOf}
      onPick={(place) => onStep(steps[place]?.[at.step] ?? step)}
    />
  );
}

function EventTable({ model, step, hidden, onStep, id }: Props & { id: string }) {
  const events = useMemo(() => model.events.filter((event) => !hidden.has(event.kind)), [model, hidden]);
  const [chosen, setChosen] = useState(-1);
  // Several events may share a step: the one that was chosen stays the current one.
  const nearest = lowerBound(events, step, (event) => event.step);
  const current = events[chosen]?.step === step ? chosen : events[nearest]?.step === step ? nearest : nearest - 1;
  const cells = (place: number) => {
    const event = events[place];
    if (event === undefined) return [];
    return [
      event.step,
      <>
        <MarkIcon kind={event.kind} number={event.number} />
        {kindNames[event.kind]}
      </>,
      event.lane === null ? '' : laneName(model, event.lane),
      <span title={event.text}>{event.text}</span>,
    ];
  };
  return (
    <RowsGrid
      id={id}
      label="Events"
      kind="events"
      columns={['Step', 'Event', 'Lane', 'What']}
      count={events.length}
      current={current}
      cells={cells}
      toneOf={(place) => (events[place]?.step === step ? '' : 'tl-near')}
      onPick={(place) => {
        setChosen(place);
        onStep(events[place]?.step ?? step);
      }}
    />
  );
}

const tabs = ['Steps', 'Events'] as const;

/** Both tables, one at a time. */
export function Lists(props: Props) {
  const [tab, setTab] = useState<(typeof tabs)[number]>('Steps');
  const id = useId();
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    event.stopPropagation();
    const other = tab === 'Steps' ? 'Events' : 'Steps';
    setTab(other);
    document.getElementById(`${id}-tab-${other}`)?.focus();
  };
  const counts = { Steps: props.model.timeline.steps.length, Events: props.model.events.length };
  return (
    <div class="tl-lists">
      <div class="tl-tabs" role="tablist" aria-label="Tables" onKeyDown={onKey}>
        {tabs.map((name) => (
          <button
            key={name}
            id={`${id}-tab-${name}`}
            type="button"
            role="tab"
            aria-selected={tab === name}
            aria-controls={`${id}-panel`}
            tabIndex={tab === name ? 0 : -1}
            onClick={() => setTab(name)}
          >
            {name} <span class="tl-count">{figure(counts[name])}</span>
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-tab-${tab}`}>
        {tab === 'Steps' ? <StepTable {...props} id={`${id}-step`} /> : <EventTable {...props} id={`${id}-event`} />}
      </div>
    </div>
  );
}
