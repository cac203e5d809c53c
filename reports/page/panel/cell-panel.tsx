// A cell opened: everything that is known of it, from the verdict to the plan. It lies over the page as a dialog, has an
// address of its own, and loads its evidence only now. What stays out: each part.
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Evidence } from '../../evidence.ts';
import type { ResultCell } from '../../results.ts';
import { inevitableWords } from '../../inevitable-words.ts';
import { type CellName, keyOf, nameOf } from '../../words.ts';
import { readEvidence } from '../data.ts';
import { VerdictMark } from '../parts/icon.tsx';
import { changeOf, hrefOf, type Report } from '../report.ts';
import { TimelineView } from '../timeline/timeline-view.tsx';
import { Again } from './again.tsx';
import { Explanation } from './explanation.tsx';
import { ExploredView } from './explored.tsx';
import { Claims, Marks, Symptoms, Violations } from './findings.tsx';
import { PlanPair } from './plan-pair.tsx';
import { Summary } from './summary.tsx';
import './panel.css';

interface Props {
  readonly report: Report;
  readonly name: CellName;
  readonly close: () => void;
}

/** The same strategy and scenario on the other engines. */
function Siblings({ report, name }: Omit<Props, 'close'>): JSX.Element | null {
  const cells = report.engines.flatMap((engine) => report.cells.get(keyOf({ ...name, engine })) ?? []);
  if (cells.length < 2) return null;
  return (
    <nav class="siblings controls" aria-label="Other SQLite versions">
      {cells.map((cell) => (
        <a key={cell.engine} href={hrefOf(cell)} aria-current={cell.engine === name.engine ? 'page' : undefined}>
          {cell.engine} <VerdictMark verdict={cell.verdict} />
        </a>
      ))}
    </nav>
  );
}

/** When it was decided; the curve is drawn in the strip above the picture. */
function Inevitable({ points }: { readonly points: NonNullable<Evidence['timeline']['inevitable']> }) {
  const sentence = inevitableWords(points);
  if (sentence === undefined) return null;
  return (
    <p class="small">
      {sentence}.{' '}
      <span class="soft">The line in the strip shows how often, from its bottom, never, to its top, always.</span>
    </p>
  );
}

type Loaded = Evidence | string | undefined;

function useEvidence(path: string | null): Loaded {
  const [loaded, setLoaded] = useState<Loaded>();
  useEffect(() => {
    let left = false;
    if (path !== null) {
      void readEvidence(path).then((found) => {
        if (!left) setLoaded(found);
      });
    }
    return () => {
      left = true;
    };
  }, [path]);
  return loaded;
}

interface PartsProps {
  readonly report: Report;
  readonly cell: ResultCell;
  readonly evidence: Evidence | undefined;
}

function EvidenceParts({ report, cell, evidence }: PartsProps): JSX.Element {
  // The timeline tells where the reader went, so that a sentence clicked twice leads there twice.
  const [step, setStep] = useState<number | null>(null);
  return (
    <>
      <Explanation facts={cell.explanation} goTo={evidence === undefined ? undefined : setStep} />
      <Again results={report.results} cell={cell} plan={evidence?.plan} />
      {evidence !== undefined && (
        <section class="timeline">
          <h3>The run</h3>
          <Inevitable points={evidence.timeline.inevitable ?? []} />
          <TimelineView timeline={evidence.timeline} focusStep={step} onStep={setStep} />
        </section>
      )}
      {evidence !== undefined && <PlanPair cell={cell} evidence={evidence} />}
    </>
  );
}

function Body({ report, cell }: { readonly report: Report; readonly cell: ResultCell }): JSX.Element {
  const evidence = useEvidence(cell.evidence);
  return (
    <>
      <Summary report={report} cell={cell} />
      <Violations report={report} cell={cell} />
      {typeof evidence === 'string' && (
        <p class="notice" role="alert">
          {evidence}
        </p>
      )}
      {cell.evidence !== null && evidence === undefined && (
        <p class="soft" role="status">
          Reading the evidence…
        </p>
      )}
      {cell.verdict === 'fail' && cell.evidence === null && (
        <p class="notice">No evidence was kept for this cell: there is no timeline and no plan to show.</p>
      )}
      <EvidenceParts report={report} cell={cell} evidence={typeof evidence === 'string' ? undefined : evidence} />
      <Symptoms cell={cell} />
      <Claims report={report} cell={cell} />
      <Marks report={report} cell={cell} />
      <ExploredView cell={cell} />
    </>
  );
}

/** Gives the focus back to what opened the panel; on a page opened by the cell's address, to the cell in the matrix. */
function giveFocusBack(opener: Element | null, name: CellName): void {
  const key = keyOf(name);
  const fallback = [...document.querySelectorAll<HTMLElement>('a[data-cell]')].find((a) => a.dataset['cell'] === key);
  const known = opener instanceof HTMLElement && opener !== document.body && opener.isConnected ? opener : fallback;
  known?.focus();
}

export function CellPanel({ report, name, close }: Props): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const cell = report.cells.get(keyOf(name));
  useLayoutEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    // Not its first link, which showModal() would take.
    title.current?.focus();
    return () => {
      dialog.current?.close();
      giveFocusBack(opener, name);
    };
  }, []);
  const change = changeOf(report, name);
  return (
    <dialog
      ref={dialog}
      class="panel"
      aria-labelledby="panel-title"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <div class="sheet">
        <header>
          <div>
            <h2 id="panel-title" ref={title} tabIndex={-1} aria-label={nameOf(name)}>
              <span>{name.scenario}</span> <i>/</i> <span>{name.strategy}</span> <i>/</i> <span>{name.engine}</span>
            </h2>
            <Siblings report={report} name={name} />
          </div>
          {cell !== undefined && <VerdictMark verdict={cell.verdict} />}
          {change !== undefined && <span class="change">{change}</span>}
          <button type="button" class="close" onClick={close}>
            Close
          </button>
        </header>
        <div class="body">
          {cell === undefined ? (
            <p class="notice">This comparison has no such cell: {nameOf(name)}.</p>
          ) : (
            <Body report={report} cell={cell} />
          )}
        </div>
      </div>
    </dialog>
  );
}
