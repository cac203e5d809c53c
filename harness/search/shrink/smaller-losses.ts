// A power loss that is easier to understand: nothing is lost, or fewer kinds of things, or fewer ranges. How many operations a range has
// is made smaller with the other numbers of a plan.
import type { Fault, FaultOf } from '../../model/fault.ts';
import type { Failing, Trials } from './trials.ts';

type PowerLoss = FaultOf<'power-loss'>;
type Ranges = readonly (readonly [number, number])[];

/** More than is under way in a run. */
const all: [number, number][] = [[0, 1_000_000]];

function without<T>(list: readonly T[]): readonly T[][] {
  return list.length < 2 ? [] : list.map((_, i) => list.toSpliced(i, 1));
}

function rangesOf(lost: PowerLoss['lost'], what: 'writes' | 'names'): Ranges {
  if (lost === 'everything') return all;
  return lost === 'nothing' ? [] : (lost[what] ?? []);
}

/** Simpler ones, the simplest first. */
export function simplerLosses(fault: PowerLoss): readonly PowerLoss[] {
  const { lost, torn: _, hollow: __, spoilt: ___, ...rest } = fault;
  const details = (['torn', 'hollow', 'spoilt'] as const).filter((name) => fault[name] !== undefined);
  const lesser: PowerLoss['lost'][] = lost === 'nothing' ? [] : ['nothing'];
  const [writes, names] = [rangesOf(lost, 'writes'), rangesOf(lost, 'names')] as [
    [number, number][],
    [number, number][],
  ];
  if (lost !== 'nothing') {
    if (names.length > 0 && writes.length > 0) lesser.push({ writes }, { names });
    for (const fewer of without(writes)) lesser.push({ writes: fewer, ...(names.length === 0 ? {} : { names }) });
    for (const fewer of without(names)) lesser.push({ ...(writes.length === 0 ? {} : { writes }), names: fewer });
    if (lost === 'everything') lesser.push({ writes, names });
  }
  return [
    ...(details.length > 1 ? [{ ...rest, lost }] : []),
    ...details.map((name): PowerLoss => {
      const { [name]: ____, ...less } = fault;
      return less;
    }),
    ...lesser.map((one): PowerLoss => ({ ...fault, lost: one })),
    ...(fault.liars === undefined ? [] : without(fault.liars).map((liars): PowerLoss => ({ ...fault, liars }))),
  ];
}

export async function smallerLosses(state: Failing, trials: Trials): Promise<Failing> {
  for (const [place, fault] of state.plan.faults.entries()) {
    if (fault.kind !== 'power-loss') continue;
    for (const simpler of simplerLosses(fault)) {
      const faults: readonly Fault[] = state.plan.faults.with(place, simpler);
      const found = await trials.attempt({ ...state, plan: { ...state.plan, faults } });
      if (found !== undefined) return smallerLosses(found, trials);
    }
  }
  return state;
}
