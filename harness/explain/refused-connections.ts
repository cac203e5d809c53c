// Connections that the run's PostgreSQL server refused, since all that it gives were taken: who had them, and how many nobody would give back
// any more. What stays out: whose harm it is (tell-circumstances.ts).
import { processOf } from '../model/names.ts';
import type { TraceStep } from '../model/step.ts';
import { cameOf, type ServerClient, ServerClients } from '../observe/server-clients.ts';
import type { Telling } from './telling.ts';
import { listOf } from './words.ts';

/** too_many_connections (PostgreSQL's documentation, appendix A). */
const tooMany = '53300';

/** @property leaked those of lanes that had ended, while their process lived on: nobody can close them but its end */
interface RefusedConnection {
  readonly step: number;
  readonly lane: string;
  readonly open: readonly ServerClient[];
  readonly leaked: readonly ServerClient[];
}

/** Follows the steps of a run: the first refusal of it. */
export class RefusedConnections {
  readonly #clients = new ServerClients();
  /** Lanes that have ended by themselves. */
  readonly #ended = new Set<string>();
  first: RefusedConnection | undefined;

  see(step: TraceStep): void {
    const { op, lane } = step;
    if (this.first !== undefined || !['statement', 'ask', 'end'].includes(op)) return;
    if (op === 'statement' && cameOf(step).sqlstate === tooMany) {
      const open = this.#clients.all;
      this.first = { step: step.step, lane, open, leaked: open.filter((one) => this.#ended.has(one.lane)) };
    }
    this.#clients.take(step);
    if (op === 'end') this.#ended.add(lane);
  }
}

function shares(clients: readonly ServerClient[]): string {
  const byProcess = [...Map.groupBy(clients, ({ lane }) => processOf(lane))].map(
    ([process, own]) => [process, own.length] as const,
  );
  return listOf(
    byProcess.toSorted(([, a], [, b]) => b - a).map(([process, count]) => `${count} of ${process}`),
    8,
  );
}

export function tellRefusedConnection(telling: Telling, { step, lane, open, leaked }: RefusedConnection): void {
  const [oldest] = leaked.toSorted((a, b) => a.step - b.step);
  const left =
    oldest === undefined
      ? ''
      : ` ${leaked.length} of them had been left open by lanes that had ended, the oldest by ${oldest.lane} since step ${oldest.step}: ` +
        'nobody gives them back as long as their process lives.';
  telling.add(`refused connection ${step}`, {
    step,
    kind: 'error',
    sentence: `The server refused ${lane} a connection (${tooMany}), since all ${open.length} that it gives were taken: ${shares(open)}.${left}`,
    lanes: [lane, ...(oldest === undefined ? [] : [oldest.lane])],
    ...(oldest === undefined ? {} : { also: [{ step: oldest.step, lane: oldest.lane }] }),
  });
}
