// What `lockstep bench` prints for people. What stays out: the figures (measure.ts).
import { rounded } from '../../harness/model/count.ts';
import type { Output } from '../output.ts';
import { type KnownBug, type Measured, restsOf, type StressMeasured } from './measure.ts';
import type { Estimate } from './statistics.ts';

/** Three digits that mean something: `0.0123`, `1.23`, `123`. */
function short(value: number): string {
  return rounded(value, 3);
}

function estimate({ value, low, high }: Estimate): string {
  if (value === null) return `at least ${short(low)}`;
  return `${short(value)} (${short(low)} to ${high === null ? 'any' : short(high)})`;
}

function median({ medianSeconds, medianAtLeast }: Measured): string {
  if (medianSeconds !== null) return short(medianSeconds);
  return medianAtLeast === null ? '' : `over ${short(medianAtLeast)}`;
}

function row(one: Measured): readonly string[] {
  return [
    one.chooser,
    one.depth,
    String(one.jobs),
    median(one),
    one.meanSeconds === null ? 'none' : short(one.meanSeconds),
    `${one.hits} of ${one.searches.length}`,
    one.meanRuns === null ? 'none' : short(one.meanRuns),
    String(Math.round(one.runsPerSecond)),
    String(Math.round(one.stepsPerSecond)),
    ...one.ahead.map((ahead) => (ahead === null ? '' : estimate(ahead))),
  ];
}

const heads = ['chooser', 'engine', 'jobs', 'median s', 'mean s', 'hits', 'runs/hit', 'runs/s', 'steps/s'];

export function tellKnownBug(output: Output, bug: KnownBug): void {
  const { scenario, engine, strategy, invariants, seeds, timeLimitSeconds, stress, coldStarts } = bug;
  output.say(output.paint('bold', `Time to a known bug: ${scenario}, strategy ${strategy}, SQLite ${engine}`));
  output.say(`  a hit violates ${invariants.join(', ')}; nothing in a search knows more`);
  output.say(
    `  ${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'} a line, at most ${short(timeLimitSeconds)} s each, from warm coordinators; a search that found nothing counts`,
  );
  for (const cold of coldStarts) {
    output.say(
      `  cold start on ${cold.engine}, jobs ${cold.jobs}: ${short(cold.seconds)} s until the first run has ended`,
    );
  }
  for (const one of stress) tellStress(output, one, bug.processors);
  output.table([[...heads, ...stress.map((one) => `x stress ${restsOf(one)}`)], ...bug.configurations.map(row)]);
  if (stress.length > 0) output.say('  x stress: hits a second against those of stress, with 95 % confidence');
}

function tellStress(output: Output, stress: StressMeasured, processors: number): void {
  const { crews, rounds, seconds, roundsPerSecond, hits, secondsPerHit } = stress;
  output.say(
    `  stress, free-running on ${processors} processors, ${crews} ${crews === 1 ? 'round' : 'rounds'} at once, ${restsOf(stress)}: ` +
      `${rounds} rounds in ${short(seconds)} s (${Math.round(roundsPerSecond)}/s), ` +
      `${hits.length} ${hits.length === 1 ? 'hit' : 'hits'}, ` +
      `${estimate(secondsPerHit)} s a hit`,
  );
}
