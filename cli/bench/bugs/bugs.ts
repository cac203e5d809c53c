// `lockstep bench --bugs`: which bugs and choosers, the document, the exit code. What stays out: measuring (measure.ts).
import { availableParallelism } from 'node:os';
import { didYouMean } from '../../../harness/errors/did-you-mean.ts';
import { usageError } from '../../../harness/errors/errors.ts';
import type { Host } from '../../../harness/run/hosts.ts';
import { exitCodes } from '../../../harness/model/verdict.ts';
import { bugs as all, type KnownBug } from '../../../scenarios/bugs/catalogue.ts';
import type { Interrupt } from '../../interrupt.ts';
import { machinesFor } from '../../machine.ts';
import type { Output } from '../../output.ts';
import type { NamedChoice } from '../choices.ts';
import { type Baseline, bugsFormat, changesSince, readBaseline } from './baseline.ts';
import { figuresOf } from './figures.ts';
import { measureBugs } from './measure.ts';
import { tellBugs, tellChanges } from './table.ts';

/** @property names `all`, or names with commas */
export interface BugsWanted {
  readonly names: string;
  readonly choosers: readonly NamedChoice[];
  readonly seeds: readonly number[];
  readonly runsMost: number;
  readonly timeMs: number;
  readonly jobs: number;
  readonly shrinkMs: number | undefined;
  readonly host: Host | undefined;
  readonly baseline: string | undefined;
}

const scenarioModule = new URL('../../../scenarios/bugs/catalogue.ts', import.meta.url).href;

function wantedOf(names: string): readonly KnownBug[] {
  if (names === 'all') return all;
  return [...new Set(names.split(',').map((name) => name.trim()))].map((name) => {
    const found = all.find(({ bug }) => bug.name === name);
    if (found !== undefined) return found;
    const known = all.map(({ bug }) => bug.name);
    throw usageError(
      'NO_BUG',
      `There is no known bug "${name}".${didYouMean(name, known)}`,
      `There are: ${known.join(', ')}; or \`all\`.`,
    );
  });
}

/** @returns the exit code: 1 where a chooser is slower than in the baseline, inconclusive where nothing was hit */
export async function benchBugs(output: Output, interrupt: Interrupt, wanted: BugsWanted): Promise<number> {
  const { choosers, seeds, runsMost, timeMs, jobs, shrinkMs, host } = wanted;
  const known = wantedOf(wanted.names);
  const baseline: Baseline | undefined = wanted.baseline === undefined ? undefined : readBaseline(wanted.baseline);
  const machines = await machinesFor([...new Set(known.map(({ broken }) => broken.engine))], output, interrupt, {
    host,
    scenarios: known.map(({ broken }) => broken.scenario),
  });
  const { searches, shrunk } = await measureBugs({
    bugs: known,
    choosers,
    seeds,
    machines,
    runsMost,
    timeMs,
    jobs,
    shrinkMs,
    scenarioModule,
    stop: () => interrupt.requested,
    status: (line) => output.status(line),
    progress: (line) => output.progress(line),
  });
  const figures = figuresOf(searches, runsMost);
  const changes = baseline === undefined ? undefined : changesSince(baseline, searches, runsMost);
  const about = known.map(({ bug: { name, kind, depth, engine } }) => ({ name, kind, depth, engine }));
  const knownBugs = {
    bugs: about,
    seeds,
    runsMost,
    timeLimitSeconds: timeMs / 1000,
    jobs,
    processors: availableParallelism(),
  };
  output.result({
    format: bugsFormat,
    knownBugs: {
      ...knownBugs,
      figures,
      ...(changes && { changes }),
      ...(shrinkMs !== undefined && { shrunk }),
      searches,
    },
    interrupted: interrupt.requested,
  });
  if (!output.json && searches.length > 0) tellBugs(output, known, figures, { runsMost, shrunk });
  if (!output.json && changes !== undefined) tellChanges(output, changes);
  if (interrupt.requested) {
    output.say('  interrupted: this is as far as it came');
    return interrupt.exitCode;
  }
  if (changes?.some(({ slower }) => slower) === true) return exitCodes.fail;
  return searches.some(({ hit }) => hit) ? 0 : exitCodes.inconclusive;
}
