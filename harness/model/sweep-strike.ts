// What a sweep does before each step: vocabulary, so that the command line can name it without loading the search.

/** A process is killed; or its step fails, as on a volume that answers EIO once, and it goes on. */
export const sweepStrikes = ['kill', 'error'] as const;
export type SweepStrike = (typeof sweepStrikes)[number];
