// Messages of a run as spans: how long each lay in the queue of the lane that it was sent to. A step that sends or
// receives records what was asked, not what came of it (run/requests.ts), so the queues are kept here as the
// coordinator keeps them. What stays out: signals, and what messages mean.
import { parseRequest } from '../../model/request.ts';
import type { TraceStep } from '../../observe/trace.ts';
import { processOf } from '../../model/names.ts';

/** A MessageSpan of model/timeline.ts with names for places. */
export interface MessageDraft {
  readonly sender: string;
  readonly queue: string;
  readonly text: string;
  readonly from: number;
  to: number | null;
  received: true | undefined;
}

/** @property lane it exists: it has taken a step, or its process has died. Nobody has a queue before */
interface Queue {
  waiting: MessageDraft[];
  lane: 'unknown' | 'living' | 'ended';
}

export class MessageBook {
  readonly #messages: MessageDraft[] = [];
  readonly #queues = new Map<string, Queue>();

  /**
   * Enters a step.
   *
   * @param ended the process that the step ended
   */
  see(step: TraceStep, ended: string | undefined): void {
    const own = this.#queueOf(step.lane);
    if (own.lane === 'unknown') own.lane = 'living';
    if (step.op === 'ask') this.#asked(step, own);
    if (step.op === 'end' && step.injected !== true) this.#close(own, step);
    if (ended === undefined) return;
    for (const [lane, queue] of this.#queues) if (processOf(lane) === ended) this.#close(queue, step);
  }

  /** In the order in which they were sent; those to lanes that never were are none. */
  messages(): readonly MessageDraft[] {
    const nowhere = new Set(
      [...this.#queues.values()].flatMap(({ lane, waiting }) => (lane === 'unknown' ? waiting : [])),
    );
    return this.#messages.filter((message) => !nowhere.has(message));
  }

  #queueOf(lane: string): Queue {
    const known = this.#queues.get(lane);
    if (known !== undefined) return known;
    const queue: Queue = { waiting: [], lane: 'unknown' };
    this.#queues.set(lane, queue);
    return queue;
  }

  #asked({ lane, step, text = '' }: TraceStep, own: Queue): void {
    const request = parseRequest(text);
    if (request.kind === 'spawn') this.#begins(request.name);
    else if (request.kind === 'thread-started') this.#begins(`${processOf(lane)}/${request.name}`);
    else if (request.kind === 'send') {
      const message = JSON.stringify(request.message);
      this.#sent({ sender: lane, queue: request.to, text: message, from: step, to: null, received: undefined });
    } else if (request.kind === 'receive') {
      const message = own.waiting.shift();
      if (message !== undefined) Object.assign(message, { to: step, received: true });
    }
  }

  /** A lane that stands before its first step has a queue, one that is not started yet has none. */
  #begins(lane: string): void {
    const queue = this.#queueOf(lane);
    if (queue.lane !== 'unknown') return;
    const none = new Set(queue.waiting.splice(0));
    if (none.size > 0) this.#messages.splice(0, Infinity, ...this.#messages.filter((message) => !none.has(message)));
  }

  #sent(message: MessageDraft): void {
    const queue = this.#queueOf(message.queue);
    if (queue.lane === 'ended') return;
    queue.waiting.push(message);
    this.#messages.push(message);
  }

  /** Its queue is gone with what is in it. */
  #close(queue: Queue, { step }: TraceStep): void {
    for (const message of queue.waiting.splice(0)) message.to = step;
    queue.lane = 'ended';
  }
}
