// The notifier of a gateway: every 5 s, or when it is told of some (policies/notify), it claims the events that its chats have not
// heard of and delivers them; each move of a cursor afterwards is a connection of its own. Once an hour it clears old events away. What stays out: the SQL
// (programs/board).
import type { World, Json } from '../../../harness/lane/world.ts';
import { type Board, withBoard } from '../board/board.ts';
import type { Claimed, Sub } from '../board/subscriptions.ts';
import { behaviourOf } from '../../policies/catalogue.ts';
import { asLane } from './lanes.ts';
import type { TickReport } from '../process/quiet.ts';
import { type GatewayConfig, gatewayConfig, initialSleepMs, notifyIntervalMs } from './settings.ts';
import { watch } from './watch.ts';

/** Program of the thread. */
export function notifier(world: World, args: Json): void {
  const config = gatewayConfig(args);
  const own = new Notifier(world, config);
  asLane(world, config, () => {
    const pauses = behaviourOf(config.board.policies, 'notify').pauses(world, {
      channel: 'task_events',
      pollMs: notifyIntervalMs,
      longMs: config.dispatchIntervalMs,
    });
    const rhythm = { lane: 'notifier', firstMs: initialSleepMs, pauses };
    watch(
      world,
      rhythm,
      () => own.tick(),
      () => own.nextGcMs,
    );
  });
}

const gcEveryMs = 3_600_000;
const keepEventsSeconds = 30 * 86_400;

/** What a subscriber has not heard of; its cursor already stands behind it. */
type Delivery = Claimed & { readonly sub: Sub };

class Notifier {
  readonly #world: World;
  readonly #config: GatewayConfig;
  #sends = 0;
  nextGcMs: number;

  constructor(world: World, config: GatewayConfig) {
    this.#world = world;
    this.#config = config;
    this.nextGcMs = world.now() + gcEveryMs;
  }

  tick(): TickReport {
    const cleared = this.#gc();
    const deliveries = this.#use((board) => this.#claim(board));
    for (const delivery of deliveries) this.#deliver(delivery);
    return { idle: !cleared && deliveries.length === 0, dueMs: this.nextGcMs };
  }

  /** Is due again an hour later, whether it went well or not. */
  #gc(): boolean {
    if (this.#world.now() < this.nextGcMs) return false;
    this.nextGcMs = this.#world.now() + gcEveryMs;
    this.#use((board) => board.do('gc', { olderThanSeconds: keepEventsSeconds }));
    return true;
  }

  #claim(board: Board): readonly Delivery[] {
    return board
      .do('list_notify_subs', { profile: this.#config.profile })
      .map((sub) => ({ sub, ...board.do('claim_unseen_events_for_sub', { task: sub.task, chat: sub.chat }) }))
      .filter(({ events }) => events.length > 0);
  }

  /** A refused notice puts the cursor back before it; a task that is done has no more to tell. */
  #deliver({ sub: { task, chat }, before, after, events }: Delivery): void {
    let heard = before;
    for (const { event, kind } of events) {
      this.#world.sleep(this.#config.sendMs);
      if (this.#config.failingSends.includes(++this.#sends)) {
        this.#use((board) => board.do('rewind_notify_cursor', { task, chat, claimed: after, to: heard }));
        return;
      }
      this.#world.observe('notified', { task, kind, by: this.#world.process });
      heard = event;
    }
    this.#use((board) => board.do('advance_notify_cursor', { task, chat, to: after }));
    if (events.some(({ kind }) => kind === 'completed'))
      this.#use((board) => board.do('remove_notify_sub', { task, chat }));
  }

  #use<T>(body: (board: Board) => T): T {
    return withBoard(this.#world, this.#config.board, body);
  }
}
