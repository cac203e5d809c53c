// What `lockstep bench --bugs` prints for people. What stays out: the figures (figures.ts).
import { rounded } from '../../../harness/model/count.ts';
import type { KnownBug } from '../../../scenarios/bugs/catalogue.ts';
import type { Output } from '../../output.ts';
import type { Change } from './baseline.ts';
import type { BugFigures, Figures } from './figures.ts';
import type { BugShrunk } from './make-small.ts';
import { plotOf } from './plot.ts';

function short(value: number): string {
  return rounded(value, 2);
}

function cell(one: BugFigures | undefined): string {
  if (one === undefined) return '';
  const { medianRuns, runsLow, runsHigh, misses, hits } = one;
  if (hits === 0) return 'none';
  const median = medianRuns === null ? 'over half missed' : short(medianRuns);
  const bounds = runsLow === null ? '' : ` (${short(runsLow)} to ${runsHigh === null ? 'any' : short(runsHigh)})`;
  return `${median}${bounds}${misses === 0 ? '' : `, ${misses} missed`}`;
}

function smallCell(one: BugShrunk | undefined): string {
  if (one === undefined) return '';
  const { seconds, minimal, preemptions, faults } = one;
  return `${short(seconds)} s${minimal ? '' : ', not minimal'} (${preemptions} + ${faults})`;
}

/**
 * @param runsMost the cap
 * @param shrunk how long making one hit of each bug small took; none where that was not asked for
 */
export function tellBugs(
  output: Output,
  known: readonly KnownBug[],
  { bugs, choosers }: Figures,
  { runsMost, shrunk }: { readonly runsMost: number; readonly shrunk: readonly BugShrunk[] },
) {
  output.say(output.paint('bold', 'Schedules to the first hit, median over seeds (95 % interval)'));
  const found = known.filter(({ bug }) => bugs.some((one) => one.bug === bug.name));
  output.table([
    [
      'bug',
      'kind',
      'depth',
      'engine',
      ...choosers.map(({ chooser }) => chooser),
      ...(shrunk.length === 0 ? [] : ['made small in (preemptions + faults)']),
    ],
    ...found.map(({ bug }) => [
      bug.name,
      bug.kind,
      String(bug.depth),
      bug.engine,
      ...choosers.map(({ chooser }) => cell(bugs.find((one) => one.bug === bug.name && one.chooser === chooser))),
      ...(shrunk.length === 0 ? [] : [smallCell(shrunk.find((one) => one.bug === bug.name))]),
    ]),
  ]);
  output.say();
  output.table([
    [
      'chooser',
      'bugs found',
      'by every seed',
      'wins',
      'schedules',
      'seconds',
      'schedules of the others, times its own',
    ],
    ...choosers.map((one) => [
      one.chooser,
      `${one.found} of ${found.length}`,
      String(one.always),
      String(one.wins),
      short(one.meanRuns),
      short(one.seconds),
      one.against
        .map(({ than, value, low, high }) => `${than} ${short(value)} (${short(low)} to ${short(high)})`)
        .join(', '),
    ]),
  ]);
  output.say(
    `  schedules: geometric mean over bugs and seeds, a miss as ${runsMost}; intervals by a bootstrap over bugs`,
  );
  output.say();
  output.say(output.paint('bold', 'Bugs found after so many schedules, mean over seeds'));
  for (const line of plotOf(choosers, found.length, runsMost)) output.say(line);
}

export function tellChanges(output: Output, changes: readonly Change[]): void {
  output.say();
  output.say(output.paint('bold', 'Against the baseline'));
  for (const { chooser, bugs, ratio, low, high, slower } of changes)
    output.say(
      `  ${chooser}: ${short(ratio)} times its schedules (${short(low)} to ${short(high)}), ${bugs} bugs${slower ? ': slower' : ''}`,
    );
  if (changes.length === 0) output.say('  nothing to compare: no search of the baseline is among these');
}
