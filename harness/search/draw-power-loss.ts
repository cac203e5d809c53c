// A power loss by chance, in a part of the runs of a scenario that asks for it: at some step or at some time, with some of what is not
// synced lost. What stays out: what a file system allows (harness/disk/).
import { below, type Random } from '../model/random.ts';
import type { FaultOf } from '../model/fault.ts';
import { fileSystemModels, type ModelName } from '../model/file-systems.ts';
import type { Parameters } from '../model/plan.ts';

type PowerLoss = FaultOf<'power-loss'>;
type Lost = Exclude<PowerLoss['lost'], string>;
type Ranges = NonNullable<Lost['writes']>;

/** Steps and operations are drawn so that each order of magnitude is as likely as any other, up to these powers of two. */
const most = { steps: 16, operations: 10 } as const;

function byMagnitude(random: Random, power: number): number {
  return Math.floor(2 ** (random() * power)) - 1;
}

/** The last ones, one, or two of them. */
function ranges(random: Random): Ranges {
  const number = () => byMagnitude(random, most.operations);
  const [one, other] = [number(), number()];
  const ways: readonly Ranges[] = [
    [[0, one]],
    [[one, one]],
    [
      [one, one],
      [other, other],
    ],
    [[Math.min(one, other), Math.max(one, other)]],
  ];
  return ways[below(random, ways.length)] ?? [[0, one]];
}

function lostOf(random: Random): PowerLoss['lost'] {
  const kind = below(random, 10);
  if (kind === 0) return 'nothing';
  if (kind < 4) return 'everything';
  return { ...(kind === 4 ? {} : { writes: ranges(random) }), ...(kind < 8 ? { names: ranges(random) } : {}) };
}

/** What only some models have, and torn writes. */
function detailsOf(random: Random, model: ModelName): Partial<PowerLoss> {
  const { spoils, order } = fileSystemModels[model];
  const write = byMagnitude(random, most.operations);
  const [torn, more] = [random() < 0.3, random() < 0.5];
  const sectors = 1 + below(random, 8);
  const hollow = ranges(random);
  return {
    ...(torn ? { torn: { write, sectors } } : {}),
    ...(more && spoils ? { spoilt: write } : {}),
    ...(more && order === 'writeback' ? { hollow } : {}),
  };
}

/** None in half of the runs. @param models of which the run's file system is one */
export function drawPowerLoss(
  random: Random,
  models: readonly ModelName[],
  { horizonMs }: Parameters,
): readonly PowerLoss[] {
  const model = models[below(random, models.length)];
  if (model === undefined || random() < 0.5) return [];
  const timeMs = below(random, horizonMs);
  const step = byMagnitude(random, most.steps);
  const at = random() < 0.5 ? { step } : { timeMs };
  return [{ kind: 'power-loss', at, model, lost: lostOf(random), ...detailsOf(random, model) }];
}
