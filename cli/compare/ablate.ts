// What `compare --ablate` compares: a strategy, without each of its parts, and with each value that it does not have; and how the
// cells of these lend each other plans. What stays out: which variants there are (src/strategies), and what comes of it (reports/).
import { usageError } from '../../harness/errors/errors.ts';
import { readPlan } from '../../harness/search/plan-file.ts';
import type { AblationAsked } from '../../reports/ablation.ts';
import type { ResultCell } from '../../reports/results.ts';
import { checkStrategy, findScenario } from '../../scenarios/find.ts';
import { isKanban } from '../../scenarios/kanban/is-kanban.ts';
import { usualScenarios } from '../../scenarios/known.ts';
import { strategies as known } from '../../src/strategies/catalogue.ts';
import { type Variant, variantsOf } from '../../src/strategies/variants.ts';
import { leadsElsewhere } from '../../compare/below.ts';
import type { Lending } from '../../compare/campaign.ts';
import { keyOf, type Selected } from '../../compare/cells.ts';
import type { Store } from '../../compare/store.ts';
import type { CompareOptions } from '../declared/compare.ts';

/** The strategy that changes nothing. */
export const asReportedName = known[0]?.name ?? '';

/** @property scenarios names of those that it is about; those that are none of the kanban system have no parts to take away */
export interface Ablation {
  readonly asked: AblationAsked;
  readonly scenarios: readonly string[];
}

/**
 * The ablation that a person asks for.
 *
 * @returns undefined where none is asked for
 * @throws a usage error for a strategy that is none of the kanban system, a scenario of another system, `--strategies` beside it, or
 *   `--parts` without it
 */
export function ablationAsked({ ablate, parts, strategies, scenarios }: CompareOptions): Ablation | undefined {
  if (ablate === undefined) {
    if (!parts) return undefined;
    throw usageError(
      'PARTS_OF_NOTHING',
      '--parts says how a strategy is taken apart, and none is named.',
      'Name it with --ablate, or leave out --parts.',
    );
  }
  if (strategies !== undefined) {
    throw usageError(
      'ABLATE_AND_STRATEGIES',
      'With --ablate the strategies are those that are one step away from the one that it names.',
      'Leave out --strategies, or --ablate.',
    );
  }
  checkStrategy(ablate);
  const given = scenarios?.names ?? [];
  const named =
    given.length > 0
      ? given
      : usualScenarios()
          .filter(isKanban)
          .map(({ name }) => name);
  const other = named.find((name) => !isKanban(findScenario(name)));
  if (other === undefined && named.length > 0) {
    const { variants, skipped } = variantsOf(ablate);
    const meant = <T extends Variant>(all: readonly T[]) =>
      all
        .filter(({ kind }) => !parts || kind === 'removal')
        .map((variant) => ({ ...variant, changes: [...variant.changes] }));
    return { asked: { strategy: ablate, variants: meant(variants), skipped: meant(skipped) }, scenarios: named };
  }
  throw usageError(
    'ABLATE_OTHER_SYSTEM',
    `${other === undefined ? 'No scenario here' : `The scenario ${other} is not one`} of the kanban system, and only strategies of that have parts that can be taken away.`,
    'Name scenarios of the kanban system with --scenarios: `npx lockstep list` says which strategies each has.',
  );
}

/** The strategies of an ablation, the whole first, as a person would list them. */
export function strategiesOf({ asked: { strategy, variants } }: Ablation): string {
  return [strategy, ...variants.map((variant) => variant.strategy)].join(',');
}

/**
 * The worst questions first: the whole and what is without a part of it, then what has another value.
 *
 * @param earlier cells of an earlier run of the same ablation, whose plans are in the store
 */
export function lendingOf(
  { asked: { variants } }: Ablation,
  { cells }: Selected,
  store: Store,
  earlier: readonly ResultCell[],
): Lending {
  const added = new Set(variants.filter(({ kind }) => kind === 'addition').map(({ strategy }) => strategy));
  const plans = earlier.flatMap((cell) =>
    cell.plan === null || leadsElsewhere(store.folder, cell.plan)
      ? []
      : [[keyOf(cell), readPlan(store.path(cell.plan))] as const],
  );
  return {
    waves: [cells.filter(({ strategy }) => !added.has(strategy)), cells.filter(({ strategy }) => added.has(strategy))],
    plans: new Map(plans),
  };
}
