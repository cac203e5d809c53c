// The axis `downgrade`: what becomes of a connect whose `PRAGMA journal_mode=WAL` fails.
import type { SqlError } from '../../../harness/lane/world.ts';
import type { PolicyValue } from '../axis.ts';

export interface Downgrade extends PolicyValue {
  /** Mode to go on with after this error; undefined: the connect fails. */
  modeAfter(error: SqlError): 'DELETE' | undefined;
}
