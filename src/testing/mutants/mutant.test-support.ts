// A mutant: a fix as a bad patch would make it, which runs must tell from the fix. Where it is registered (register), a strategy
// can name it (`safe-read!probe-back`). What stays out: how it is caught (scenarios/mutants.test.ts).
import type { Axis, Behaviour } from '../../policies/catalogue.ts';

/**
 * @property fix the strategy that it breaks
 * @property name what a strategy calls it, behind the fix and a `!`
 * @property says what is wrong with it
 * @property broken what it does instead on these axes; on all others it is the fix
 */
export interface Mutant {
  readonly fix: string;
  readonly name: string;
  readonly says: string;
  readonly broken: { readonly [A in Axis]?: Behaviour<A> };
}
