// Runs works that are of use only together. What stays out: how many may run at once (slots.ts).

/**
 * Starts works, and ends when all have ended. When one fails, or when they are told to stop, the signal tells all.
 *
 * @throws the error of the work that failed first
 */
export async function together(
  told: AbortSignal | undefined,
  start: (signal: AbortSignal) => readonly Promise<void>[],
): Promise<void> {
  const stop = new AbortController();
  const works = start(told === undefined ? stop.signal : AbortSignal.any([told, stop.signal]));
  try {
    await Promise.all(works);
  } catch (error) {
    stop.abort();
    throw error;
  } finally {
    await Promise.allSettled(works);
  }
}
