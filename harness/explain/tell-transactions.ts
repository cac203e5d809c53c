// Sentences about transactions: which an error ended, and which was overtaken by the commit of another lane between its
// read and its write. What stays out: rows (tell-rows.ts).
import type { Overtaken, TransactionFailed } from './transactions.ts';
import type { Telling } from './telling.ts';
import { operationOf } from './words.ts';

export function tellFailed(telling: Telling, event: TransactionFailed): void {
  const { step, lane, name, began, failed, again } = event;
  const after =
    again === undefined
      ? ''
      : ` What it wrote from step ${again} on stands in other transactions, whatever it believed to be in.`;
  telling.add(event, {
    step: failed.step,
    kind: 'transaction',
    sentence:
      `The transaction of ${lane} on ${name}, begun at step ${began}, ended by an error: its ${operationOf(failed) ?? failed.op} met ` +
      `${failed.rc}, and at step ${step} the write lock was given back with nothing committed: such an error rolls back the ` +
      `whole transaction, and the connection is in autocommit again.${after}`,
    lanes: [lane],
  });
}

export function tellOvertaken(telling: Telling, event: Overtaken): void {
  const { step, lane, name, read, by, refused } = event;
  telling.add(event, {
    step,
    kind: 'transaction',
    sentence: refused
      ? `${lane} had read ${name} in its transaction from step ${read} on when ${by.lane} committed at step ${by.step}; so ` +
        `it was not let to write at step ${step}: its snapshot is not the newest any more (SQLITE_BUSY_SNAPSHOT), and no ` +
        `waiting makes it so.`
      : `${lane} read ${name} from step ${read} on, and wrote to it from step ${step} on in another transaction; ` +
        `between the two ${by.lane} committed at step ${by.step}, of which that read knew nothing.`,
    lanes: [lane, by.lane],
  });
}
