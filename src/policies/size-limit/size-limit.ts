// The axis `sizeLimit`: to what length a WAL or journal that is longer is cut when it is begun anew.
import type { PolicyValue } from '../axis.ts';

/** @property bytes as `PRAGMA journal_size_limit` takes them; undefined: the pragma is not issued */
export interface SizeLimit extends PolicyValue {
  readonly bytes: number | undefined;
}
