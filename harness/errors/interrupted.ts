// The end of a run that somebody at the keyboard, or a limit of time, did not want to go on.

/** The run was stopped by the person at the keyboard: it has no outcome. */
export class RunInterrupted extends Error {}
