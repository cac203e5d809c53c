// Something that somebody says about a cell, and who says it. What stays out: what runs say of it (judge-claim.ts).

/**
 * Where a claim comes from.
 *
 * reported: by a user, in the issue named · measured: by us or by someone with a method, as named · documented: by
 * SQLite, in the document named
 */
export interface ClaimSource {
  readonly by: 'reported' | 'measured' | 'documented';
  readonly where: string;
}

/**
 * Something that somebody says about a cell (strategy × engine), which runs confirm or refute.
 *
 * @property expects `violation`: some run violates one of `invariants` (default: any); `none`: no run does
 */
export interface Claim {
  readonly claim: string;
  readonly source: ClaimSource;
  readonly strategy: string;
  readonly engine: string;
  readonly expects: 'violation' | 'none';
  readonly invariants?: readonly string[];
}
