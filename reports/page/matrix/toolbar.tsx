// What chooses the view of the matrix: engine, words, verdicts. What stays out: what a view shows (model.ts).
import type { JSX } from 'preact';
import { count } from '../../words.ts';
import { Icon } from '../parts/icon.tsx';
import { type Report, type Verdict, verdictWords } from '../report.ts';
import { countsOf, type View } from './model.ts';

interface Props {
  readonly report: Report;
  readonly view: View;
  readonly change: (view: Partial<View>) => void;
  readonly shown: number;
}

function Engines({ report, view, change }: Props): JSX.Element | null {
  if (report.engines.length < 2) return null;
  const choices = [null, ...report.engines];
  return (
    <fieldset class="switch">
      <legend>SQLite</legend>
      {choices.map((engine) => (
        <label key={engine ?? ''}>
          <input type="radio" name="engine" checked={view.engine === engine} onChange={() => change({ engine })} />
          <span>{engine ?? 'all'}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Verdicts({ report, view, change }: Props): JSX.Element {
  const counts = countsOf(report, view.engine);
  const toggle = (verdict: Verdict): void => {
    const verdicts = new Set(view.verdicts);
    if (!verdicts.delete(verdict)) verdicts.add(verdict);
    change({ verdicts });
  };
  return (
    <fieldset class="chips">
      <legend>Show only</legend>
      {(['fail', 'pass', 'inconclusive', 'error'] as const).map((verdict) => (
        <label key={verdict} class={`chip ${verdict}`}>
          <input type="checkbox" checked={view.verdicts.has(verdict)} onChange={() => toggle(verdict)} />
          <Icon verdict={verdict} />
          <span>{verdictWords[verdict]}</span> <span class="soft">{counts[verdict]}</span>
        </label>
      ))}
      {report.results.baseline !== undefined && (
        <label class="chip">
          <input type="checkbox" checked={view.changed} onChange={() => change({ changed: !view.changed })} />
          <span>Changed</span> <span class="soft">{report.changes.size}</span>
        </label>
      )}
    </fieldset>
  );
}

export function Toolbar(props: Props): JSX.Element {
  const { report, view, change, shown } = props;
  const all = report.results.cells.filter(({ engine }) => view.engine === null || engine === view.engine).length;
  return (
    <div class="toolbar controls">
      <Engines {...props} />
      <label class="find">
        <span>Find</span>
        <input
          type="search"
          value={view.text}
          placeholder="strategy, scenario, invariant"
          onInput={(event) => change({ text: event.currentTarget.value })}
        />
      </label>
      <Verdicts {...props} />
      <p role="status" class="soft tally">
        {shown === all ? count(all, 'cell') : `${shown} of ${count(all, 'cell')}`}
      </p>
    </div>
  );
}
