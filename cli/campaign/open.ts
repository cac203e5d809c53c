// Opens what the commands about campaigns work with: the store, the campaign in it, its queue. What stays out: what they do with it.
import { makeTables } from '../../campaign/store/schema.ts';
import type { Database } from '../../campaign/store/database.ts';
import { hasPassword, isAddress, openStore } from '../../campaign/store/open.ts';
import { Ledger } from '../../campaign/ledger.ts';
import { Queue } from '../../campaign/queue.ts';
import { sayError, usageError } from '../../harness/errors/errors.ts';
import type { Interrupt } from '../interrupt.ts';
import type { Output } from '../output.ts';

/** For each job of a worker: its statements, and some that beat. */
const connectionsBeside = 4;

/** Everybody on the machine can read a command line; the environment of a process only its owner can. */
function refusePassword(store: string): void {
  if (!hasPassword(store) || store === process.env['LOCKSTEP_STORE']) return;
  throw usageError(
    'PASSWORD_SHOWN',
    'The address that --store gives has a password in it, which everybody on this machine can read.',
    'Leave it out and give it as PGPASSWORD, or give the whole address as LOCKSTEP_STORE.',
  );
}

/** Runs a body with the store, and closes it whatever happens. */
export async function withStore<T>(
  store: string,
  interrupt: Interrupt,
  body: (database: Database) => Promise<T>,
  jobs = 1,
): Promise<T> {
  refusePassword(store);
  const database = await openStore(store, { connections: jobs + connectionsBeside, stop: () => interrupt.requested });
  try {
    await makeTables(database);
    return await body(database);
  } finally {
    await database.close();
  }
}

/** Runs a body with the queue of a campaign. */
export async function withQueue<T>(
  output: Output,
  database: Database,
  name: string,
  body: (queue: Queue, ledger: Ledger) => Promise<T>,
): Promise<T> {
  const queue = await Queue.open(database, name, { onTrouble: (error) => tellTrouble(output, error) });
  try {
    return await body(queue, new Ledger(database, queue, name));
  } finally {
    await queue.close().catch((error: unknown) => tellTrouble(output, error));
  }
}

/** What went wrong in the background and is tried again: a line, no end. */
export function tellTrouble(output: Output, error: unknown): void {
  const { message } = sayError(error, 'QUEUE_TROUBLE');
  output.progress(`the store: ${message.split('\n')[0] ?? ''}: it is tried again`);
}

/** How somebody else joins, as a command; undefined where nobody can. */
export function joinCommand(store: string, name: string): string | undefined {
  if (!isAddress(store)) return undefined;
  return `npx lockstep campaign work --name ${name} --store postgres://HOST/DATABASE`;
}
