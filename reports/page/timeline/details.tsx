// All about one step: what was done, with what result, and what happened there. What stays out: the state it left
// (state-pane.tsx).
import { codeText, fileName, laneName, laneParts, timeText } from './format.ts';
import { MarkIcon } from './mark-icon.tsx';
import { at, flag, kindNames, type Model, rowAt } from './model.ts';

/** A lane's name, its process set off from its thread. */
export function Lane({ model, lane }: { model: Model; lane: number | null }) {
  const { process, thread } = laneParts(laneName(model, lane));
  return (
    <span class="tl-lane">
      <b>{process}</b>
      {thread}
    </span>
  );
}

export function Details({ model, step }: { model: Model; step: number }) {
  const row = rowAt(model, step);
  if (row === undefined) return <p class="tl-none">This run has no steps.</p>;
  const { ops, codes } = model.timeline;
  const events = model.eventsAt.get(row[at.step]) ?? [];
  const failed = (row[at.flags] & flag.failed) !== 0;
  const file = fileName(model, row[at.file]);
  return (
    <div class="tl-details">
      <h4>
        Step {row[at.step]}
        <span class="tl-when">{timeText(row[at.nowMs])}</span>
      </h4>
      <p class="tl-did">
        <Lane model={model} lane={row[at.lane]} />
        <code class="tl-op">{ops[row[at.op]]}</code>
        {file === '' ? null : <code>{file}</code>}
        <code class={failed ? 'tl-code tl-code-failed' : 'tl-code'}>{codeText(codes[row[at.code]])}</code>
        {(row[at.flags] & flag.injected) === 0 ? null : <span class="tl-badge">injected by a fault</span>}
      </p>
      {row[at.args] === null ? null : (
        <dl class="tl-args">
          {Object.entries(row[at.args] ?? {}).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {row[at.text] === null ? null : <pre class="tl-text">{row[at.text]}</pre>}
      {events.length === 0 ? null : (
        <ul class="tl-happened">
          {events.map((event, place) => (
            <li key={place}>
              <MarkIcon kind={event.kind} number={event.number} />
              <span>
                <b>{kindNames[event.kind]}.</b> {event.text}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
