// What an explanation consists of: facts, each a sentence pinned to a step. What stays out: how facts are found.

/** What a fact is about, for those who colour or filter: not every kind occurs in every explanation. */
export type FactKind =
  | 'fault'
  | 'preempted'
  | 'lock-held'
  | 'lock-lost'
  | 'granted-against'
  | 'file-lost'
  | 'overwritten'
  | 'mispaired'
  | 'split-index'
  | 'checkpoint'
  | 'wal-reset'
  | 'frames-skipped'
  | 'wrote-astray'
  | 'rows-lost'
  | 'second-name'
  | 'copied'
  | 'waited'
  | 'transaction'
  | 'said'
  | 'led-there'
  | 'error'
  | 'violation'
  | 'end';

/**
 * One link of the chain that led to a violation.
 *
 * @property step number of the step that it happened at; null for what is known of the run as a whole
 * @property sentence with logical names and step numbers only: no process ids, inodes or paths
 * @property lanes who had a part in it, the one who acted first
 * @property also further steps that it tells of, and who took them: marks for whoever draws it
 */
export interface ExplainedFact {
  readonly step: number | null;
  readonly kind: FactKind;
  readonly sentence: string;
  readonly lanes: readonly string[];
  readonly also?: readonly { readonly step: number; readonly lane: string }[];
}
