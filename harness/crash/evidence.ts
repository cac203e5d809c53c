// What is found on the disks that power losses leave: each disk is opened once, however many states come to it, and where a strategy
// promises more than SQLite does, used first as well. What stays out: which disks, and what is made of what is found.
import type { Image } from '../disk/image.ts';
import type { History } from '../model/history.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { type FirstUser, useFirst } from './first-use.ts';
import type { Evidence } from './judge-image.ts';
import { type Opening, Openers, type OpenersOptions } from './openers.ts';

/** Images that are being looked at while further ones are made. */
const openingsMost = 16;

type Taker = (evidence: Evidence) => void;

interface Asked {
  readonly opening: Opening;
  readonly used: History | undefined;
  readonly takers: Taker[];
}

/**
 * What was found on the disks of one run, for all searches of it: the same disk may be left on several file systems. Who opens them stays
 * warm from run to run.
 */
export class OpenedDisks {
  readonly openers: Openers;
  readonly known = new Map<string, Evidence>();

  constructor(options: OpenersOptions) {
    this.openers = new Openers(options);
  }

  /** The next search is of another run. */
  forget(): void {
    this.known.clear();
  }

  close(): void {
    this.openers.close();
  }
}

interface EvidenceOptions {
  readonly coordinator: Coordinator;
  readonly opened: OpenedDisks;
  readonly first: FirstUser | undefined;
  readonly stop: () => boolean;
}

export class EvidenceOfImages {
  readonly #options: EvidenceOptions;
  /** Images that were looked for here, by digest. */
  readonly #seen = new Set<string>();
  /** Asked and not answered yet, in order. */
  readonly #asked = new Map<string, Asked>();

  constructor(options: EvidenceOptions) {
    this.#options = options;
  }

  /** Different images so far. */
  get count(): number {
    return this.#seen.size;
  }

  /**
   * @param take is told what was found, now or later: at the latest by {@link settle}
   * @returns whether it is a new one here
   */
  async look(image: Image, take: Taker): Promise<boolean> {
    const { digest } = image;
    const { coordinator, opened, first, stop } = this.#options;
    const isNew = !this.#seen.has(digest);
    const known = opened.known.get(digest);
    if (known !== undefined) {
      this.#seen.add(digest);
      take(known);
      return isNew;
    }
    const asked = this.#asked.get(digest);
    if (asked !== undefined) {
      asked.takers.push(take);
      return false;
    }
    const opening = opened.openers.ask(image, true);
    const used = first === undefined ? undefined : await useFirst(coordinator, first, image, stop);
    this.#seen.add(digest);
    this.#asked.set(digest, { opening, used, takers: [take] });
    this.settle(openingsMost);
    return true;
  }

  /** Takes answers until no more than so many are left to come. */
  settle(most = 0): void {
    const { opened } = this.#options;
    for (const [digest, { opening, used, takers }] of this.#asked) {
      if (this.#asked.size <= most) return;
      const evidence = { autopsy: opened.openers.answer(opening), used };
      this.#asked.delete(digest);
      opened.known.set(digest, evidence);
      for (const take of takers) take(evidence);
    }
  }
}
