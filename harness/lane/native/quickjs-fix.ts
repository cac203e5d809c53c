/**
 * A change of QuickJS's source.
 *
 * @property was stands exactly `times` times in the file (default once)
 */
export interface Fix {
  readonly was: string;
  readonly now: string;
  readonly times?: number;
}
