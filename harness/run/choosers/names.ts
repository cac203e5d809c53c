// The names of choosers, and what is taken where none is said: for whoever asks for one and makes no run. What stays out: the choosers
// themselves (catalogue.ts).

/** Choosers that make one schedule by themselves. */
export const baseChooserNames = ['preemptions', 'pct', 'surw', 'pos', 'acts', 'replay'] as const;
export type BaseChooserName = (typeof baseChooserNames)[number];

/** Choosers that go over others. */
export const overChooserNames = ['portfolio', 'feedback'] as const;

/** All that make one run after the other. */
export const randomChooserNames = [...baseChooserNames, ...overChooserNames] as const;
export type RandomChooserName = (typeof randomChooserNames)[number];

/** Bugs that need three ordered steps, as the WAL-reset bug does, and fewer. */
export const defaultDepth = 3;

/** Who chooses schedules where nobody says who. */
export const defaultChooser = 'portfolio' satisfies RandomChooserName;

/** What `feedback` replaces draws of, where nothing else is said. */
export const defaultOver = 'preemptions' satisfies BaseChooserName;

/** All that `--chooser` takes. */
export const chooserNames = [
  'preemptions',
  'pct',
  'surw',
  'pos',
  'acts',
  'portfolio',
  'feedback',
  'exhaustive',
  'replay',
] as const satisfies readonly (RandomChooserName | 'exhaustive')[];
export type ChooserName = (typeof chooserNames)[number];

/** Those of which any run can be made by itself: `feedback` needs those before it. */
export const separateChooserNames = chooserNames.filter(
  (name): name is Exclude<RandomChooserName, 'feedback'> => name !== 'exhaustive' && name !== 'feedback',
);
