// What held once the current step was done, in words: locks, files, queues, lanes. What stays out: working it out
// (state-at.ts).
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { Lane } from './details.tsx';
import { codeText, fileName } from './format.ts';
import { at, type Model } from './model.ts';
import { type FileState, type HeldLock, type LaneState, type State, stateAt } from './state-at.ts';

type Go = (step: number) => void;

function StepLink({ step, go }: { step: number; go: Go }) {
  return (
    <button type="button" class="tl-step" aria-label={`Go to step ${step}`} onClick={() => go(step)}>
      {step}
    </button>
  );
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="tl-part">
      <h5>{title}</h5>
      {children}
    </section>
  );
}

function swatchOf({ span, lost }: HeldLock): string {
  if (lost) return 'lost';
  if (span.what === 'RESERVED' || span.what === 'PENDING') return 'reserved';
  return span.exclusive ? 'exclusive' : 'shared';
}

function Lock({ model, held, go }: { model: Model; held: HeldLock; go: Go }) {
  const { span, lost } = held;
  return (
    <li class={lost ? 'tl-lost' : ''}>
      <span class={`tl-swatch tl-swatch-${swatchOf(held)}`} aria-hidden="true" />
      <code>{span.what}</code> <Lane model={model} lane={span.lane} /> <span class="tl-soft">since</span>{' '}
      <StepLink step={span.from} go={go} />
      {lost && span.lostAt !== null ? (
        <strong class="tl-lost-says">
          {' '}
          lost at <StepLink step={span.lostAt} go={go} />: believed, not held by the kernel
        </strong>
      ) : null}
    </li>
  );
}

function Locks({ model, state, go }: { model: Model; state: State; go: Go }) {
  if (state.locks.size === 0) return <p class="tl-none">No locks are held.</p>;
  return (
    <>
      {[...state.locks].map(([file, locks]) => (
        <div key={file} class="tl-of">
          <h6>{fileName(model, file)}</h6>
          <ul>
            {locks.map((held, place) => (
              <Lock key={place} model={model} held={held} go={go} />
            ))}
          </ul>
        </div>
      ))}
    </>
  );
}

function Holders({ model, lanes }: { model: Model; lanes: readonly number[] }) {
  if (lanes.length === 0) return <span class="tl-soft">not open</span>;
  return (
    <span>
      <span class="tl-soft">open in </span>
      {lanes.map((lane, place) => (
        <span key={lane}>
          {place === 0 ? '' : ', '}
          <Lane model={model} lane={lane} />
        </span>
      ))}
    </span>
  );
}

function Deleted({ model, file, go }: { model: Model; file: FileState; go: Go }) {
  const { span } = file;
  return (
    <li class="tl-gone">
      <span class="tl-swatch tl-swatch-deleted" aria-hidden="true" />
      <code>{fileName(model, span.file)}</code> <span class="tl-generation">#{span.generation}</span>{' '}
      <strong>{span.how ?? 'gone'}</strong> <span class="tl-soft">by</span> <Lane model={model} lane={span.by} />{' '}
      <span class="tl-soft">at</span> {span.to === null ? null : <StepLink step={span.to} go={go} />}
      <span class="tl-soft">, still </span>
      <Holders model={model} lanes={file.openIn} />
    </li>
  );
}

function Files({ model, state, go }: { model: Model; state: State; go: Go }) {
  if (state.files.length + state.deleted.length === 0) return <p class="tl-none">No files yet.</p>;
  return (
    <ul>
      {state.deleted.map((file, place) => (
        <Deleted key={`deleted ${place}`} model={model} file={file} go={go} />
      ))}
      {state.files.map((file, place) => (
        <li key={place}>
          <span class="tl-swatch tl-swatch-file" aria-hidden="true" />
          <code>{fileName(model, file.span.file)}</code> <span class="tl-generation">#{file.span.generation}</span>{' '}
          <Holders model={model} lanes={file.openIn} />
        </li>
      ))}
    </ul>
  );
}

function Queues({ model, state }: { model: Model; state: State }) {
  return (
    <>
      {[...state.queues].map(([queue, messages]) => (
        <div key={queue} class="tl-of">
          <h6>to {queue}</h6>
          <ul>
            {messages.map((message, place) => (
              <li key={place}>
                <q>{message.text}</q> <span class="tl-soft">from</span> <Lane model={model} lane={message.sender} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </>
  );
}

function LaneRow({ model, lane, current, go }: { model: Model; lane: LaneState; current: number; go: Go }) {
  const { ops, codes } = model.timeline;
  const { last, died } = lane;
  return (
    <tr class={last?.[at.step] === current ? 'tl-current' : ''}>
      <th scope="row">
        <Lane model={model} lane={lane.lane} />
      </th>
      <td>{last === null ? <span class="tl-soft">not yet</span> : <StepLink step={last[at.step]} go={go} />}</td>
      <td>{last === null ? '' : `${ops[last[at.op]] ?? ''} ${fileName(model, last[at.file])}`}</td>
      <td>
        {died === null ? (
          last === null ? (
            ''
          ) : (
            codeText(codes[last[at.code]])
          )
        ) : (
          <strong class="tl-lost-says">
            dead since <StepLink step={died} go={go} />
          </strong>
        )}
      </td>
    </tr>
  );
}

/** The state after a step. */
export function StatePane({ model, step, go }: { model: Model; step: number; go: Go }) {
  const state = useMemo(() => stateAt(model.timeline, step), [model, step]);
  return (
    <div class="tl-state">
      <h4>State after step {step}</h4>
      <Part title="Locks">
        <Locks model={model} state={state} go={go} />
      </Part>
      <Part title="Files">
        <Files model={model} state={state} go={go} />
      </Part>
      {state.queues.size === 0 ? null : (
        <Part title="Messages that wait">
          <Queues model={model} state={state} />
        </Part>
      )}
      <Part title="Lanes">
        <table class="tl-lanes">
          <thead>
            <tr>
              <th scope="col">Lane</th>
              <th scope="col">Last step</th>
              <th scope="col">Did</th>
              <th scope="col">Result</th>
            </tr>
          </thead>
          <tbody>
            {state.lanes.map((lane) => (
              <LaneRow key={lane.lane} model={model} lane={lane} current={step} go={go} />
            ))}
          </tbody>
        </table>
      </Part>
    </div>
  );
}
