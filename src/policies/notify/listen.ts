import { type ServerConnection, SqlError, type World } from '../../../harness/lane/world.ts';
import type { Channel, Notify, Pauses, Rhythm } from './notify.ts';

/** The server tells of work in the transaction that makes it: whoever LISTENs hears of it once that is committed. */
export const tellingSchema = `
CREATE FUNCTION tell_ready() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NOTIFY ready_tasks; RETURN NULL; END $$;
CREATE TRIGGER tell_new AFTER INSERT ON tasks
  FOR EACH ROW WHEN (NEW.status = 'ready') EXECUTE FUNCTION tell_ready();
CREATE TRIGGER tell_ready AFTER UPDATE OF status ON tasks
  FOR EACH ROW WHEN (NEW.status = 'ready' AND OLD.status IS DISTINCT FROM 'ready') EXECUTE FUNCTION tell_ready();
CREATE FUNCTION tell_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NOTIFY task_events; RETURN NULL; END $$;
CREATE TRIGGER tell_event AFTER INSERT ON task_events
  FOR EACH ROW WHEN (NEW.kind IN ('completed', 'blocked', 'gave_up', 'crashed', 'timed_out')) EXECUTE FUNCTION tell_event()`;

/** A connection that LISTENs; undefined where the server lets nobody in. */
export function listenOn(world: World, channel: Channel): ServerConnection | undefined {
  let connection: ServerConnection | undefined;
  try {
    connection = world.connect();
    connection.query(`LISTEN ${channel}`);
    return connection;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    connection?.close();
    return undefined;
  }
}

class Listening implements Pauses {
  readonly #world: World;
  readonly #rhythm: Rhythm;
  #connection: ServerConnection | undefined;

  constructor(world: World, rhythm: Rhythm) {
    this.#world = world;
    this.#rhythm = rhythm;
  }

  /** LISTEN comes before the look: what is committed after the look is told, what was before it is seen. */
  begin(): void {
    if (this.#connection?.isOpen !== true) this.#connection = listenOn(this.#world, this.#rhythm.channel);
  }

  pause(): void {
    const { pollMs, longMs } = this.#rhythm;
    if (this.#connection === undefined) return this.#world.sleep(pollMs);
    try {
      this.#connection.notifications({ timeoutMs: longMs });
    } catch (error) {
      if (!(error instanceof SqlError)) throw error; // the connection is gone: what was told since then nobody knows, so it looks
    }
  }

  end(): void {
    this.#connection?.close();
  }
}

export const listen: Notify = {
  says: 'the server tells it (LISTEN and NOTIFY), and it looks as seldom as the dispatcher would where it hears of nothing',
  schema: tellingSchema,
  pauses: (world, rhythm) => new Listening(world, rhythm),
};
