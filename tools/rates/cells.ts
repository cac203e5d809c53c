// What is measured: a cell each for what a run can cost. What stays out: measuring.

/** @property only an invariant that its runs do not violate: a run that fails would end the search */
export interface Cell {
  readonly scenario: string;
  readonly strategy: string;
  readonly only: string;
}

const only = 'lanes-end';

/** By its parts: commits have other names for it. */
const lean = 'safe-read+leader+quarantine+no-downgrade+no-reissue+guard';

export const cells: readonly Cell[] = [
  { scenario: 'wal-reset', strategy: 'wal', only },
  { scenario: 'wal-unlink-wedge', strategy: lean, only },
  { scenario: 'orphan-dispatcher', strategy: lean, only },
  { scenario: 'checkpoint-race', strategy: lean, only },
  { scenario: 'corrupt-board-storm', strategy: 'wal', only },
  { scenario: 'init-inode-swap', strategy: 'wal', only },
];

export function nameOf({ scenario, strategy }: Cell): string {
  return `${scenario}/${strategy}`;
}
