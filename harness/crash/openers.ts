// Opens what a power loss has left: warm processes that never were in the run (observe/examiner.ts), each image in a folder of its own.
// What stays out: which images, and what to make of what is found.
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { atExit } from '../host/at-exit.ts';
import type { Autopsy } from '../model/history.ts';
import type { Queries } from '../model/queries.ts';
import { Examiner } from '../observe/autopsy.ts';
import { threadTimes } from '../host/process-state.ts';
import { makeWorkplace } from '../run/workplace.ts';
import { type Image, writeImage } from '../disk/image.ts';

/** One is asked while the other answers; more gain nothing beside the process that makes the images. */
const examinersCount = 2;

export interface OpenersOptions {
  readonly database: string;
  readonly queries: Queries;
  readonly stop: () => boolean;
}

function processorMsOf(pid: number): number {
  return [...threadTimes(pid).values()].reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

/** An image that is being looked at. */
export interface Opening {
  readonly examiner: Examiner;
  readonly ticket: number;
  readonly root: string;
}

export class Openers {
  readonly #options: OpenersOptions;
  readonly #workplace = makeWorkplace();
  readonly #folder = realpathSync(this.#workplace.folder);
  readonly #examiners: Examiner[] = [];
  readonly #forget = atExit(() => this.close());
  #opened = 0;

  constructor(options: OpenersOptions) {
    this.#options = options;
    try {
      for (let i = 0; i < examinersCount; i++) {
        const folder = join(this.#folder, `examiner-${i}`);
        mkdirSync(folder);
        this.#examiners.push(new Examiner(folder, options.stop));
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @param brief see ExamineRequest */
  ask(image: Image, brief: boolean): Opening {
    const { database, queries } = this.#options;
    const root = join(this.#folder, `image-${this.#opened}`);
    const examiner = this.#examiners[this.#opened++ % this.#examiners.length];
    if (examiner === undefined) throw new Error('Nobody is there to open an image.');
    mkdirSync(root);
    writeImage(image, root);
    const ticket = examiner.ask({ root, database, queries, ...(brief ? { brief } : {}) });
    return { examiner, ticket, root };
  }

  answer({ examiner, ticket, root }: Opening): Autopsy {
    try {
      return examiner.answer(ticket);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }

  /** Processor time of this process and of those that open disks, since they were started, in milliseconds. */
  processorMs(): number {
    const { user, system } = process.cpuUsage();
    const theirs = this.#examiners.map(({ pid }) => (pid === undefined ? 0 : processorMsOf(pid)));
    return (user + system) / 1000 + theirs.reduce((sum, ms) => sum + ms, 0);
  }

  close(): void {
    this.#forget();
    for (const examiner of this.#examiners.splice(0)) examiner.close();
    this.#workplace.remove();
  }
}
