// The page as a whole: what stands on it and in which order, and which cell is open, by the address. What stays out: each part.
import { useEffect, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { AblationView } from './ablation/ablation-view.tsx';
import { BesideView } from './ablation/beside-view.tsx';
import { AnswerView } from './answer-view.tsx';
import { CostsView } from './costs/costs-view.tsx';
import { Matrix } from './matrix/matrix.tsx';
import { CellPanel } from './panel/cell-panel.tsx';
import { Symbols } from './parts/icon.tsx';
import { ThemeButton } from './parts/theme.tsx';
import { PowerView } from './power-view.tsx';
import { Printout } from './printout.tsx';
import { moment } from './quantities.ts';
import { cellNameIn, type Report } from './report.ts';
import { TestedView } from './tested-view.tsx';

/** The part of the address that the page goes by; going back and forward changes it. */
function useHash(): readonly [hash: string, clear: () => void] {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = (): void => setHash(location.hash);
    addEventListener('hashchange', follow);
    addEventListener('popstate', follow);
    return () => {
      removeEventListener('hashchange', follow);
      removeEventListener('popstate', follow);
    };
  }, []);
  const clear = (): void => {
    // Setting location.hash to '' would scroll to the top.
    history.pushState(null, '', location.pathname + location.search);
    setHash('');
  };
  return [hash, clear];
}

/** The cell that the address names. By itself, so that opening one draws nothing else anew. */
function OpenCell({ report }: { readonly report: Report }): JSX.Element | null {
  const [hash, clear] = useHash();
  const name = cellNameIn(hash);
  return name === undefined ? null : <CellPanel key={hash} report={report} name={name} close={clear} />;
}

export function App({ report }: { readonly report: Report }): JSX.Element {
  const { about, costs, ablation } = report.results;
  return (
    <>
      <Symbols />
      <a class="skip controls" href="#matrix">
        Skip to the matrix
      </a>
      <header class="top">
        <p class="imprint">
          <b>Lockstep</b> comparison <span class="soft">of {moment(about.at)}</span>
        </p>
        <nav class="controls" aria-label="On this page">
          {ablation !== undefined && <a href="#ablation">Ablation</a>}
          <a href="#matrix">Matrix</a>
          {report.results.cells.some(({ powerLoss }) => powerLoss.length > 0) && <a href="#power">Power losses</a>}
          {costs.length > 0 && <a href="#costs">Costs</a>}
          <a href="#tested">What was tested</a>
          <ThemeButton />
        </nav>
      </header>
      <main>
        <AnswerView report={report} />
        <AblationView report={report} />
        <BesideView report={report} />
        <Matrix report={report} />
        <Printout report={report} />
        <PowerView report={report} />
        {costs.length > 0 && <CostsView report={report} />}
        <TestedView report={report} />
      </main>
      <OpenCell report={report} />
    </>
  );
}
