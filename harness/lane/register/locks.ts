// Locks by name that the threads of a process share (navigator.locks): Node's own. Who has waited for one is told by the coordinator, as with
// messages, and the clients in a query are called by the process's number in the run. What stays out: messages (ports.ts).
import { posts } from './waits.ts';
import type { ProcessOfRun } from './process-of-run.ts';

interface Client {
  readonly clientId?: string;
}

interface Locks {
  readonly request: (...given: unknown[]) => Promise<unknown>;
  readonly query: () => Promise<{ readonly held?: readonly Client[]; readonly pending?: readonly Client[] }>;
}

/** As Node calls a thread of a process: by the machine's process id, which is another in every run. */
const clientName = /^node-\d+-/;

export function replaceLocks(process_: ProcessOfRun): void {
  const { locks } = globalThis.navigator as { readonly locks?: Locks };
  if (locks === undefined) return; // an older Node
  const prototype = Object.getPrototypeOf(locks) as Locks;
  const { request, query } = prototype;
  const ofRun = ({ clientId = '', ...more }: Client) => ({
    ...more,
    clientId: clientId.replace(clientName, `node-${process.pid}-`),
  });
  Object.assign(prototype, {
    request(this: Locks, ...given: unknown[]): Promise<unknown> {
      const done = request.apply(this, given);
      posts(process_); // it may have been stolen from somebody
      return done.finally(() => posts(process_));
    },
    async query(this: Locks): Promise<unknown> {
      const { held = [], pending = [] } = await query.call(this);
      return { held: held.map(ofRun), pending: pending.map(ofRun) };
    },
  });
}
