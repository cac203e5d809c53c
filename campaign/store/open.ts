// Opens the store that `--store` names: a folder, or a PostgreSQL server by its address. What stays out: what is kept in it.
import { type LockstepErrorKind, harnessError, LockstepError, usageError } from '../../harness/errors/errors.ts';
import type { Database } from './database.ts';
import { usualPatience, type Patience } from './patience.ts';
import { shownAddress } from './postgres.ts';

/**
 * @property connections to a server at most, side by side
 * @property stop asked while a server is away
 */
export interface StoreUse {
  readonly connections: number;
  readonly stop: () => boolean;
  readonly patience?: Patience;
}

/** Real milliseconds that a server may take to answer for the first time. */
const firstMs = 30_000;

/** Is this the address of a server? */
export function isAddress(store: string): boolean {
  return /^postgres(ql)?:\/\//.test(store);
}

/** Is a password part of the address? One that cannot be read may have one. */
export function hasPassword(store: string): boolean {
  if (!isAddress(store)) return false;
  const parsed = URL.parse(store);
  return parsed === null ? /:[^/@]*@/.test(store) : parsed.password !== '' || parsed.searchParams.has('password');
}

/**
 * @param store a folder, made where there is none, or `postgres://…`
 * @throws a usage error when a folder is in use or cannot be written, or a server refuses us; a harness error when it does not answer
 */
export async function openStore(store: string, { patience = usualPatience, ...use }: StoreUse): Promise<Database> {
  if (isAddress(store)) {
    const { openServer } = await import('./postgres.ts');
    // A wrong address shall not be waited for as long as a server that was there and is away.
    const asked = openServer(store, {
      ...use,
      patience: { ...patience, wholeMs: Math.min(patience.wholeMs, firstMs) },
    });
    try {
      await asked.query('SELECT 1');
    } catch (error) {
      throw refused(shownAddress(store), error, 'usage');
    } finally {
      await asked.close();
    }
    return openServer(store, { ...use, patience });
  }
  const { openFolder } = await import('./folder.ts');
  try {
    return await openFolder(store);
  } catch (error) {
    throw refused(store, error, 'harness');
  }
}

function refused(shown: string, error: unknown, kind: LockstepErrorKind): Error {
  if (error instanceof LockstepError) return error;
  const why = error instanceof Error ? error.message : String(error);
  const make = kind === 'usage' ? usageError : harnessError;
  const remedy =
    kind === 'usage'
      ? 'Look at the address and at who may connect; a password belongs into PGPASSWORD, not on the command line.'
      : 'Name another folder with --store.';
  return make('STORE_UNUSABLE', `The store ${shown} cannot be opened: ${why}.`, remedy, error);
}
