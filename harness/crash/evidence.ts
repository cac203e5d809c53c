// What is found on the disks that power losses leave: each disk is opened once, however many states come to it, and where a strategy
// promises more than SQLite does, used first as well. What stays out: which disks, and what is made of what is found.
import type { Image } from '../disk/image.ts';
import type { History } from '../model/history.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { type FirstUser, useFirst } from './first-use.ts';
import type { Evidence } from './judge-image.ts';
import type { Opening, Openers } from './openers.ts';

/** Images that are being looked at while further ones are made. */
const openingsMost = 16;

type Taker = (evidence: Evidence) => void;

interface Asked {
  readonly opening: Opening;
  readonly used: History | undefined;
  readonly takers: Taker[];
}

interface EvidenceOptions {
  readonly coordinator: Coordinator;
  readonly openers: Openers;
  readonly first: FirstUser | undefined;
  readonly stop: () => boolean;
}

export class EvidenceOfImages {
  readonly #options: EvidenceOptions;
  readonly #known = new Map<string, Evidence>();
  /** Asked and not answered yet, in order. */
  readonly #asked = new Map<string, Asked>();

  constructor(options: EvidenceOptions) {
    this.#options = options;
  }

  /** Different images so far. */
  get count(): number {
    return this.#known.size + this.#asked.size;
  }

  /**
   * @param take is told what was found, now or later: at the latest by {@link settle}
   * @returns whether it is a new one
   */
  async look(image: Image, take: Taker): Promise<boolean> {
    const known = this.#known.get(image.digest);
    if (known !== undefined) {
      take(known);
      return false;
    }
    const asked = this.#asked.get(image.digest);
    if (asked !== undefined) {
      asked.takers.push(take);
      return false;
    }
    const { coordinator, openers, first, stop } = this.#options;
    const opening = openers.ask(image, true);
    const used = first === undefined ? undefined : await useFirst(coordinator, first, image, stop);
    this.#asked.set(image.digest, { opening, used, takers: [take] });
    this.settle(openingsMost);
    return true;
  }

  /** Takes answers until no more than so many are left to come. */
  settle(most = 0): void {
    for (const [digest, { opening, used, takers }] of this.#asked) {
      if (this.#asked.size <= most) return;
      const evidence = { autopsy: this.#options.openers.answer(opening), used };
      this.#asked.delete(digest);
      this.#known.set(digest, evidence);
      for (const take of takers) take(evidence);
    }
  }
}
