// What a change of QuickJS's source is, and which files tell them: what is made from QuickJS is made anew when they change.

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

export const fixesFiles = [
  'quickjs-fix.ts',
  'quickjs-fixes.ts',
  'quickjs-regexp-fixes.ts',
  'quickjs-unicode-fixes.ts',
] as const;
