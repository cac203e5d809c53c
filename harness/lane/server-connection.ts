// A lane's connection to the run's PostgreSQL server: the coordinator holds the socket, as the network would, and closes it when this
// process is dead. What stays out: the server.
import type { Asked, NotificationsAnswer, ServerAnswer } from '../model/request.ts';
import type { Json } from '../model/values.ts';
import { type ServerConnection, SqlError } from './world.ts';

type Ask = (request: Asked) => Json | undefined;

function errorOf({ sqlstate, message }: { readonly sqlstate: string; readonly message: string }): SqlError {
  return new SqlError(`SQLSTATE_${sqlstate}`, message);
}

/** @throws SqlError where it is refused */
export function connectServer(ask: Ask): ServerConnection {
  const made = ask({ kind: 'connect' });
  if (typeof made !== 'number')
    throw errorOf(made as unknown as { readonly sqlstate: string; readonly message: string });
  let isOpen = true;
  let isClosed = false;
  let inTransaction = false;
  return {
    get isOpen() {
      return isOpen;
    },
    get inTransaction() {
      return inTransaction;
    },
    query(sql, bind = [], { timeoutMs } = {}) {
      if (!isOpen) throw new SqlError('SQLSTATE_08003', 'the connection to the server is closed');
      const answer = ask({ kind: 'statement', connection: made, sql, bind, timeoutMs }) as unknown as ServerAnswer;
      isOpen = answer.isOpen;
      inTransaction = answer.isOpen && answer.inTransaction;
      if ('sqlstate' in answer) throw errorOf(answer);
      return { rows: answer.rows, changes: answer.changes };
    },
    notifications({ timeoutMs } = {}) {
      if (!isOpen) throw new SqlError('SQLSTATE_08003', 'the connection to the server is closed');
      const answer = ask({ kind: 'notifications', connection: made, timeoutMs }) as unknown as NotificationsAnswer;
      if (!('sqlstate' in answer)) return answer.notifications;
      isOpen = false;
      inTransaction = false;
      throw errorOf(answer);
    },
    close() {
      if (!isClosed) ask({ kind: 'disconnect', connection: made });
      isClosed = true;
      isOpen = false;
      inTransaction = false;
    },
  };
}
