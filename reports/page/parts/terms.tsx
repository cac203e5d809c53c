// The words of this page that are not everybody's: each is explained where it first stands, and all together above the matrix.
import type { ComponentChildren, JSX } from 'preact';

/** In the order in which a reader meets them. */
const terms = {
  cell: 'One scenario under one strategy on one SQLite version.',
  scenario: 'A reported incident made runnable: processes, what they do, and what goes wrong around them.',
  strategy: 'A candidate fix: the system as reported, with one or more of its choices changed.',
  window:
    'The moment of a scenario at which the harm can happen, whatever the strategy does about it. A run that never reaches it shows nothing.',
  'random run': 'A run whose schedule, workload and faults were drawn by chance. Only these count towards a pass.',
  replay: 'A plan that is run again: it shows that a known failure is still there, and never that there is none.',
  'shipped plan': 'A plan that comes with Lockstep and once made a run fail.',
  search: 'How a failure was found: by a random run, of this comparison.',
  memory: 'How a failure was found: by a shipped plan, known from before.',
  bound:
    'The failure rate that the runs rule out at 95 % confidence: were it higher, so many runs in a row without a failure would come in fewer than one of twenty cases.',
  repeat: 'A run that did what an earlier one had done, step for step: it says nothing new and does not count.',
  invariant: 'Something that must hold in every run, such as: no acknowledged commit is lost.',
  hazard: 'A state out of which harm comes, in this run or another; no harm by itself, and no failure.',
  staged: 'The plan itself brought it about, so that seeing it proves nothing.',
  mark: 'A named moment; it is counted in how many runs it was reached.',
  step: 'One call that SQLite, or the program, makes to the file system; the unit in which schedules are told.',
  lane: 'A thread of a process.',
  preemption: 'A place where the schedule lets another lane go on, before the one that runs has to wait.',
  'trace hash': 'A checksum over all steps of a run: two runs with one hash are the same, step for step.',
} as const;

export type TermName = keyof typeof terms;

/** A word with its explanation behind it. */
export function Term({
  name,
  children,
}: {
  readonly name: TermName;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <span class="term" title={terms[name]}>
      {children}
    </span>
  );
}

/** All of them, for who has no mouse to point with. */
export function Terms(): JSX.Element {
  return (
    <details class="terms">
      <summary>What the words mean</summary>
      <dl class="glossary">
        {Object.entries(terms).map(([name, says]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
