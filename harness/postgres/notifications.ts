// What the server has told one connection by NOTIFY. A backend that LISTENs acts by itself, when the signal of a COMMIT reaches it; under
// lock step nobody waits for that by a clock: an empty statement comes back behind all that was committed before it. What stays out: who
// waits for it (run/).
import type { Notification } from '../model/request.ts';
import type { Client } from './libpq.ts';

export class Notifications {
  readonly #client: Client;
  readonly #come: Notification[] = [];
  #asOf: number | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * Has one come that nobody has taken, or is the connection gone? Inside a transaction the server tells of none.
   *
   * @param commits how many transactions of the database have ended so far: it is asked anew only where there was one
   */
  hasCome(commits: number): boolean {
    if (!this.#client.isOpen) return true;
    if (this.#asOf !== commits && !this.#client.inTransaction) {
      this.#asOf = commits;
      this.#client.query('');
    }
    this.#come.push(...this.#client.notifications());
    return this.#come.length > 0 || !this.#client.isOpen;
  }

  take(): readonly Notification[] {
    return this.#come.splice(0);
  }
}
