// One use of the board in the lane that has the connection: from the locks and the connect to the close, as the policies
// say, and the connections that outlive their use. What stays out: what is done with the board (operations.ts), and uses
// that another lane or process does (remote.ts).
import type { Connection, Flock, Json, World } from '../../../harness/lane/world.ts';
import { behaviourOf, type Policies } from '../../policies/catalogue.ts';
import type { BoardUse } from '../../policies/corruption/corruption.ts';
import { none as noRecovery } from '../../policies/recovery/none.ts';
import { BoardError, boardCode, during, saysCorrupt } from '../../board-file/board-error.ts';
import { connect, disconnect, makeTables } from './connect.ts';
import { divert } from './generation.ts';
import { LiveConnection } from './live-connection.ts';
import { takeFileLock } from '../../board-file/file-lock.ts';
import { type OperationArgs, type OperationName, type OperationResult, perform } from './operations.ts';
import { connectToServer } from './server-board.ts';
import type { BoardSettings } from './settings.ts';

/**
 * @property by process that wants the use; default: this one
 * @property dispatches it is a tick of the dispatcher, which v0.14 disables on its own (policies/corruption/as-reported.ts)
 * @property keeps the connection outlives the use whatever the policy says: a server's
 */
export interface SessionOptions {
  readonly by?: string;
  readonly dispatches?: boolean;
  readonly keeps?: boolean;
}

/** Connections that outlive their uses, by lane and file. A World lasts for one lane in one run. */
const kept = new WeakMap<World, Map<string, Connection>>();

function keptBy(world: World): Map<string, Connection> {
  const found = kept.get(world) ?? new Map<string, Connection>();
  kept.set(world, found);
  return found;
}

/** A use of the board as the policies see it. */
export function useOf(world: World, { file, policies }: BoardSettings, dispatches = false): BoardUse {
  const probe = behaviourOf(policies, 'probe');
  return { world, file, dispatches, raw: (read) => probe.raw(world, file, read) };
}

/** Closes what the policies have kept open in this lane. */
export function closeKept(world: World, settings: BoardSettings): void {
  const connections = keptBy(world);
  const connection = connections.get(settings.file);
  if (connection === undefined) return;
  connections.delete(settings.file);
  disconnect(useOf(world, settings), settings.policies, connection);
}

/** Opens a connection, reads once, and keeps it open unused: the sentinel. @throws BoardError */
export function pin(world: World, settings: BoardSettings): void {
  const session = new Session(world, settings, { keeps: true });
  try {
    session.do('ready_tasks', {});
  } finally {
    session.close();
  }
}

/** A connection as the policies want it. @throws BoardError */
function open(use: BoardUse, policies: Policies): Connection {
  if (behaviourOf(policies, 'store').onServer) return connectToServer(use, policies);
  const { looks } = behaviourOf(policies, 'identity');
  const recovery = behaviourOf(policies, 'recovery');
  if (!looks && recovery === noRecovery) return connect(use, policies);
  const habits = { looks, saves: !recovery.keepsAll, leavesOpen: behaviourOf(policies, 'journal').mode === 'WAL' };
  return new LiveConnection(use, habits, () => connect(use, policies));
}

/** The same; a board that turns out to be damaged is mended where the policy does that, and opened once more. */
function openMended(use: BoardUse, policies: Policies): Connection {
  try {
    return open(use, policies);
  } catch (error) {
    if (!(error instanceof BoardError)) throw error;
    if (!mend(use, policies, error)) throw error;
    return open(use, policies);
  }
}

function mend(use: BoardUse, policies: Policies, error: BoardError): boolean {
  const recovery = behaviourOf(policies, 'recovery');
  return during('repair', () =>
    behaviourOf(policies, 'corruption').mend(use, error, {
      makeTables,
      recover() {
        if (recovery === noRecovery) return false;
        recovery.locked(use, 'repair', () => recovery.bringForward(use, 'damaged'));
        return true;
      },
    }),
  );
}

export class Session {
  readonly #world: World;
  readonly #settings: BoardSettings;
  readonly #options: SessionOptions;
  readonly #use: BoardUse;
  readonly #keeps: boolean;
  readonly #lock: Flock | undefined;
  readonly #admitted: string | undefined;
  #connection: Connection | undefined;
  #failure: BoardError | undefined;

