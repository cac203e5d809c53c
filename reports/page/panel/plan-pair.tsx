// The plan as it was found beside the minimal one, with what shrinking took away. What stays out: comparing them (diff.ts).
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Evidence } from '../../evidence.ts';
import type { ResultCell } from '../../results.ts';
import { count, figure } from '../../words.ts';
import { diff, type DiffRow } from './diff.ts';
import { jsonLines } from './json-lines.ts';

type Sizes = NonNullable<ResultCell['minimal']>;

function SizeTable({ minimal }: { readonly minimal: Sizes }): JSX.Element {
  const kinds = [
    ['preemptions', 'preemption'],
    ['faults', 'fault'],
    ['operations', 'operation'],
    ['bytes', 'byte of workload', 'bytes of workload'],
  ] as const;
  return (
    <p class="sizes">
      {kinds.map(([kind, one, many]) => (
        <span key={kind}>
          <b>{count(minimal.size[kind], one, many)}</b> <span class="soft">of {figure(minimal.from[kind])}</span>
        </span>
      ))}
      <span class="soft">
        {minimal.locallyMinimal
          ? 'Locally minimal: each plan with one preemption, fault or operation less was tried and passes.'
          : 'Not locally minimal: shrinking was stopped before it was done.'}
      </span>
    </p>
  );
}

function kindOf({ left, right }: DiffRow): string {
  if (left === right) return '';
  return left === null ? 'added' : 'removed';
}

function Side({ line, kind, sign }: { readonly line: string | null; readonly kind: string; readonly sign: string }) {
  return (
    <td class={line === null ? 'gap' : kind}>
      {line !== null && (
        <>
          <span class="sign">{kind === '' ? ' ' : sign}</span>
          {line}
        </>
      )}
    </td>
  );
}

function Both({ rows }: { readonly rows: readonly DiffRow[] }): JSX.Element {
  return (
    <div class="scroll plan" tabIndex={0} role="region" aria-label="The plan as found beside the minimal plan">
      <table class="diff">
        <thead>
          <tr>
            <th scope="col">As found</th>
            <th scope="col">Minimal</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => (
            <tr key={place}>
              <Side line={row.left} kind={kindOf(row)} sign="−" />
              <Side line={row.right} kind={kindOf(row)} sign="+" />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function PlanPair({ cell, evidence }: { readonly cell: ResultCell; readonly evidence: Evidence }): JSX.Element {
  const [open, setOpen] = useState(false);
  const { plan, full } = evidence;
  const rows = useMemo(() => (open && full !== null ? diff(jsonLines(full), jsonLines(plan)) : []), [open, full, plan]);
  const removed = rows.filter(({ right }) => right === null).length;
  return (
    <section>
      <h3>Plan</h3>
      {cell.minimal !== null && <SizeTable minimal={cell.minimal} />}
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{full === null ? 'The plan' : 'The plan as found, beside the minimal one'}</summary>
        {open && full === null && (
          <pre class="plan" tabIndex={0}>
            {jsonLines(plan).join('\n')}
          </pre>
        )}
        {open && full !== null && (
          <>
            <p class="soft small">
              {count(removed, 'line')} fewer or changed; − only as found, + only in the minimal plan.
            </p>
            <Both rows={rows} />
          </>
        )}
      </details>
    </section>
  );
}
