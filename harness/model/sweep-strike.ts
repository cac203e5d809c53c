// What a sweep does before each step: vocabulary, so that the command line can name it without loading the search.

/**
 * A process is killed; or its step fails, as on a volume that answers EIO once, and it goes on; or the PostgreSQL server is killed, before each
 * statement and inside each COMMIT.
 */
export const sweepStrikes = ['kill', 'error', 'server-kill'] as const;
export type SweepStrike = (typeof sweepStrikes)[number];
