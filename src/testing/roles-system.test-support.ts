// The simulated system as the roles' tests run it: all programs, an empty board, and settings that say only what a test
// is about. What stays out: running it, which needs the harness.
import type { Json } from '../../harness/lane/world.ts';
import type { BoardSettings } from '../programs/board/settings.ts';
import { ledgerParts } from '../board-file/row-names.ts';
import { ledgerName } from '../programs/board/write-txn.ts';
import type { ChatMessage, GatewaySettings } from '../programs/gateway/settings.ts';
import { asReported, type Policies } from '../policies/catalogue.ts';
import { programs } from '../programs/catalogue.ts';

const module = new URL('./roles-programs.test-support.ts', import.meta.url).href;
const own = ['service', 'worker', 'asker'] as const;

/** A board that does not damage itself: no raw read while it is open. */
export function boardOf(policies: Partial<Policies> = {}): BoardSettings {
  return { file: 'kanban.db', policies: { ...asReported, probe: 'tracked', ...policies } };
}

/** A message that creates a task, one second after the gateway's start, which a worker completes in a second. */
export function message(more: Partial<ChatMessage['order']> & { readonly atMs?: number } = {}): ChatMessage {
  const { atMs = 1000, ...order } = more;
  return {
    atMs,
    order: { thinkMs: 1000, heartbeats: 1, verdict: 'complete', ...order },
    afterPrevious: false,
    leaks: false,
  };
}

/** Settings of a gateway of profile `p` that takes no time for what it does. */
export function gatewayOf(more: Partial<GatewaySettings> = {}): GatewaySettings {
  return { board: boardOf(), profile: 'p', spawnMs: 0, workerStartMs: 0, sendMs: 0, messages: [], ...more };
}

export function start(name: string, program: string, args: object | null = null) {
  return { name, program, args: args as Json };
}

export const rolesSystem = {
  name: 'roles',
  database: boardOf().file,
  programs: { ...programs, ...Object.fromEntries(own.map((name) => [name, { module, export: name }])) },
  setup: () => start('init', 'init', boardOf()),
  queries: { [ledgerName]: ledgerParts },
};
