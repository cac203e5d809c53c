// How long programs that run free rest at most. What stays out: resting (free-host.ts).

/**
 * Short rests are taken in full, since they spread the processes of a round over each other. Whether that finds more than
 * running through does, `lockstep bench` measures side by side. Longer ones would only cost time.
 */
export const defaultRestMsMax = 10;
