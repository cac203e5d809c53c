// Lane programs of the roles' tests: services that a supervisor keeps, and what they start.
import { SqlError, type World, type Json } from '../../harness/lane/world.ts';
import { systemctl, type Verb } from '../programs/supervisor/systemctl.ts';

/**
 * @property lifeMs until it ends by itself; default: it runs until it is stopped
 * @property code it exits with then; 0 returns
 * @property deaf it goes on for 100 s after SIGTERM
 * @property worker name of a process that it starts
 */
interface ServiceArgs {
  readonly lifeMs?: number;
  readonly code?: number;
  readonly deaf?: boolean;
  readonly worker?: string;
}

const endless = 10 ** 9;

/** A service under a supervisor. */
export function service(world: World, args: Json): void {
  const { lifeMs = endless, code = 0, deaf = false, worker: child } = (args ?? {}) as ServiceArgs;
  world.observe('service-up', { process: world.process, args });
  if (child !== undefined) world.spawn('worker', `${world.process}.${child}`);
  world.sleep(lifeMs);
  if (deaf) sleepThroughEverything(world);
  world.observe('service-down', { process: world.process, stopping: world.stopping() });
  if (code !== 0) world.exit(code);
}

/** SIGTERM ends a lane's sleeps, but not those of SQLite's busy handler. */
function sleepThroughEverything(world: World): void {
  const holder = world.open('busy.db');
  const waiter = world.open('busy.db', { busyTimeoutMs: 100_000 });
  holder.exec('BEGIN IMMEDIATE');
  try {
    waiter.exec('BEGIN IMMEDIATE');
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    world.observe('service-woke', { process: world.process });
  }
}

/** A process that a service leaves running. */
export function worker(world: World): void {
  world.sleep(endless);
  world.observe('worker-down', { process: world.process, stopping: world.stopping() });
}

interface AskerArgs {
  readonly asks: readonly { readonly atMs: number; readonly verb: Verb; readonly unit: string }[];
}

/** Somebody who types systemctl and reads what it answers. */
export function asker(world: World, args: Json): void {
  const began = world.now();
  for (const { atMs, verb, unit } of (args as unknown as AskerArgs).asks) {
    world.sleep(began + atMs - world.now());
    if (world.stopping()) return;
    world.observe('answer', (systemctl(world, 'supervisor', verb, unit) ?? null) as Json);
  }
}
