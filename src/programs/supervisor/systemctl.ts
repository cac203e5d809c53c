// `systemctl VERB UNIT`, as a lane calls it, and the messages in which it travels. What stays out: what the supervisor
// makes of it.
import type { World, Json } from '../../../harness/lane/world.ts';
import type { ActiveState } from '../process/unit-state.ts';

export type Verb = 'restart' | 'stop' | 'start' | 'status';

/** What a supervisor is asked. */
export interface Command {
  readonly verb: Verb;
  readonly unit: string;
}

/** What it answers when the job is done. `state` is undefined for a unit that it does not have. */
export interface Answer {
  readonly unit: string;
  readonly state?: ActiveState;
  readonly mainPid?: string | null;
}

/** Longer than any stop takes: TimeoutStopSec is 90 s. */
const answerTimeoutMs = 300_000;

/**
 * Asks and waits until the job is done, as systemctl does.
 *
 * @param supervisor name of its process
 * @returns undefined when the supervisor is gone or does not answer
 */
export function systemctl(world: World, supervisor: string, verb: Verb, unit: string): Answer | undefined {
  const command: Command = { verb, unit };
  if (!world.send(supervisor, command as unknown as Json)) return undefined;
  return world.receive({ timeoutMs: answerTimeoutMs })?.message as Answer | undefined;
}
