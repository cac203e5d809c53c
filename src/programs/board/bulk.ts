// A board that has been in use for months: what its workers have written into comments makes it large. What stays out: when there is such
// a board (the scenarios).
import type { BoardContext } from './context.ts';
import { newMark, seconds, writeTxn } from './write-txn.ts';

/** Of one comment. The 23 MB board of the reports is some 700 of them. */
const commentKiB = 32;

/** Comments of an archived task, so many KiB of them and what that task takes. Nobody works on it. */
export function addBulk(context: BoardContext, { kib }: { readonly kib: number }): void {
  const { world, connection } = context;
  writeTxn(context, 'add_bulk', (ledger) => {
    const task = `t_${newMark(world)}`;
    connection.run(
      `INSERT INTO tasks(id, title, status, priority, created_by, created_at) VALUES(?, 'Old work', 'archived', 0, ?, ?)`,
      task,
      world.process,
      seconds(world),
    );
    ledger.add('task', task);
    for (let left = kib; left > 0; left -= commentKiB) {
      const mark = newMark(world);
      const body = `${'x'.repeat(Math.min(left, commentKiB) * 1024 - mark.length)}${mark}`;
      connection.run(
        "INSERT INTO task_comments(task_id, author, body, created_at) VALUES(?, 'verifier', ?, ?)",
        task,
        body,
        seconds(world),
      );
      ledger.add('comment', mark);
    }
  });
}
