// Who hears what processes print while they run: lanes that have started them so. What a process has printed is looked at where it does not go
// on (it waits, or ends, or another lane is granted), which is the same in every replay; where it merely parks is not. What stays out: what
// it has printed (pool.ts), and who is waked (requests.ts).
import type { Answer, Asked } from '../model/request.ts';
import { quoted } from '../model/visible.ts';
import type { LaneState, ProcessState } from './lanes.ts';

interface Hearing {
  readonly lane: LaneState;
  readonly process: ProcessState;
  /** As the lane calls it. */
  readonly name: string;
  /** Bytes that it had printed when it was last looked at. */
  bytes: number;
  isNews: boolean;
}

export class Heard {
  readonly #hearings = new Set<Hearing>();

  add(lane: LaneState, process: ProcessState, name: string): void {
    this.#hearings.add({ lane, process, name, bytes: 0, isNews: false });
  }

  /** Result: whether anybody has printed anything that is heard. */
  listen(): boolean {
    let any = false;
    for (const hearing of this.#hearings) {
      const { lane, process } = hearing;
      if (process.ending !== undefined || lane.status === 'ended') {
        this.#hearings.delete(hearing); // its end is told, and with it the rest
        continue;
      }
      const bytes = process.pooled.printedBytes();
      if (bytes === hearing.bytes) continue;
      hearing.bytes = bytes;
      hearing.isNews = true;
      any = true;
    }
    return any;
  }

  hasNewsFor(lane: LaneState): boolean {
    for (const hearing of this.#hearings) if (hearing.isNews && hearing.lane === lane) return true;
    return false;
  }

  /** Result: the names of those that have printed, in the order in which they were started. */
  takeNewsFor(lane: LaneState): readonly string[] {
    const names: string[] = [];
    for (const hearing of this.#hearings) {
      if (!hearing.isNews || hearing.lane !== lane) continue;
      hearing.isNews = false;
      names.push(hearing.name);
    }
    return names;
  }
}

/** The answer to `output`. */
export function printedSince(
  process: ProcessState | undefined,
  { name, from: [fromOut, fromErr] }: Extract<Asked, { readonly kind: 'output' }>,
): Answer {
  if (process === undefined) return { error: `There is no process ${quoted(name)} in this run.` };
  const { out, err } = process.pooled.output();
  return { value: { out: out.subarray(fromOut).toString('base64'), err: err.subarray(fromErr).toString('base64') } };
}