  /** @throws BoardError when the board cannot be had; nothing is held then */
  constructor(world: World, settings: BoardSettings, options: SessionOptions = {}) {
    const { file, policies } = settings;
    this.#world = world;
    this.#settings = settings;
    this.#options = options;
    this.#use = useOf(world, settings, options.dispatches);
    this.#keeps = options.keeps ?? behaviourOf(policies, 'connections').keeps;
    if (!behaviourOf(policies, 'store').onServer) {
      behaviourOf(policies, 'recreation').admit(this.#use);
      this.#admitted = behaviourOf(policies, 'corruption').admit(this.#use);
    }
    if (this.#keeps) this.#connection = keptBy(world).get(file);
    if (this.#connection !== undefined) return;
    const own = behaviourOf(policies, 'lock');
    this.#lock = takeFileLock(world, own.session(file), own.waitsMsMost, 'sqlite3.connect');
    try {
      this.#connect();
    } catch (error) {
      if (error instanceof BoardError) this.#failure = error;
      this.close();
      throw error;
    }
  }

  /** @throws BoardError */
  do<N extends OperationName>(name: N, args: OperationArgs<N>): OperationResult<N> {
    try {
      return this.#perform(name, args);
    } catch (error) {
      if (!(error instanceof BoardError)) throw error;
      if (this.#mayReopen(error)) return this.#again(name, args);
      if (error.code === boardCode.generationGone)
        divert(this.#world, this.#settings.file, name, args as unknown as Json);
      this.#failure ??= error;
      throw error;
    }
  }

  close(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined && !this.#keeps) disconnect(this.#use, this.#settings.policies, connection);
    this.#settle();
  }

  /** Gives the lock of the use back, and leaves the connection open. */
  forget(): void {
    this.#connection = undefined;
    this.#settle();
  }

  #settle(): void {
    this.#lock?.release();
    const failure = this.#failure;
    if (failure === undefined) return;
    this.#failure = undefined;
    const { policies } = this.#settings;
    const corruption = behaviourOf(policies, 'corruption');
    if (this.#keeps && corruption.dropsKept && saysCorrupt(failure)) closeKept(this.#world, this.#settings);
    corruption.met(this.#use, failure, this.#admitted);
    try {
      mend(this.#use, policies, failure);
    } catch (error) {
      // Whoever meets the damage next mends it; this use has an error of its own to tell.
      if (!(error instanceof BoardError)) throw error;
    }
  }

  #connect(): void {
    this.#connection = openMended(this.#use, this.#settings.policies);
    if (this.#keeps) keptBy(this.#world).set(this.#settings.file, this.#connection);
  }

  #mayReopen({ code }: BoardError): boolean {
    const { policies } = this.#settings;
    if (code === boardCode.generationGone) return behaviourOf(policies, 'generation').reopens;
    return this.#keeps && behaviourOf(policies, 'connections').reopensOn(code);
  }

  /** Closes, opens anew, and tries the operation once more: what it did before it failed is done twice then. */
  #again<N extends OperationName>(name: N, args: OperationArgs<N>): OperationResult<N> {
    try {
      const connection = this.#connection;
      this.#connection = undefined;
      if (this.#keeps) closeKept(this.#world, this.#settings);
      else if (connection !== undefined) disconnect(this.#use, this.#settings.policies, connection);
      this.#connect();
      return this.#perform(name, args);
    } catch (error) {
      if (error instanceof BoardError) this.#failure ??= error;
      throw error;
    }
  }

  #perform<N extends OperationName>(name: N, args: OperationArgs<N>): OperationResult<N> {
    const connection = this.#connection;
    if (connection === undefined) throw new Error(`The board was used after it was closed: ${name}.`);
    if (connection instanceof LiveConnection && connection.isReplaced()) connection.renew();
    const by = this.#options.by ?? this.#world.process;
    return perform({ world: this.#world, connection, settings: this.#settings, by }, name, args);
  }
}

/** Does the board bring back by itself what was taken away? */
export function recovers({ policies }: BoardSettings): boolean {
  return behaviourOf(policies, 'recovery').recoversMsMost !== null;
}
