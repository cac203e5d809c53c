// How to see it on one's own desk: the command that replays a failure, or runs more of what did not fail; the plan to keep.
// What stays out: the copying (parts/copy-button.tsx).
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ResultCell, Results } from '../../results.ts';
import { count, moreCommand, replayCommand } from '../../words.ts';
import { Command } from '../parts/copy-button.tsx';

/** The same bytes as the plan's file (harness/search/plan-file.ts). */
function textOf(plan: object): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

function Download({ plan, path }: { readonly plan: object; readonly path: string }): JSX.Element {
  const [href, setHref] = useState('');
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([textOf(plan)], { type: 'application/json' }));
    setHref(made);
    return () => URL.revokeObjectURL(made);
  }, [plan]);
  return (
    <a class="controls" href={href} download={path.replace(/^.*\//, '')}>
      Download the plan
    </a>
  );
}

interface Props {
  readonly results: Results;
  readonly cell: ResultCell;
  readonly plan: object | undefined;
}

export function Again({ results, cell, plan }: Props): JSX.Element {
  if (cell.plan === null) {
    return (
      <section>
        <h3>Run more</h3>
        <Command command={moreCommand(results, cell)} label="Command that runs more" />
        <p class="soft small">A new seed, so that these are other runs than the {count(cell.runs, 'run')} made here.</p>
      </section>
    );
  }
  return (
    <section>
      <h3>See it happen</h3>
      <Command command={replayCommand(cell.plan)} label="Command that replays this failure" />
      <p class="soft small">
        The path is below the folder of this page: type it there.{' '}
        {plan !== undefined && (
          <span class="controls">
            If the plans did not come with this page: <Download plan={plan} path={cell.plan} />, and give its path.
          </span>
        )}
      </p>
      <p class="soft small">
        A plan is data: a replay runs the scenario's programs of your own checkout, and they read and write in the
        folder of their run only. <code>npx lockstep doctor</code> says whether the kernel holds them to it.
      </p>
    </section>
  );
}
