// A blow: one thing that happens to Lockstep on a real machine, declared. What stays out: choosing and counting them
// (torture.ts).
import type { Abilities } from './abilities.ts';
import type { Scene } from './scene.ts';

/**
 * @property name for `--only`
 * @property weight how often, against the others
 * @property lacks why it cannot be struck on this machine, as a sentence; undefined when it can
 * @property strike does it, notes in the scene what is wrong, and says what happened, in a few words
 */
export interface Blow {
  readonly name: string;
  readonly weight: number;
  readonly lacks?: (abilities: Abilities) => string | undefined;
  readonly strike: (scene: Scene) => Promise<string>;
}
